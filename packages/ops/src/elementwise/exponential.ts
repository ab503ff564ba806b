import type { OpTable } from "../core/opTable.js";
import { add, div, mul, sub } from "./arithmetic.js";
import { call, type UnaryFn, unaryOps } from "./unaryOps.js";

/** Exponentials, logarithms, and the hyperbolic tangent. */
export const exponential: OpTable<UnaryFn> = unaryOps({
  exp: {
    expr: call("exp"),
    vjp: (head, _x, y) => mul(head, y),
    docs: "`e**x`. Derivative: the result.",
  },
  expm1: {
    expr: call("expm1"),
    // y + 1 would do as well but cancels for x far below 0.
    vjp: (head, x) => mul(head, exp(x)),
    docs: "`e**x - 1`, exact near 0. Derivative `e**x`.",
  },
  log: {
    expr: call("log"),
    vjp: (head, x) => div(head, x),
    docs: "Natural logarithm; -inf at 0, NaN below. Derivative `1/x`, everywhere by its formula.",
  },
  log1p: {
    expr: call("log1p"),
    vjp: (head, x) => div(head, add(x, 1)),
    docs: "`log(1 + x)`, exact near 0. Derivative `1/(1+x)`, everywhere by its formula.",
  },
  log2: {
    expr: call("log2"),
    vjp: (head, x) => div(head, mul(x, Math.LN2)),
    docs: "Logarithm to base 2. Derivative `1/(x log 2)`, everywhere by its formula.",
  },
  log10: {
    expr: call("log10"),
    vjp: (head, x) => div(head, mul(x, Math.LN10)),
    docs: "Logarithm to base 10. Derivative `1/(x log 10)`, everywhere by its formula.",
  },
  tanh: {
    expr: call("tanh"),
    vjp: (head, _x, y) => mul(head, sub(1, mul(y, y))),
    docs: "Hyperbolic tangent. Derivative `1 - y**2`.",
  },
});

export const exp: UnaryFn = exponential.fn("exp");
export const expm1: UnaryFn = exponential.fn("expm1");
export const log: UnaryFn = exponential.fn("log");
export const log1p: UnaryFn = exponential.fn("log1p");
export const log2: UnaryFn = exponential.fn("log2");
export const log10: UnaryFn = exponential.fn("log10");
export const tanh: UnaryFn = exponential.fn("tanh");
