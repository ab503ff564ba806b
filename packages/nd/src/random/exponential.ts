import { exponentialAround, exponentialSample, readOptions } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import { session } from "../session.js";
import {
  checkParameter,
  isPositive,
  keep,
  likeOptions,
  type Parameter,
  parameterArrays,
  type SampleOptions,
  type SampleSettings,
  sampleDefaults,
  sampleType,
} from "./draw.js";

export interface ExponentialOptions extends SampleOptions {
  /** Mean. */
  scale: Parameter;
}

export interface ExponentialLikeOptions {
  /** Mean. */
  scale: number;
}

/**
 * Exponentially distributed numbers, MXNet's in float32 and float16.
 *
 * @returns float32 of shape `(1,)`, or as the options say; with an array of means its shape, and
 *   then the one asked for
 * @throws AttributeError unless scale is positive; ShapeError for a shape that is not one;
 *   DTypeError unless the dtype is floating point
 * @derivative 0 everywhere: a sample is a constant, for an array of means too
 * @edges an array of means is not checked: a mean of 0 gives 0, a negative one mirrors the sample
 * @example
 * ```ts
 * nd.random.exponential({ scale: 2, shape: [3] }); // [1.5917491 1.7971207 2.5118613]
 * ```
 */
export function exponential(options?: Partial<ExponentialOptions>): NDArray {
  return decaying("random.exponential", options);
}

/**
 * Exponentially distributed numbers, as many as an array has.
 *
 * @param x floating point; its numbers do not matter
 * @returns x's shape and dtype
 * @throws AttributeError unless scale is positive; DTypeError for integers
 * @derivative 0 everywhere: a sample is a constant
 * @example
 * ```ts
 * nd.random.exponentialLike(nd.zeros([3])); // [0.79587454 0.89856035 1.2559307 ]
 * ```
 */
export function exponentialLike(x: NDArray, options?: Partial<ExponentialLikeOptions>): NDArray {
  const op = "random.exponentialLike";
  return decaying(op, { ...readOptions(op, options, { scale: 1 }), ...likeOptions(op, x) });
}

export interface RandomExponentialOptions extends SampleOptions {
  /** Rate: 1 over the mean. */
  lam: Parameter;
}

/**
 * Exponentially distributed numbers by their rate, MXNet's in float32 and float16.
 *
 * @returns float32 of shape `(1,)`, or as the options say; with an array of rates its shape, and
 *   then the one asked for
 * @throws AttributeError unless lam is positive; ShapeError for a shape that is not one; DTypeError
 *   unless the dtype is floating point
 * @derivative 0 everywhere: a sample is a constant, for an array of rates too
 * @edges an array of rates is not checked: a rate of 0 gives infinities
 * @example
 * ```ts
 * nd.randomExponential({ lam: 0.5, shape: [3] }); // [1.5917491 1.7971207 2.5118613]
 * ```
 */
export function randomExponential(options?: Partial<RandomExponentialOptions>): NDArray {
  const op = "randomExponential";
  const { lam, shape, dtype } = readOptions<Pick<RandomExponentialOptions, "lam"> & SampleSettings>(
    op,
    options,
    { lam: 1, ...sampleDefaults },
  );
  checkParameter(op, "lam", lam, isPositive, "a number above 0");
  const [rates] = parameterArrays(op, lam) ?? [];
  const scale = rates === undefined ? 1 / Number(lam) : rates.reciprocal();
  return decaying(op, { scale, dtype, ...(shape === null ? {} : { shape }) });
}

function decaying(op: string, options: Partial<ExponentialOptions> | undefined): NDArray {
  const given = readOptions<Pick<ExponentialOptions, "scale"> & SampleSettings>(op, options, {
    scale: 1,
    ...sampleDefaults,
  });
  const { scale } = given;
  checkParameter(op, "scale", scale, isPositive, "a number above 0");
  const arrays = parameterArrays(op, scale);
  if (arrays !== undefined) {
    return keep(exponentialAround(session.randomState, arrays[0], sampleType(op, given, [])));
  }
  const attrs = { scale: Number(scale), ...sampleType(op, given) };
  return keep(exponentialSample(session.randomState, attrs));
}
