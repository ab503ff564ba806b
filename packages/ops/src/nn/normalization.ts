import {
  type Attrs,
  type OpDef,
  type Operand,
  type Shape,
  sizeOf,
  tensorType,
  type Value,
} from "@adjoint/graph";
import { defineOp, nth } from "../core/define.js";
import { reducedShape, sameDType } from "../core/shapes.js";
import { add, div, mul, sub } from "../elementwise/arithmetic.js";
import { sqrt, square } from "../elementwise/powers.js";
import { meanAxes, reducedCount } from "../reduce/mean.js";
import { broadcastTo, sumTo } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";
import { checkFloat, checkShape } from "./layerArguments.js";

/**
 * Mean and population variance over `axes`, which stay with length 1. Two passes: exact where the
 * mean is large.
 */
export function meanAndVariance<T extends Operand<T>>(
  x: T,
  axes: readonly number[],
): readonly [T, T] {
  const centre = meanAxes(x, axes, true);
  return [centre, meanAxes(square(sub(x, centre)), axes, true)];
}

/**
 * Gradient of `u = (x - mean x) / std x` over `axes` in x, from u, std and du: `dx = (du - mean(du)
 * - u mean(du u)) / std` (Ioffe & Szegedy 2015, section 3, with the sums carried out).
 */
export function standardizedGradient(
  head: Value,
  standardized: Value,
  std: Value,
  axes: readonly number[],
): Value {
  const tilt = mul(standardized, meanAxes(mul(head, standardized), axes, true));
  return div(sub(sub(head, meanAxes(head, axes, true)), tilt), std);
}

/** How a normalization sees its data. */
export interface NormalizationPlan {
  /** The data's shape while it is normalized. */
  readonly view: Shape;
  /** Axes of the view over which mean and deviation are taken. */
  readonly axes: readonly number[];
  /** Shape of scale and shift beside the view. */
  readonly parameter: Shape;
}

function viewGradients(
  { view, axes, parameter }: NormalizationPlan,
  [x, gamma]: readonly [Value, Value],
  [mean, std]: readonly [Value, Value],
  [headY, headMean, headStd]: readonly (Value | undefined)[],
): readonly (Value | undefined)[] {
  const standardized = div(sub(reshape(x, view), mean), std);
  const count = reducedCount(view, axes);
  const head = headY && reshape(headY, view);
  const parts: Value[] = [];
  if (head !== undefined) {
    const scaled = mul(head, reshape(gamma, parameter));
    parts.push(standardizedGradient(scaled, standardized, std, axes));
  }
  if (headMean !== undefined) parts.push(broadcastTo(div(headMean, count), view));
  if (headStd !== undefined) parts.push(mul(div(headStd, count), standardized));
  const total = parts.length === 0 ? undefined : parts.reduce((sum, part) => add(sum, part));
  return [
    total && reshape(total, x.type.shape),
    head && reshape(sumTo(mul(head, standardized), parameter), gamma.type.shape),
    head && reshape(sumTo(head, parameter), gamma.type.shape),
  ];
}

/**
 * A layer `gamma (x - mean) / std + beta` with `std = sqrt(variance + eps)`, whose results are y,
 * mean and std. The latter two have the view's axes, with length 1 where they were reduced; the
 * gradient uses them.
 */
export function normalizationOp<A extends Attrs & { eps: number }>(
  name: string,
  attrs: OpDef<A>["attrs"],
  planOf: (shape: Shape, attrs: A) => NormalizationPlan,
  docs: string,
): OpDef<A> {
  return defineOp<A>({
    name,
    arity: 3,
    attrs,
    infer(ins, given) {
      const [x, gamma, beta] = [nth(name, ins, 0), nth(name, ins, 1), nth(name, ins, 2)];
      checkFloat(name, x);
      const { view, axes, parameter } = planOf(x.shape, given);
      checkShape(name, "gamma", gamma.shape, [sizeOf(parameter)]);
      checkShape(name, "beta", beta.shape, [sizeOf(parameter)]);
      const statistic = tensorType(sameDType(name, ins), reducedShape(view, axes, true));
      return [x, statistic, statistic];
    },
    vjp: {
      rule({ ins, outs, heads, attrs: given }) {
        const [x, gamma] = [nth(name, ins, 0), nth(name, ins, 1)];
        const statistics = [nth(name, outs, 1), nth(name, outs, 2)] as const;
        return viewGradients(planOf(x.type.shape, given), [x, gamma], statistics, heads);
      },
    },
    compose(ins, given) {
      const [x, gamma, beta] = [nth(name, ins, 0), nth(name, ins, 1), nth(name, ins, 2)];
      const { view, axes, parameter } = planOf(x.type.shape, given);
      const data = reshape(x, view);
      const [mean, variance] = meanAndVariance(data, axes);
      const std = sqrt(add(variance, given.eps));
      const y = mul(div(sub(data, mean), std), reshape(gamma, parameter));
      return [reshape(add(y, reshape(beta, parameter)), x.type.shape), mean, std];
    },
    docs,
  });
}
