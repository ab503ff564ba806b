import { poissonSample, readOptions } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import { session } from "../session.js";
import {
  arraysInAnyCase,
  checkParameter,
  isNotNegative,
  keep,
  likeOptions,
  type Parameter,
  type SampleOptions,
  type SampleSettings,
  sampleDefaults,
  sampleType,
} from "./draw.js";

export interface PoissonOptions extends SampleOptions {
  /** Mean. */
  lam: Parameter;
}

export interface PoissonLikeOptions {
  /** Mean. */
  lam: number;
}

/**
 * Numbers of the Poisson distribution, as MXNet draws them.
 *
 * @returns whole numbers as float32 of shape `(1,)`, or as the options say; with an array of means
 *   its shape, and then the one asked for
 * @throws AttributeError unless lam is finite and at least 0; ShapeError for a shape that is not one; DTypeError unless the dtype is
 *   floating point
 * @derivative 0 everywhere: a sample is a constant, for an array of means too
 * @edges NaN for elements of arrays that make no distribution
 * @edges for means of millions MXNet's float32 samples are off; these are right
 * @example
 * ```ts
 * nd.random.poisson({ lam: 4, shape: [3] }); // [9. 5. 6.]
 * ```
 */
export function poisson(options?: Partial<PoissonOptions>): NDArray {
  return drawCounts("random.poisson", options);
}

/**
 * Numbers of the Poisson distribution, as many as an array has.
 *
 * @param x floating point; its numbers do not matter
 * @returns x's shape and dtype
 * @throws AttributeError unless lam is finite and at least 0; DTypeError for integers
 * @derivative 0 everywhere: a sample is a constant
 * @example
 * ```ts
 * nd.random.poissonLike(nd.zeros([3]), { lam: 4 }); // [9. 5. 6.]
 * ```
 */
export function poissonLike(x: NDArray, options?: Partial<PoissonLikeOptions>): NDArray {
  const op = "random.poissonLike";
  return drawCounts(op, { ...readOptions(op, options, { lam: 1 }), ...likeOptions(op, x) });
}

function drawCounts(op: string, options: Partial<PoissonOptions> | undefined): NDArray {
  const given = readOptions<Pick<PoissonOptions, "lam"> & SampleSettings>(op, options, {
    lam: 1,
    ...sampleDefaults,
  });
  const { lam } = given;
  checkParameter(op, "lam", lam, isNotNegative, "a number of at least 0");
  const { first, drawn } = arraysInAnyCase(op, lam);
  return keep(poissonSample(session.randomState, first, sampleType(op, given, drawn)));
}
