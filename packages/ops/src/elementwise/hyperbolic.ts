import type { OpTable } from "../core/opTable.js";
import { add, div, mul, sub } from "./arithmetic.js";
import { rsqrt, square } from "./powers.js";
import { call, type UnaryFn, unaryOps } from "./unaryOps.js";

/** Hyperbolic functions and their inverses; `tanh` stands with the exponentials. */
export const hyperbolic: OpTable<UnaryFn> = unaryOps({
  sinh: {
    expr: call("sinh"),
    vjp: (head, x) => mul(head, cosh(x)),
    docs: "Hyperbolic sine. Derivative `cosh(x)`.",
  },
  cosh: {
    expr: call("cosh"),
    vjp: (head, x) => mul(head, sinh(x)),
    docs: "Hyperbolic cosine. Derivative `sinh(x)`.",
  },
  arcsinh: {
    expr: call("asinh"),
    vjp: (head, x) => mul(head, rsqrt(add(square(x), 1))),
    docs: "Inverse hyperbolic sine. Derivative `1/sqrt(x**2 + 1)`.",
  },
  arccosh: {
    expr: call("acosh"),
    vjp: (head, x) => mul(head, rsqrt(sub(square(x), 1))),
    docs: "Inverse hyperbolic cosine; NaN below 1. Derivative `1/sqrt(x**2 - 1)`.",
  },
  arctanh: {
    expr: call("atanh"),
    vjp: (head, x) => div(head, sub(1, square(x))),
    docs: "Inverse hyperbolic tangent; NaN beyond 1. Derivative `1/(1 - x**2)`.",
  },
});

export const sinh: UnaryFn = hyperbolic.fn("sinh");
export const cosh: UnaryFn = hyperbolic.fn("cosh");
export const arcsinh: UnaryFn = hyperbolic.fn("arcsinh");
export const arccosh: UnaryFn = hyperbolic.fn("arccosh");
export const arctanh: UnaryFn = hyperbolic.fn("arctanh");
export { tanh } from "./exponential.js";
