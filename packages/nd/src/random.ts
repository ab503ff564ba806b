import { AttributeError, type DType, type Shape } from "@adjoint/graph";
import {
  checkInteger,
  describe,
  exponentialSample,
  normalSample,
  randintSample,
  readOptions,
  uniformSample,
} from "@adjoint/ops";
import { initialRandomState } from "@adjoint/runtime";
import type { NDArray } from "./array/ndarray.js";
import { shapeOf } from "./creation.js";
import { session } from "./session.js";

/** What every sampler is told of its result. */
export interface SampleOptions {
  /** Shape of the result; `(1,)` unless given. */
  shape: number | readonly number[];
  /** Element type of the result. */
  dtype: DType;
}

/**
 * Starts the random numbers anew: the same seed gives the same numbers, those of MXNet. The seed of
 * a fresh process is 0.
 *
 * @param seed any integer
 * @returns nothing
 * @throws AttributeError unless `seed` is an integer
 * @derivative none: it has no result
 * @example
 * ```ts
 * nd.random.seed(0);
 * nd.random.uniform(); // [0.5488135]
 * ```
 */
export function seed(seed: number): void {
  if (!Number.isSafeInteger(seed)) {
    throw new AttributeError({
      op: "random.seed",
      problem: "seed is not an integer",
      received: describe(seed),
      allowed: "an integer",
    });
  }
  session.randomState = session.fromTensor(initialRandomState(seed));
}

type Sampler<A> = (
  state: NDArray,
  attrs: A & { shape: Shape; dtype: DType },
) => readonly [NDArray, NDArray];

/** Draws, and keeps the state for the next draw. */
function draw<A>(
  op: string,
  sampler: Sampler<A>,
  attrs: A,
  { shape, dtype }: SampleOptions,
): NDArray {
  const [sample, next] = sampler(session.randomState, {
    ...attrs,
    shape: shapeOf(op, shape),
    dtype,
  });
  session.randomState = next;
  return sample;
}

const sample: SampleOptions = { shape: 1, dtype: "float32" };
const integerSample: SampleOptions = { shape: 1, dtype: "int32" };

export interface UniformOptions extends SampleOptions {
  /** Lower bound, which may be drawn. */
  low: number;
  /** Upper bound, which is not drawn. */
  high: number;
}

/**
 * Numbers spread evenly over [low, high).
 *
 * @returns float32 of shape `(1,)`, or as the options say
 * @throws AttributeError if high is below low, or one is not finite; ShapeError for a shape that is
 *   not one; DTypeError unless the dtype is float32 or float64
 * @derivative 0 everywhere: a sample does not depend on anything that is differentiated
 * @edges all `low` where both bounds are equal
 * @example
 * ```ts
 * nd.random.uniform({ low: -1, high: 1, shape: [2, 2] });
 * // [[0.09762704 0.18568921] [0.43037868 0.6885315 ]]
 * ```
 */
export function uniform(options?: Partial<UniformOptions>): NDArray {
  const settings = readOptions("random.uniform", options, { low: 0, high: 1, ...sample });
  const { low, high } = settings;
  return draw("random.uniform", uniformSample<NDArray>, { low, high }, settings);
}

export interface NormalOptions extends SampleOptions {
  /** Mean. */
  loc: number;
  /** Standard deviation. */
  scale: number;
}

/**
 * Normally distributed numbers.
 *
 * @returns float32 of shape `(1,)`, or as the options say
 * @throws AttributeError unless scale is positive; ShapeError for a shape that is not one;
 *   DTypeError unless the dtype is float32 or float64
 * @derivative 0 everywhere: a sample does not depend on anything that is differentiated
 * @example
 * ```ts
 * nd.random.normal({ loc: 1, scale: 2, shape: [2, 2] });
 * // [[5.4244127 2.5480075] [3.0868807 3.367851 ]]
 * ```
 */
export function normal(options?: Partial<NormalOptions>): NDArray {
  const settings = readOptions("random.normal", options, { loc: 0, scale: 1, ...sample });
  const { loc: mean, scale: deviation } = settings;
  checkScale("random.normal", deviation);
  return draw("random.normal", normalSample<NDArray>, { mean, deviation }, settings);
}

/**
 * Normally distributed numbers of mean 0 and deviation 1, of the shape given.
 *
 * @param first length of the first axis
 * @param rest lengths of the others
 * @returns float32 of the shape given
 * @throws ShapeError for lengths that are not integers of at least 0
 * @derivative 0 everywhere: a sample does not depend on anything that is differentiated
 * @example
 * ```ts
 * nd.random.randn(2, 2); // [[2.2122064 0.7740038] [1.0434403 1.1839255]]
 * ```
 */
export function randn(first: number, ...rest: number[]): NDArray {
  return normal({ shape: [first, ...rest] });
}

export interface ExponentialOptions extends SampleOptions {
  /** Mean. */
  scale: number;
}

/**
 * Exponentially distributed numbers.
 *
 * @returns float32 of shape `(1,)`, or as the options say
 * @throws AttributeError unless scale is positive; ShapeError for a shape that is not one;
 *   DTypeError unless the dtype is float32 or float64
 * @derivative 0 everywhere: a sample does not depend on anything that is differentiated
 * @example
 * ```ts
 * nd.random.exponential({ scale: 2, shape: [3] }); // [1.5917491 1.7971207 2.5118613]
 * ```
 */
export function exponential(options?: Partial<ExponentialOptions>): NDArray {
  const settings = readOptions("random.exponential", options, { scale: 1, ...sample });
  const { scale } = settings;
  checkScale("random.exponential", scale);
  return draw("random.exponential", exponentialSample<NDArray>, { scale }, settings);
}

/**
 * Integers from `low` to before `high`, equally likely.
 *
 * @param low smallest integer
 * @param high the integer behind the largest, at most low + 2^32
 * @returns int32 of shape `(1,)`, or as the options say
 * @throws AttributeError unless high is above low, by at most 2^32; ShapeError for a shape that is
 *   not one; DTypeError unless the dtype is int32 or int64
 * @derivative 0 everywhere: samples are integers, and depend on nothing that is differentiated
 * @example
 * ```ts
 * nd.random.randint(0, 10, { shape: [5] }); // [1 4 3 9 9]
 * ```
 */
export function randint(low: number, high: number, options?: Partial<SampleOptions>): NDArray {
  const settings = readOptions("random.randint", options, integerSample);
  const range = {
    low: checkInteger("random.randint", "low", low),
    high: checkInteger("random.randint", "high", high),
  };
  return draw("random.randint", randintSample<NDArray>, range, settings);
}

function checkScale(op: string, scale: unknown): void {
  if (typeof scale === "number" && scale > 0) return;
  throw new AttributeError({
    op,
    problem: "scale is not positive",
    received: describe(scale),
    allowed: "a number above 0",
  });
}
