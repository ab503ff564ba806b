import {
  generalizedNegativeBinomialSample,
  negativeBinomialSample,
  readOptions,
} from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import {
  drawWithTwo,
  likeOptions,
  notNegative,
  type Parameter,
  type SampleOptions,
  type SampleSettings,
  sampleDefaults,
} from "./draw.js";

const chance = {
  holds: (p: number): boolean => p > 0 && p <= 1,
  allowed: "a number above 0, at most 1",
} as const;

export interface NegativeBinomialParameters {
  /** How many successes there are to be; also fractions. */
  k: Parameter;
  /** Probability of a success. */
  p: Parameter;
}

export interface NegativeBinomialOptions extends NegativeBinomialParameters, SampleOptions {}

export interface NegativeBinomialLikeOptions {
  /** How many successes there are to be; also fractions. */
  k: number;
  /** Probability of a success. */
  p: number;
}

const drawFailuresDefaults: NegativeBinomialLikeOptions = { k: 1, p: 1 };

/**
 * Numbers of failures before the k-th success, as MXNet draws them.
 *
 * @returns float32 of shape `(1,)`, or as the options say; with arrays of parameters their shape,
 *   and then the one asked for
 * @throws AttributeError unless k is at least 0 and 0 < p <= 1; ShapeError for a shape that is not one, or parameters of different
 *   shapes; DTypeError unless the dtype is floating point
 * @derivative 0 everywhere: a sample is a constant, for arrays of parameters too
 * @edges NaN for elements of arrays that make no distribution
 * @edges with `p` 1 or `k` 0 all are 0
 * @example
 * ```ts
 * nd.random.negativeBinomial({ k: 3, p: 0.4, shape: [3] }); // [9. 5. 4.]
 * ```
 */
export function negativeBinomial(options?: Partial<NegativeBinomialOptions>): NDArray {
  return drawFailures("random.negativeBinomial", options);
}

/**
 * Numbers of failures before the k-th success, as many as an array has.
 *
 * @param x floating point; its numbers do not matter
 * @returns x's shape and dtype
 * @throws AttributeError unless k is at least 0 and 0 < p <= 1; DTypeError for integers
 * @derivative 0 everywhere: a sample is a constant
 * @example
 * ```ts
 * nd.random.negativeBinomialLike(nd.zeros([3]), { k: 3, p: 0.4 }); // [9. 5. 4.]
 * ```
 */
export function negativeBinomialLike(
  x: NDArray,
  options?: Partial<NegativeBinomialLikeOptions>,
): NDArray {
  const op = "random.negativeBinomialLike";
  return drawFailures(op, {
    ...readOptions(op, options, drawFailuresDefaults),
    ...likeOptions(op, x),
  });
}

function drawFailures(op: string, options: Partial<NegativeBinomialOptions> | undefined): NDArray {
  const given = readOptions<NegativeBinomialParameters & SampleSettings>(op, options, {
    ...drawFailuresDefaults,
    ...sampleDefaults,
  });
  const k = { name: "k", value: given.k, ...notNegative };
  const p = { name: "p", value: given.p, ...chance };
  return drawWithTwo(op, given, [k, p], negativeBinomialSample);
}

export interface GeneralizedNegativeBinomialParameters {
  /** Mean. */
  mu: Parameter;
  /** Dispersion: the variance is `mu + alpha * mu^2`. */
  alpha: Parameter;
}

export interface GeneralizedNegativeBinomialOptions
  extends GeneralizedNegativeBinomialParameters,
    SampleOptions {}

export interface GeneralizedNegativeBinomialLikeOptions {
  /** Mean. */
  mu: number;
  /** Dispersion: the variance is `mu + alpha * mu^2`. */
  alpha: number;
}

const drawDispersedDefaults: GeneralizedNegativeBinomialLikeOptions = { mu: 1, alpha: 1 };

/**
 * Numbers of the negative binomial distribution with a given mean, as MXNet draws them.
 *
 * @returns float32 of shape `(1,)`, or as the options say; with arrays of parameters their shape,
 *   and then the one asked for
 * @throws AttributeError unless mu and alpha are at least 0; ShapeError for a shape that is not one, or parameters of different
 *   shapes; DTypeError unless the dtype is floating point
 * @derivative 0 everywhere: a sample is a constant, for arrays of parameters too
 * @edges NaN for elements of arrays that make no distribution
 * @edges with `alpha` 0 the distribution is Poisson's
 * @example
 * ```ts
 * nd.random.generalizedNegativeBinomial({ mu: 2, alpha: 0.3, shape: [3] }); // [10.  2.  1.]
 * ```
 */
export function generalizedNegativeBinomial(
  options?: Partial<GeneralizedNegativeBinomialOptions>,
): NDArray {
  return drawDispersed("random.generalizedNegativeBinomial", options);
}

/**
 * Numbers of the negative binomial distribution with a given mean, as many as an array has.
 *
 * @param x floating point; its numbers do not matter
 * @returns x's shape and dtype
 * @throws AttributeError unless mu and alpha are at least 0; DTypeError for integers
 * @derivative 0 everywhere: a sample is a constant
 * @example
 * ```ts
 * nd.random.generalizedNegativeBinomialLike(nd.zeros([3]), { mu: 2, alpha: 0.3 });
 * // [10.  2.  1.]
 * ```
 */
export function generalizedNegativeBinomialLike(
  x: NDArray,
  options?: Partial<GeneralizedNegativeBinomialLikeOptions>,
): NDArray {
  const op = "random.generalizedNegativeBinomialLike";
  return drawDispersed(op, {
    ...readOptions(op, options, drawDispersedDefaults),
    ...likeOptions(op, x),
  });
}

function drawDispersed(
  op: string,
  options: Partial<GeneralizedNegativeBinomialOptions> | undefined,
): NDArray {
  const given = readOptions<GeneralizedNegativeBinomialParameters & SampleSettings>(op, options, {
    ...drawDispersedDefaults,
    ...sampleDefaults,
  });
  const mu = { name: "mu", value: given.mu, ...notNegative };
  const alpha = { name: "alpha", value: given.alpha, ...notNegative };
  return drawWithTwo(op, given, [mu, alpha], generalizedNegativeBinomialSample);
}
