import { AttributeError, type Operand, scalar } from "@adjoint/graph";
import { applyOne, checkOperands, describe } from "../core/define.js";
import { checkNumber, readOptions } from "../core/options.js";
import { mul } from "./arithmetic.js";
import { greater, lesser, logicalOr } from "./compare.js";
import { convertNumber } from "./full.js";
import { constantLike, unaryOp } from "./unaryOps.js";
import { select } from "./where.js";

export type ClipAttrs = { aMin: number; aMax: number };

export const clipOp = unaryOp<ClipAttrs>(
  "clip",
  { aMin: "number", aMax: "number" },
  {
    expr(x, { aMin, aMax }) {
      const [low, high] = [constantLike(x, aMin), constantLike(x, aMax)];
      const raised = scalar.select(scalar.binary("lt", x, low), low, x);
      return scalar.select(scalar.binary("gt", x, high), high, raised);
    },
    vjp: (head, x, _y, { aMin, aMax }) =>
      select(logicalOr(lesser(x, aMin), greater(x, aMax)), 0, head),
    exact: true,
    docs: "`x`, cut to `aMin` and `aMax`. Derivative 1 inside, at both bounds and at NaN; else 0.",
  },
);

/** `x`, cut to two bounds. */
export function clipTo<T extends Operand<T>>(x: T, aMin: number, aMax: number): T {
  const { dtype } = x.type;
  return applyOne(clipOp, [x], {
    aMin: convertNumber(aMin, dtype),
    aMax: convertNumber(aMax, dtype),
  });
}

/**
 * Cuts values to an interval.
 *
 * @param x any shape and dtype; the bounds are converted to it
 * @param options.aMin lower bound
 * @param options.aMax upper bound, not below the lower one
 * @returns x's shape and dtype
 * @throws AttributeError for bounds that are missing, NaN or in the wrong order
 * @derivative 1 inside, at both bounds and at NaN; else 0
 * @edges NaN stays; infinities become the bounds
 * @example
 * ```ts
 * nd.clip(nd.array([-2, 0.5, 7]), { aMin: 0, aMax: 1 }); // [0.  0.5 1. ]
 * ```
 */
export function clip<T extends Operand<T>>(x: T, options: ClipAttrs): T {
  checkOperands("clip", [x]);
  const { aMin, aMax } = readOptions("clip", options, { aMin: Number.NaN, aMax: Number.NaN });
  for (const bound of [aMin, aMax]) checkNumber("clip", "bound", bound);
  if (aMin <= aMax) return clipTo(x, aMin, aMax);
  throw new AttributeError({
    op: "clip",
    problem: "bounds are not valid",
    received: `aMin ${describe(aMin)}, aMax ${describe(aMax)}`,
    allowed: "two numbers, aMin <= aMax",
  });
}

export type SmoothL1Attrs = { scalar: number };

// With s = scalar**2: s x**2 / 2 where |x| <= 1/s, |x| - 1/(2s) beyond (Girshick 2015, Fast R-CNN,
// eq. 3).
export const smoothL1Op = unaryOp<SmoothL1Attrs>(
  "smoothL1",
  { scalar: "number" },
  {
    expr(x, { scalar: sigma }) {
      const s = sigma * sigma;
      const size = scalar.unary("abs", x);
      const inner = scalar.binary("mul", scalar.binary("mul", x, x), constantLike(x, s / 2));
      const outer = scalar.binary("sub", size, constantLike(x, 0.5 / s));
      return scalar.select(scalar.binary("gt", size, constantLike(x, 1 / s)), outer, inner);
    },
    vjp: (head, x, _y, { scalar: sigma }) => mul(head, clipTo(mul(x, sigma * sigma), -1, 1)),
    docs: "Huber's loss: `s x**2 / 2`, or `|x| - 1/(2s)` beyond `1/s`. Derivative `s x`, cut to 1.",
  },
);

/**
 * Huber's loss, elementwise: with `s = scalar**2`, `s x**2 / 2` up to `|x| = 1/s`, `|x| - 1/(2s)`
 * beyond (Girshick 2015, Fast R-CNN, eq. 3).
 *
 * @param x any shape and dtype
 * @param options.scalar the square root of s
 * @returns x's shape and dtype
 * @throws AttributeError for an unknown option
 * @derivative `s x`, cut to -1 and 1; NaN at NaN
 * @edges inf at infinities
 * @example
 * ```ts
 * nd.smoothL1(nd.array([0.5, -3])); // [0.125 2.5  ]
 * ```
 */
export function smoothL1<T extends Operand<T>>(x: T, options?: Partial<SmoothL1Attrs>): T {
  return applyOne(smoothL1Op, [x], readOptions("smoothL1", options, { scalar: 1 }));
}
