import { type Operand, scalar } from "@adjoint/graph";
import { applyOne, checkOperands } from "../core/define.js";
import { readOptions } from "../core/options.js";
import { add, mul } from "../elementwise/arithmetic.js";
import { constantLike, unaryOp } from "../elementwise/unaryOps.js";

export type QuadraticAttrs = { a: number; b: number; c: number };

export const quadraticOp = unaryOp<QuadraticAttrs>(
  "quadratic",
  { a: "number", b: "number", c: "number" },
  {
    expr(x, { a, b, c }) {
      const slope = scalar.binary(
        "add",
        scalar.binary("mul", constantLike(x, a), x),
        constantLike(x, b),
      );
      return scalar.binary("add", scalar.binary("mul", slope, x), constantLike(x, c));
    },
    vjp: (head, x, _y, { a, b }) => mul(head, add(mul(x, 2 * a), b)),
    docs: "`a x**2 + b x + c`. Derivative `2 a x + b`.",
  },
);

/**
 * The polynomial `a x**2 + b x + c`.
 *
 * @param x any shape and dtype; integers are computed in double precision and truncated
 * @param options.a factor of the square
 * @param options.b factor of x
 * @param options.c what is added
 * @returns x's shape and dtype
 * @throws AttributeError for an unknown option
 * @derivative `2 a x + b`
 * @edges all factors are 0 unless given
 * @example
 * ```ts
 * nd.contrib.quadratic(nd.array([1, 2]), { a: 1, b: 2, c: 3 }); // [ 6. 11.]
 * ```
 */
export function quadratic<T extends Operand<T>>(x: T, options?: Partial<QuadraticAttrs>): T {
  checkOperands("contrib.quadratic", [x]);
  const defaults: QuadraticAttrs = { a: 0, b: 0, c: 0 };
  return applyOne(quadraticOp, [x], readOptions("contrib.quadratic", options, defaults));
}
