import { AttributeError, type Operand, scalar } from "@adjoint/graph";
import { applyOne } from "../core/define.js";
import type { OpTable } from "../core/opTable.js";
import { checkInteger } from "../core/options.js";
import { mul, negative } from "./arithmetic.js";
import { exp } from "./exponential.js";
import { square } from "./powers.js";
import { call, constantLike, type UnaryFn, unaryOp, unaryOps } from "./unaryOps.js";

/** Derivative of erf at 0. */
const erfSlope = 2 / Math.sqrt(Math.PI);

export const polygammaOp = unaryOp<{ n: number }>(
  "polygamma",
  { n: "int" },
  {
    expr: (x, { n }) => scalar.binary("polygamma", constantLike(x, n), x),
    vjp: (head, x, _y, { n }) => mul(head, polygammaOf(x, n + 1)),
    docs: "Derivative `n + 1` of log gamma (DLMF 5.15). Derivative: the next one.",
  },
);

function polygammaOf<T extends Operand<T>>(x: T, n: number): T {
  return applyOne(polygammaOp, [x], { n });
}

/** Error functions and gamma functions (Abramowitz & Stegun 6.1, 6.3, 7.1). */
export const special: OpTable<UnaryFn> = unaryOps({
  erf: {
    expr: call("erf"),
    vjp: (head, x) => mul(head, mul(exp(negative(square(x))), erfSlope)),
    docs: "Error function. Derivative `2/sqrt(pi) e**(-x**2)`.",
  },
  erfc: {
    expr: call("erfc"),
    vjp: (head, x) => mul(head, mul(exp(negative(square(x))), -erfSlope)),
    docs: "`1 - erf(x)`, exact for large x. Derivative `-2/sqrt(pi) e**(-x**2)`.",
  },
  erfinv: {
    expr: call("erfinv"),
    vjp: (head, _x, y) => mul(head, mul(exp(square(y)), 1 / erfSlope)),
    docs: "Inverse of erf; infinite at -1 and 1, NaN beyond. Derivative `sqrt(pi)/2 e**(y**2)`.",
  },
  gamma: {
    expr: call("gamma"),
    vjp: (head, x, y) => mul(head, mul(y, polygammaOf(x, 0))),
    docs: "Gamma function, `(x-1)!`. Derivative `y digamma(x)`.",
  },
  gammaln: {
    expr: call("lgamma"),
    vjp: (head, x) => mul(head, polygammaOf(x, 0)),
    docs: "Logarithm of the absolute value of gamma. Derivative `digamma(x)`.",
  },
});

/**
 * Error function.
 *
 * @derivative `2/sqrt(pi) e**(-x**2)`
 * @edges -1 and 1 at -inf and inf
 * @example
 * ```ts
 * nd.erf(nd.array([-1, 0, 2])); // [-0.8427008  0.         0.9953223]
 * ```
 */
export const erf: UnaryFn = special.fn("erf");

/**
 * `1 - erf(x)`, exact for large x.
 *
 * @derivative `-2/sqrt(pi) e**(-x**2)`
 * @edges 2 and 0 at -inf and inf
 * @example
 * ```ts
 * nd.erfc(nd.array([-1, 0, 2])); // [1.8427008  1.         0.00467773]
 * ```
 */
export const erfc: UnaryFn = special.fn("erfc");

/**
 * Inverse of the error function.
 *
 * @derivative `sqrt(pi)/2 e**(y**2)` with the result y; inf at -1 and 1
 * @edges -inf and inf at -1 and 1, NaN beyond
 * @example
 * ```ts
 * nd.erfinv(nd.array([-0.5, 0, 0.5])); // [-0.47693628  0.          0.47693628]
 * ```
 */
export const erfinv: UnaryFn = special.fn("erfinv");

/**
 * Gamma function, `(x-1)!`.
 *
 * @derivative `y digamma(x)` with the result y; NaN at the poles
 * @edges inf at 0, -inf at -0, NaN at negative integers and -inf
 * @example
 * ```ts
 * nd.gamma(nd.array([1, 0.5, 5])); // [ 1.         1.7724539 24.       ]
 * ```
 */
export const gamma: UnaryFn = special.fn("gamma");

/**
 * Logarithm of the absolute value of gamma.
 *
 * @derivative `digamma(x)`, of the signed gamma function; NaN at the poles
 * @edges inf at 0, at negative integers and at both infinities
 * @example
 * ```ts
 * nd.gammaln(nd.array([1, 0.5, 10])); // [ 0.         0.5723649 12.801827 ]
 * ```
 */
export const gammaln: UnaryFn = special.fn("gammaln");

/**
 * Logarithmic derivative of the gamma function.
 *
 * @param x any shape and dtype; integers are computed in double precision and truncated
 * @returns x's shape and dtype
 * @throws ArgumentError unless x is an array
 * @derivative `polygamma(1, x)`
 * @edges NaN at 0, at negative integers and at -inf
 * @example
 * ```ts
 * nd.digamma(nd.array([1])); // [-0.5772157]
 * ```
 */
export function digamma<T extends Operand<T>>(x: T): T {
  return polygammaOf(x, 0);
}

/**
 * The derivative of order `n + 1` of the logarithm of the gamma function (DLMF 5.15); `n` 0 is
 * `digamma`.
 *
 * @param n which derivative: an integer from 0 to 170, as 171! is beyond all numbers
 * @param x any shape and dtype; integers are computed in double precision and truncated
 * @returns x's shape and dtype
 * @throws AttributeError unless `n` is such an integer
 * @derivative `polygamma(n + 1, x)`
 * @edges for n of at least 1, inf at 0 and at negative integers; 0 at inf
 * @example
 * ```ts
 * nd.polygamma(1, nd.array([1])); // [1.644934]
 * ```
 */
export function polygamma<T extends Operand<T>>(n: number, x: T): T {
  const order = checkInteger("polygamma", "n", n, 0);
  if (order <= 170) return polygammaOf(x, order);
  throw new AttributeError({
    op: "polygamma",
    problem: "n is too large",
    received: String(n),
    allowed: "0 to 170",
  });
}
