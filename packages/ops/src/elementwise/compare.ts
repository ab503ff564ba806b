import type { OpTable } from "../core/opTable.js";
import { type BinaryFn, type BinaryRow, binaryOps, call } from "./binaryOps.js";
import { call as callUnary, type UnaryFn, unaryOps } from "./unaryOps.js";

const none = "piecewise constant";

function row(fn: Parameters<typeof call>[0], docs: string, commutative = false): BinaryRow {
  return { expr: call(fn), vjp: none, commutative, docs };
}

/**
 * Comparisons and logic: 0 or 1 in the arguments' dtype. Comparisons with NaN are false, but for
 * `notEqual`.
 */
export const comparisons: OpTable<BinaryFn> = binaryOps({
  equal: row("eq", "1 where `a == b`, else 0; broadcast. Derivative 0.", true),
  notEqual: row("ne", "1 where `a != b`, else 0; broadcast. Derivative 0.", true),
  greater: row("gt", "1 where `a > b`, else 0; broadcast. Derivative 0."),
  greaterEqual: row("ge", "1 where `a >= b`, else 0; broadcast. Derivative 0."),
  lesser: row("lt", "1 where `a < b`, else 0; broadcast. Derivative 0."),
  lesserEqual: row("le", "1 where `a <= b`, else 0; broadcast. Derivative 0."),
  logicalAnd: row("and", "1 where both are nonzero, NaN included; broadcast. Derivative 0.", true),
  logicalOr: row("or", "1 where one is nonzero, NaN included; broadcast. Derivative 0.", true),
  logicalXor: row("xor", "1 where one alone is nonzero (NaN is); broadcast. Derivative 0.", true),
});

export const negatedLogic: OpTable<UnaryFn> = unaryOps({
  logicalNot: {
    expr: callUnary("not"),
    vjp: none,
    exact: true,
    docs: "1 where `x` is 0, else 0. Derivative 0.",
  },
});

/**
 * 1 where `a == b`, else 0; broadcast.
 *
 * @returns 1 and 0 in the arguments' dtype, of the broadcast shape
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges 0 where one is NaN, which equals nothing
 * @example
 * ```ts
 * nd.equal(nd.array([1, 2, 3]), 2); // [0. 1. 0.]
 * ```
 */
export const equal: BinaryFn = comparisons.fn("equal");

/**
 * 1 where `a != b`, else 0; broadcast.
 *
 * @returns 1 and 0 in the arguments' dtype, of the broadcast shape
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges 1 where one is NaN, which equals nothing
 * @example
 * ```ts
 * nd.notEqual(nd.array([1, 2, 3]), 2); // [1. 0. 1.]
 * ```
 */
export const notEqual: BinaryFn = comparisons.fn("notEqual");

/**
 * 1 where `a > b`, else 0; broadcast.
 *
 * @returns 1 and 0 in the arguments' dtype, of the broadcast shape
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges 0 where one is NaN
 * @example
 * ```ts
 * nd.greater(nd.array([1, 2, 3]), 2); // [0. 0. 1.]
 * ```
 */
export const greater: BinaryFn = comparisons.fn("greater");

/**
 * 1 where `a >= b`, else 0; broadcast.
 *
 * @returns 1 and 0 in the arguments' dtype, of the broadcast shape
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges 0 where one is NaN
 * @example
 * ```ts
 * nd.greaterEqual(nd.array([1, 2, 3]), 2); // [0. 1. 1.]
 * ```
 */
export const greaterEqual: BinaryFn = comparisons.fn("greaterEqual");

/**
 * 1 where `a < b`, else 0; broadcast.
 *
 * @returns 1 and 0 in the arguments' dtype, of the broadcast shape
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges 0 where one is NaN
 * @example
 * ```ts
 * nd.lesser(nd.array([1, 2, 3]), 2); // [1. 0. 0.]
 * ```
 */
export const lesser: BinaryFn = comparisons.fn("lesser");

/**
 * 1 where `a <= b`, else 0; broadcast.
 *
 * @returns 1 and 0 in the arguments' dtype, of the broadcast shape
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges 0 where one is NaN
 * @example
 * ```ts
 * nd.lesserEqual(nd.array([1, 2, 3]), 2); // [1. 1. 0.]
 * ```
 */
export const lesserEqual: BinaryFn = comparisons.fn("lesserEqual");

/**
 * 1 where both are nonzero, else 0; broadcast.
 *
 * @returns 1 and 0 in the arguments' dtype, of the broadcast shape
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges NaN counts as nonzero
 * @example
 * ```ts
 * nd.logicalAnd(nd.array([0, 1, 2]), nd.array([1, 1, 0])); // [0. 1. 0.]
 * ```
 */
export const logicalAnd: BinaryFn = comparisons.fn("logicalAnd");

/**
 * 1 where at least one is nonzero, else 0; broadcast.
 *
 * @returns 1 and 0 in the arguments' dtype, of the broadcast shape
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges NaN counts as nonzero
 * @example
 * ```ts
 * nd.logicalOr(nd.array([0, 1, 2]), nd.array([1, 1, 0])); // [1. 1. 1.]
 * ```
 */
export const logicalOr: BinaryFn = comparisons.fn("logicalOr");

/**
 * 1 where exactly one is nonzero, else 0; broadcast.
 *
 * @returns 1 and 0 in the arguments' dtype, of the broadcast shape
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges NaN counts as nonzero
 * @example
 * ```ts
 * nd.logicalXor(nd.array([0, 1, 2]), nd.array([1, 1, 0])); // [1. 0. 1.]
 * ```
 */
export const logicalXor: BinaryFn = comparisons.fn("logicalXor");

/**
 * 1 where `x` is 0, else 0.
 *
 * @derivative 0 everywhere: the result is piecewise constant
 * @edges 0 for NaN, which is not 0
 * @example
 * ```ts
 * nd.logicalNot(nd.array([-1, 0, 2])); // [0. 1. 0.]
 * ```
 */
export const logicalNot: UnaryFn = negatedLogic.fn("logicalNot");
