import type { OpTable } from "../core/opTable.js";
import { type BinaryFn, type BinaryRow, binaryOps, call } from "./binaryOps.js";
import { call as callUnary, type UnaryFn, unaryOps } from "./unaryOps.js";

const none = "piecewise constant";

function row(fn: Parameters<typeof call>[0], docs: string, commutative = false): BinaryRow {
  return { expr: call(fn), vjp: none, commutative, docs };
}

/** Comparisons and logic: 0 or 1 in the arguments' dtype. Comparisons with NaN are false, but for `notEqual`. */
export const comparisons: OpTable<BinaryFn> = binaryOps({
  equal: row("eq", "1 where `a == b`, else 0; broadcast. Derivative 0.", true),
  notEqual: row("ne", "1 where `a != b`, else 0; broadcast. Derivative 0.", true),
  greater: row("gt", "1 where `a > b`, else 0; broadcast. Derivative 0."),
  greaterEqual: row("ge", "1 where `a >= b`, else 0; broadcast. Derivative 0."),
  lesser: row("lt", "1 where `a < b`, else 0; broadcast. Derivative 0."),
  lesserEqual: row("le", "1 where `a <= b`, else 0; broadcast. Derivative 0."),
  logicalAnd: row("and", "1 where both are nonzero, NaN included; broadcast. Derivative 0.", true),
  logicalOr: row("or", "1 where one is nonzero, NaN included; broadcast. Derivative 0.", true),
  logicalXor: row("xor", "1 where exactly one is nonzero, NaN included; broadcast.", true),
});

export const negatedLogic: OpTable<UnaryFn> = unaryOps({
  logicalNot: {
    expr: callUnary("not"),
    vjp: none,
    exact: true,
    docs: "1 where `x` is 0, else 0. Derivative 0.",
  },
});

export const equal: BinaryFn = comparisons.fn("equal");
export const notEqual: BinaryFn = comparisons.fn("notEqual");
export const greater: BinaryFn = comparisons.fn("greater");
export const greaterEqual: BinaryFn = comparisons.fn("greaterEqual");
export const lesser: BinaryFn = comparisons.fn("lesser");
export const lesserEqual: BinaryFn = comparisons.fn("lesserEqual");
export const logicalAnd: BinaryFn = comparisons.fn("logicalAnd");
export const logicalOr: BinaryFn = comparisons.fn("logicalOr");
export const logicalXor: BinaryFn = comparisons.fn("logicalXor");
export const logicalNot: UnaryFn = negatedLogic.fn("logicalNot");
