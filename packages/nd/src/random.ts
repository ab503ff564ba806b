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
  dtype: DType;
}

/**
 * Starts the random numbers anew: the same seed gives the same numbers, those of MXNet. The seed of a fresh process is 0.
 *
 * @throws AttributeError unless `seed` is an integer
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
  low: number;
  high: number;
}

/**
 * Numbers spread evenly over [low, high).
 *
 * @throws AttributeError if high is below low
 * @example
 * ```ts
 * nd.random.uniform({ low: -1, high: 1, shape: [2, 3] });
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
 * @throws AttributeError unless scale is positive
 * @example
 * ```ts
 * nd.random.normal({ shape: [2, 3] });
 * ```
 */
export function normal(options?: Partial<NormalOptions>): NDArray {
  const settings = readOptions("random.normal", options, { loc: 0, scale: 1, ...sample });
  const { loc: mean, scale: deviation } = settings;
  return draw("random.normal", normalSample<NDArray>, { mean, deviation }, settings);
}

/** Normally distributed numbers of mean 0 and deviation 1, of the shape given. @example `nd.random.randn(2, 3)` */
export function randn(first: number, ...rest: number[]): NDArray {
  return normal({ shape: [first, ...rest] });
}

export interface ExponentialOptions extends SampleOptions {
  /** Mean. */
  scale: number;
}

/** Exponentially distributed numbers. @throws AttributeError unless scale is positive */
export function exponential(options?: Partial<ExponentialOptions>): NDArray {
  const settings = readOptions("random.exponential", options, { scale: 1, ...sample });
  const { scale } = settings;
  return draw("random.exponential", exponentialSample<NDArray>, { scale }, settings);
}

/**
 * Integers from `low` to before `high`, int32 unless `dtype` says otherwise.
 *
 * @throws AttributeError unless high is above low
 */
export function randint(low: number, high: number, options?: Partial<SampleOptions>): NDArray {
  const settings = readOptions("random.randint", options, integerSample);
  const range = {
    low: checkInteger("random.randint", "low", low),
    high: checkInteger("random.randint", "high", high),
  };
  return draw("random.randint", randintSample<NDArray>, range, settings);
}
