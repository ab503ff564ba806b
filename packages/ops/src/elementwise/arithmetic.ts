import type { OpTable } from "../core/opTable.js";
import { type BinaryFn, binaryOps, call } from "./binaryOps.js";
import { call as callUnary, type UnaryFn, unaryOps } from "./unaryOps.js";

/** The four operations. */
export const arithmetic: OpTable<BinaryFn> = binaryOps({
  add: {
    expr: call("add"),
    vjp: [(head) => head, (head) => head],
    commutative: true,
    docs: "`a + b`, broadcast.",
  },
  sub: {
    expr: call("sub"),
    vjp: [(head) => head, (head) => negative(head)],
    docs: "`a - b`, broadcast.",
  },
  mul: {
    expr: call("mul"),
    vjp: [(head, _a, b) => mul(head, b), (head, a) => mul(head, a)],
    commutative: true,
    docs: "`a * b`, broadcast.",
  },
  div: {
    expr: call("div"),
    vjp: [(head, _a, b) => div(head, b), (head, a, b) => negative(mul(head, div(a, mul(b, b))))],
    docs: "`a / b`, broadcast; integers truncate, and refuse division by 0.",
  },
});

export const negation: OpTable<UnaryFn> = unaryOps({
  negative: {
    expr: callUnary("neg"),
    vjp: (head) => negative(head),
    exact: true,
    docs: "`-x`.",
  },
});

/**
 * `a + b`, broadcast.
 *
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ
 * @derivative 1 to both, summed over broadcast axes
 * @example
 * ```ts
 * nd.add(nd.array([1, 2]), 3); // [4. 5.]
 * ```
 */
export const add: BinaryFn = arithmetic.fn("add");

/**
 * `a - b`, broadcast.
 *
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ
 * @derivative 1 to `a`, -1 to `b`, summed over broadcast axes
 * @example
 * ```ts
 * nd.sub(nd.array([1, 2]), 3); // [-2. -1.]
 * ```
 */
export const sub: BinaryFn = arithmetic.fn("sub");

/**
 * `a * b`, broadcast.
 *
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ
 * @derivative `b` to `a` and `a` to `b`, summed over broadcast axes
 * @example
 * ```ts
 * nd.mul(nd.array([1, 2]), 3); // [3. 6.]
 * ```
 */
export const mul: BinaryFn = arithmetic.fn("mul");

/**
 * `a / b`, broadcast; integers truncate towards 0.
 *
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ;
 *   ArgumentError, when it runs, for an integer divided by 0
 * @derivative `1/b` and `-a/b**2`, summed over broadcast axes; infinite or NaN where `b` is 0
 * @edges floats by 0: infinite, NaN for 0 / 0
 * @example
 * ```ts
 * nd.div(nd.array([1, 2]), 4); // [0.25 0.5 ]
 * ```
 */
export const div: BinaryFn = arithmetic.fn("div");

/**
 * `-x`.
 *
 * @derivative -1
 * @edges 0 gives -0; unsigned integers wrap around
 * @example
 * ```ts
 * nd.negative(nd.array([-1, 0, 2])); // [ 1. -0. -2.]
 * ```
 */
export const negative: UnaryFn = negation.fn("negative");
