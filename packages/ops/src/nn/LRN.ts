import { AttributeError, formatShape, type Operand, ShapeError, sizeOf } from "@adjoint/graph";
import { applyOne, defineOp, nth } from "../core/define.js";
import { checkInteger, readOptions } from "../core/options.js";
import { add, div, mul } from "../elementwise/arithmetic.js";
import { pow, square } from "../elementwise/powers.js";
import { reshape } from "../view/reshape.js";
import { poolSum } from "../window/poolSum.js";
import { checkFinite, checkFloat, checkGiven } from "./layerArguments.js";

export type LRNAttrs = { alpha: number; beta: number; knorm: number; nsize: number };

export interface LRNOptions {
  /** Weight of the sum of squares. */
  alpha: number;
  /** Exponent. */
  beta: number;
  /** Added to the weighted sum. */
  knorm: number;
  /** Channels in a window; an odd number. */
  nsize: number;
}

type LRNDefaults = Omit<LRNOptions, "nsize"> & { nsize: number | undefined };

export const lrnOp = defineOp<LRNAttrs>({
  name: "LRN",
  arity: 1,
  attrs: { alpha: "number", beta: "number", knorm: "number", nsize: "int" },
  infer(ins) {
    const x = nth("LRN", ins, 0);
    checkFloat("LRN", x);
    if (x.shape.length >= 2) return [x];
    throw new ShapeError({
      op: "LRN",
      problem: "data has no channels",
      received: formatShape(x.shape),
      allowed: "(batch, channels, ...spatial)",
    });
  },
  compose(ins, { alpha, beta, knorm, nsize }) {
    const x = nth("LRN", ins, 0);
    const [batch = 0, channels = 0, ...spatial] = x.type.shape;
    // The channels become the first of two spatial axes, so that a window can slide over them.
    const planes = reshape(square(x), [batch, 1, channels, sizeOf(spatial)]);
    const reach = (nsize - 1) / 2;
    const sums = poolSum(planes, {
      kernel: [nsize, 1],
      stride: [1, 1],
      padLow: [reach, 0],
      padHigh: [reach, 0],
    });
    const scale = add(mul(reshape(sums, x.type.shape), alpha / nsize), knorm);
    return [div(x, pow(scale, beta))];
  },
  docs:
    "`x / (knorm + alpha / nsize * sum(x**2))**beta`, summed over `nsize` neighbouring channels " +
    "(Krizhevsky et al. 2012).",
});

/**
 * Local response normalization across channels: `x / (knorm + alpha / nsize * sum(x**2))**beta`
 * (Krizhevsky et al. 2012).
 *
 * @param x floating point, shape (batch, channels, ...spatial)
 * @returns x's shape and dtype
 * @throws AttributeError unless `nsize` is an odd number; ShapeError if x has no channels
 * @derivative through the sum over neighbouring channels too
 * @edges at the first and last channels the window holds fewer
 * @example
 * ```ts
 * nd.LRN(nd.array([[[1], [2], [3]]]), { nsize: 3, alpha: 1 });
 * // [[[0.37739524] [0.48205703] [0.75144464]]]
 * ```
 */
export function LRN<T extends Operand<T>>(
  x: T,
  options: Pick<LRNOptions, "nsize"> & Partial<LRNOptions>,
): T {
  const defaults: LRNDefaults = { alpha: 1e-4, beta: 0.75, knorm: 2, nsize: undefined };
  const { alpha, beta, knorm, nsize } = readOptions<LRNDefaults>("LRN", options, defaults);
  checkGiven("LRN", "nsize", nsize);
  const size = checkInteger("LRN", "nsize", nsize, 1);
  if (size % 2 === 0) {
    throw new AttributeError({
      op: "LRN",
      problem: "nsize is not valid",
      received: `${size}`,
      allowed: "odd numbers",
    });
  }
  return applyOne(lrnOp, [x], {
    alpha: checkFinite("LRN", "alpha", alpha),
    beta: checkFinite("LRN", "beta", beta),
    knorm: checkFinite("LRN", "knorm", knorm),
    nsize: size,
  });
}
