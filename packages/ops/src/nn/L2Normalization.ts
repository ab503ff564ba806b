import { formatShape, type Operand, type Shape, ShapeError } from "@adjoint/graph";
import { applyOne, checkOperands, defineOp, nth } from "../core/define.js";
import { checkChoice, readOptions } from "../core/options.js";
import { add, div } from "../elementwise/arithmetic.js";
import { sqrt, square } from "../elementwise/powers.js";
import { sumAxes } from "../reduce/sum.js";
import { checkFinite, checkFloat } from "./layerArguments.js";

const modes = ["instance", "channel", "spatial"] as const;

export interface L2NormalizationOptions {
  /** Added to the sum of squares. */
  eps: number;
  /** One vector: a whole sample, the channels at one position, or the positions of one channel. */
  mode: (typeof modes)[number];
}

/** The axes of one vector. */
function vectorAxes(mode: (typeof modes)[number], shape: Shape): readonly number[] {
  const least = mode === "instance" ? 2 : 3;
  if (shape.length < least) {
    throw new ShapeError({
      op: "L2Normalization",
      problem: `data has too few axes for mode ${mode}`,
      received: formatShape(shape),
      allowed: `at least ${least} axes`,
    });
  }
  const axes = shape.map((_, axis) => axis);
  if (mode === "channel") return [1];
  return axes.slice(mode === "instance" ? 1 : 2);
}

export const l2NormalizationOp = defineOp<{ axes: readonly number[]; eps: number }>({
  name: "L2Normalization",
  arity: 1,
  attrs: { axes: "ints", eps: "number" },
  infer(ins) {
    const x = nth("L2Normalization", ins, 0);
    checkFloat("L2Normalization", x);
    return [x];
  },
  compose(ins, { axes, eps }) {
    const x = nth("L2Normalization", ins, 0);
    return [div(x, sqrt(add(sumAxes(square(x), axes, true), eps)))];
  },
  docs: "`x / sqrt(sum(x**2) + eps)` over axes; `eps` keeps the gradient at 0 finite.",
});

/**
 * Brings vectors to length 1: `x / sqrt(sum(x**2) + eps)`.
 *
 * @param x floating point, shape (batch, ...); at least 3 axes for `channel` and `spatial`
 * @returns x's shape and dtype
 * @throws ShapeError if x has too few axes; AttributeError for an unknown mode
 * @derivative `(dY - y sum(y dY)) / sqrt(sum(x**2) + eps)`, finite at 0 by `eps`
 * @edges vectors of 0 stay 0
 * @example
 * ```ts
 * nd.L2Normalization(nd.array([[3, 4]])); // [[0.6 0.8]]
 * ```
 */
export function L2Normalization<T extends Operand<T>>(
  x: T,
  options?: Partial<L2NormalizationOptions>,
): T {
  const defaults: L2NormalizationOptions = { eps: 1e-10, mode: "instance" };
  const { eps, mode } = readOptions("L2Normalization", options, defaults);
  checkOperands("L2Normalization", [x]);
  return applyOne(l2NormalizationOp, [x], {
    axes: vectorAxes(checkChoice("L2Normalization", "mode", mode, modes), x.type.shape),
    eps: checkFinite("L2Normalization", "eps", eps),
  });
}
