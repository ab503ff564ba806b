import type { DType, Operand, Shape } from "@adjoint/graph";
import { add, div, mul, negative, sub } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { log } from "../elementwise/exponential.js";
import { stopGradient } from "../elementwise/identity.js";
import { reshape } from "../view/reshape.js";
import { normalSample, uniformSample } from "./distributions.js";
import type { SampleAttrs } from "./sample.js";

/** As in the samplers themselves: float32, or double for all others. */
function workingDType(dtype: DType): DType {
  return dtype === "float32" ? dtype : "float64";
}

/** A parameter as a constant that broadcasts over what is drawn for each of its elements. */
function laid<T extends Operand<T>>(parameter: T, drawn: Shape, dtype: DType): T {
  const ones = drawn.map(() => 1);
  return reshape(castTo(stopGradient(parameter), dtype), [...parameter.type.shape, ...ones]);
}

/**
 * Uniform samples, `shape` for each element of arrays of bounds, and the next state. The bounds get
 * no gradient.
 */
export function uniformBetween<T extends Operand<T>>(
  state: T,
  low: T,
  high: T,
  { shape, dtype }: SampleAttrs,
): readonly [T, T] {
  const work = workingDType(dtype);
  const attrs = { low: 0, high: 1, shape: [...low.type.shape, ...shape], dtype: work };
  const [sample, next] = uniformSample(state, attrs);
  const [start, end] = [laid(low, shape, work), laid(high, shape, work)];
  return [castTo(add(start, mul(sub(end, start), sample)), dtype), next];
}

/** Normal samples for arrays of means and deviations, likewise. */
export function normalAround<T extends Operand<T>>(
  state: T,
  mean: T,
  deviation: T,
  { shape, dtype }: SampleAttrs,
): readonly [T, T] {
  const work = workingDType(dtype);
  const attrs = { mean: 0, deviation: 1, shape: [...mean.type.shape, ...shape], dtype: work };
  const [sample, next] = normalSample(state, attrs);
  const scaled = mul(sample, laid(deviation, shape, work));
  return [castTo(add(scaled, laid(mean, shape, work)), dtype), next];
}

/** Exponential samples for an array of means, likewise: `-ln(1 - u)` over the rate, in double. */
export function exponentialAround<T extends Operand<T>>(
  state: T,
  scale: T,
  { shape, dtype }: SampleAttrs,
): readonly [T, T] {
  const work = workingDType(dtype);
  const attrs = { low: 0, high: 1, shape: [...scale.type.shape, ...shape], dtype: work };
  const [sample, next] = uniformSample(state, attrs);
  const logarithm = negative(log(sub(1, castTo(sample, "float64"))));
  const rate = castTo(div(1, laid(scale, shape, work)), "float64");
  return [castTo(div(logarithm, rate), dtype), next];
}
