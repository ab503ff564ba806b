import { gammaSample, readOptions } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import {
  drawWithTwo,
  likeOptions,
  type Parameter,
  positive,
  type SampleOptions,
  type SampleSettings,
  sampleDefaults,
} from "./draw.js";

export interface GammaParameters {
  /** Shape. */
  alpha: Parameter;
  /** Scale: the mean is `alpha * beta`. */
  beta: Parameter;
}

export interface GammaOptions extends GammaParameters, SampleOptions {}

export interface GammaLikeOptions {
  /** Shape. */
  alpha: number;
  /** Scale: the mean is `alpha * beta`. */
  beta: number;
}

const drawGammaDefaults: GammaLikeOptions = { alpha: 1, beta: 1 };

/**
 * Numbers of the gamma distribution, as MXNet draws them.
 *
 * @returns float32 of shape `(1,)`, or as the options say; with arrays of parameters their shape,
 *   and then the one asked for
 * @throws AttributeError unless alpha and beta are positive; ShapeError for a shape that is not one, or parameters of different
 *   shapes; DTypeError unless the dtype is floating point
 * @derivative 0 everywhere: a sample is a constant, for arrays of parameters too
 * @edges NaN for elements of arrays that make no distribution
 * @edges for a small alpha most numbers round to 0
 * @example
 * ```ts
 * nd.random.gamma({ alpha: 2, beta: 3, shape: [3] }); // [19.393465  6.384968 11.129828]
 * ```
 */
export function gamma(options?: Partial<GammaOptions>): NDArray {
  return drawGamma("random.gamma", options);
}

/**
 * Numbers of the gamma distribution, as many as an array has.
 *
 * @param x floating point; its numbers do not matter
 * @returns x's shape and dtype
 * @throws AttributeError unless alpha and beta are positive; DTypeError for integers
 * @derivative 0 everywhere: a sample is a constant
 * @example
 * ```ts
 * nd.random.gammaLike(nd.zeros([3]), { alpha: 2 }); // [6.4644885 2.1283226 3.7099428]
 * ```
 */
export function gammaLike(x: NDArray, options?: Partial<GammaLikeOptions>): NDArray {
  const op = "random.gammaLike";
  return drawGamma(op, { ...readOptions(op, options, drawGammaDefaults), ...likeOptions(op, x) });
}

function drawGamma(op: string, options: Partial<GammaOptions> | undefined): NDArray {
  const given = readOptions<GammaParameters & SampleSettings>(op, options, {
    ...drawGammaDefaults,
    ...sampleDefaults,
  });
  const alpha = { name: "alpha", value: given.alpha, ...positive };
  const beta = { name: "beta", value: given.beta, ...positive };
  return drawWithTwo(op, given, [alpha, beta], gammaSample);
}
