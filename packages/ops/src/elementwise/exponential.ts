import type { OpTable } from "../core/opTable.js";
import { add, div, mul, sub } from "./arithmetic.js";
import { call, type UnaryFn, unaryOps } from "./unaryOps.js";

/** Exponentials, logarithms, powers and roots. */
export const exponential: OpTable<UnaryFn> = unaryOps({
  exp: {
    expr: call("exp"),
    vjp: (head, _x, y) => mul(head, y),
    docs: "`e**x`. Derivative: the result.",
  },
  log: {
    expr: call("log"),
    vjp: (head, x) => div(head, x),
    docs: "Natural logarithm; -inf at 0, NaN below. Derivative `1/x`, everywhere by its formula.",
  },
  log1p: {
    expr: call("log1p"),
    vjp: (head, x) => div(head, add(x, 1)),
    docs: "`log(1 + x)`, exact near 0. Derivative `1/(1+x)`.",
  },
  tanh: {
    expr: call("tanh"),
    vjp: (head, _x, y) => mul(head, sub(1, mul(y, y))),
    docs: "Hyperbolic tangent. Derivative `1 - y**2`.",
  },
});

export const exp: UnaryFn = exponential.fn("exp");
export const log: UnaryFn = exponential.fn("log");
export const log1p: UnaryFn = exponential.fn("log1p");
export const tanh: UnaryFn = exponential.fn("tanh");
