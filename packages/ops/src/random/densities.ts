import {
  DTypeError,
  equalShapes,
  formatShape,
  formatType,
  isFloat,
  type Operand,
  type Shape,
  ShapeError,
} from "@adjoint/graph";
import { checkOperands, nth } from "../core/define.js";
import { readOptions } from "../core/options.js";
import { sameDType } from "../core/shapes.js";
import { add, div, mul, negative, sub } from "../elementwise/arithmetic.js";
import { exp, log, log1p } from "../elementwise/exponential.js";
import { stopGradient } from "../elementwise/identity.js";
import { square } from "../elementwise/powers.js";
import { gammaln } from "../elementwise/special.js";
import { atLeastOneAxis, broadcastTo, sumAxes } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";

export interface DensityOptions {
  /** Give the logarithm. */
  isLog: boolean;
}

/** Refuses other than floating point arrays of one dtype, and parameters that do not lead the sample's shape. */
function checkSample<T extends Operand<T>>(
  op: string,
  sample: T,
  parameters: readonly T[],
  leading: Shape = sample.type.shape,
): void {
  const types = [sample, ...parameters].map(({ type }) => type);
  if (!isFloat(sameDType(op, types))) {
    throw new DTypeError({
      op,
      problem: "not floating-point arrays",
      received: formatType(sample.type),
      allowed: "float32, float64, float16",
    });
  }
  const first = nth(op, parameters, 0).type.shape;
  const fits = parameters.every(
    ({ type: { shape } }) =>
      equalShapes(shape, first) && equalShapes(shape, leading.slice(0, shape.length)),
  );
  if (!fits)
    throw misfit(op, types, "parameters of one shape, which the sample's shape begins with");
}

function misfit(op: string, types: readonly { shape: Shape }[], allowed: string): ShapeError {
  return new ShapeError({
    op,
    problem: "parameters do not fit the sample",
    received: types.map(({ shape }) => formatShape(shape)).join(", "),
    allowed,
  });
}

/** A parameter with an axis of length 1 for each further one of the sample. */
function spread<T extends Operand<T>>(parameter: T, rank: number): T {
  const { shape } = parameter.type;
  return reshape(parameter, [...shape, ...new Array<number>(rank - shape.length).fill(1)]);
}

/** The density whose logarithm is given as a formula of the sample and its parameters. */
function density<T extends Operand<T>>(
  name: string,
  [sample, ...parameters]: readonly [T, ...T[]],
  options: Partial<DensityOptions> | undefined,
  logarithm: (sample: T, first: T, second: T) => T,
): T {
  const op = `randomPdf${name}`;
  checkOperands(op, [sample, ...parameters]);
  checkSample(op, sample, parameters);
  const { isLog } = readOptions<DensityOptions>(op, options, { isLog: false });
  const rank = sample.type.shape.length;
  const spreads = parameters.map((one) => spread(one, rank));
  const first = nth(op, spreads, 0);
  const result = logarithm(sample, first, spreads[1] ?? first);
  return isLog ? result : exp(result);
}

/** `ln (Γ(x + k) / (x! Γ(k)) pᵏ (1 - p)ˣ)`. */
function negativeBinomial<T extends Operand<T>>(x: T, k: T, p: T): T {
  const ways = sub(gammaln(add(x, k)), add(gammaln(add(x, 1)), gammaln(k)));
  return add(ways, add(mul(k, log(p)), mul(x, log1p(negative(p)))));
}

/**
 * Densities of uniform distributions over [low, high).
 *
 * @param sample what was drawn, floating point: the parameters' shape, and further axes for
 *   several draws of each
 * @param low lower bounds
 * @param high upper bounds, of the shape of `low`
 * @returns the sample's shape and dtype
 * @throws ShapeError if the parameters do not fit the sample; DTypeError unless all are of one
 *   floating point dtype
 * @derivative to the bounds that of `1 / (high - low)`; 0 to the sample
 * @edges the sample is not looked at, as in MXNet: out of the bounds the result is the same
 * @example
 * ```ts
 * nd.randomPdfUniform(nd.array([[1, 2]]), nd.array([0]), nd.array([4])); // [[0.25 0.25]]
 * ```
 */
export function randomPdfUniform<T extends Operand<T>>(
  sample: T,
  low: T,
  high: T,
  options?: Partial<DensityOptions>,
): T {
  return density("Uniform", [sample, low, high], options, (x, low, high) =>
    broadcastTo(negative(log(sub(high, low))), x.type.shape),
  );
}

/**
 * Densities of normal distributions.
 *
 * @param sample what was drawn, floating point: the parameters' shape, and further axes for
 *   several draws of each
 * @param mu means
 * @param sigma standard deviations, of the shape of `mu`
 * @returns the sample's shape and dtype
 * @throws ShapeError if the parameters do not fit the sample; DTypeError unless all are of one
 *   floating point dtype
 * @derivative that of the formula, to the sample and both parameters
 * @edges NaN where sigma is 0 or negative
 * @example
 * ```ts
 * nd.randomPdfNormal(nd.array([[0, 1]]), nd.array([0]), nd.array([1])); // [[0.3989423  0.24197073]]
 * ```
 */
export function randomPdfNormal<T extends Operand<T>>(
  sample: T,
  mu: T,
  sigma: T,
  options?: Partial<DensityOptions>,
): T {
  return density("Normal", [sample, mu, sigma], options, (x, mu, sigma) =>
    sub(mul(square(div(sub(x, mu), sigma)), -0.5), add(log(sigma), Math.log(2 * Math.PI) / 2)),
  );
}

/**
 * Densities of gamma distributions.
 *
 * @param sample what was drawn, floating point: the parameters' shape, and further axes for
 *   several draws of each
 * @param alpha shape parameters
 * @param beta rates (not scales), of the shape of `alpha`
 * @returns the sample's shape and dtype
 * @throws ShapeError if the parameters do not fit the sample; DTypeError unless all are of one
 *   floating point dtype
 * @derivative that of the formula, to the sample and both parameters
 * @edges NaN below 0, and at 0 where alpha is 1
 * @example
 * ```ts
 * nd.randomPdfGamma(nd.array([[1, 2]]), nd.array([5]), nd.array([1]));
 * // [[0.01532831 0.09022352]]
 * ```
 */
export function randomPdfGamma<T extends Operand<T>>(
  sample: T,
  alpha: T,
  beta: T,
  options?: Partial<DensityOptions>,
): T {
  return density("Gamma", [sample, alpha, beta], options, (x, alpha, beta) =>
    sub(add(mul(alpha, log(beta)), mul(sub(alpha, 1), log(x))), add(mul(beta, x), gammaln(alpha))),
  );
}

/**
 * Densities of exponential distributions.
 *
 * @param sample what was drawn, floating point: the parameters' shape, and further axes for
 *   several draws of each
 * @param lam rates
 * @returns the sample's shape and dtype
 * @throws ShapeError if the parameters do not fit the sample; DTypeError unless all are of one
 *   floating point dtype
 * @derivative that of the formula, to the sample and the rates
 * @edges below 0 the formula goes on, as in MXNet: it is above the rate there
 * @example
 * ```ts
 * nd.randomPdfExponential(nd.array([[0, 1]]), nd.array([2])); // [[2.         0.27067056]]
 * ```
 */
export function randomPdfExponential<T extends Operand<T>>(
  sample: T,
  lam: T,
  options?: Partial<DensityOptions>,
): T {
  return density("Exponential", [sample, lam], options, (x, lam) => sub(log(lam), mul(lam, x)));
}

/**
 * Probabilities of counts under Poisson distributions.
 *
 * @param sample counts, floating point: the parameters' shape, and further axes for several draws
 *   of each
 * @param lam means
 * @returns the sample's shape and dtype
 * @throws ShapeError if the parameters do not fit the sample; DTypeError unless all are of one
 *   floating point dtype
 * @derivative that of the formula to the parameters; 0 to the sample, which is a count
 * @edges fractions are let through, by the gamma function; NaN at a mean of 0
 * @example
 * ```ts
 * nd.randomPdfPoisson(nd.array([[0, 1]]), nd.array([1])); // [[0.36787945 0.36787945]]
 * ```
 */
export function randomPdfPoisson<T extends Operand<T>>(
  sample: T,
  lam: T,
  options?: Partial<DensityOptions>,
): T {
  return density("Poisson", [sample, lam], options, (x, lam) => {
    const count = stopGradient(x);
    return sub(mul(count, log(lam)), add(lam, gammaln(add(count, 1))));
  });
}

/**
 * Probabilities of counts under negative binomial distributions.
 *
 * @param sample counts, floating point: the parameters' shape, and further axes for several draws
 *   of each
 * @param k how many failures end an experiment; may have a fraction
 * @param p probabilities of a failure, of the shape of `k`
 * @returns the sample's shape and dtype
 * @throws ShapeError if the parameters do not fit the sample; DTypeError unless all are of one
 *   floating point dtype
 * @derivative that of the formula to the parameters; 0 to the sample, which is a count
 * @edges NaN where p is 0 or 1 and the formula is 0 times infinity
 * @example
 * ```ts
 * nd.randomPdfNegativeBinomial(nd.array([[1, 2]]), nd.array([1]), nd.array([0.5]));
 * // [[0.25  0.125]]
 * ```
 */
export function randomPdfNegativeBinomial<T extends Operand<T>>(
  sample: T,
  k: T,
  p: T,
  options?: Partial<DensityOptions>,
): T {
  return density("NegativeBinomial", [sample, k, p], options, (x, k, p) =>
    negativeBinomial(stopGradient(x), k, p),
  );
}

/**
 * Probabilities of counts under negative binomial distributions by mean and dispersion.
 *
 * @param sample counts, floating point: the parameters' shape, and further axes for several draws
 *   of each
 * @param mu means
 * @param alpha dispersions, of the shape of `mu`: `k = 1 / alpha`, `p = 1 / (mu alpha + 1)`
 * @returns the sample's shape and dtype
 * @throws ShapeError if the parameters do not fit the sample; DTypeError unless all are of one
 *   floating point dtype
 * @derivative that of the formula to the parameters; 0 to the sample, which is a count
 * @edges NaN where alpha is 0, the limit of which is a Poisson distribution
 * @example
 * ```ts
 * nd.randomPdfGeneralizedNegativeBinomial(nd.array([[0, 1]]), nd.array([2]), nd.array([0.5]));
 * // [[0.25 0.25]]
 * ```
 */
export function randomPdfGeneralizedNegativeBinomial<T extends Operand<T>>(
  sample: T,
  mu: T,
  alpha: T,
  options?: Partial<DensityOptions>,
): T {
  return density("GeneralizedNegativeBinomial", [sample, mu, alpha], options, (x, mu, alpha) =>
    negativeBinomial(stopGradient(x), div(1, alpha), div(1, add(mul(mu, alpha), 1))),
  );
}

/**
 * Densities of Dirichlet distributions over the last axis.
 *
 * @param sample shares, floating point: the parameters' shape, and further axes before the last for
 *   several draws of each
 * @param alpha concentrations along the last axis
 * @returns the sample's shape without the last axis, `(1,)` where none is left; its dtype
 * @throws ShapeError if the parameters do not fit the sample; DTypeError unless both are of one
 *   floating point dtype
 * @derivative that of the formula, to each share and concentration, as if they were free
 * @edges NaN where a share is 0 and its concentration 1; shares need not add up to 1
 * @example
 * ```ts
 * nd.randomPdfDirichlet(nd.array([[0.2, 0.8]]), nd.array([1, 2])); // [1.6]
 * ```
 */
export function randomPdfDirichlet<T extends Operand<T>>(
  sample: T,
  alpha: T,
  options?: Partial<DensityOptions>,
): T {
  const op = "randomPdfDirichlet";
  checkOperands(op, [sample, alpha]);
  const [whole, shape] = [sample.type.shape, alpha.type.shape];
  const axis = whole.length - 1;
  if (shape.length === 0 || axis < shape.length - 1 || whole.at(-1) !== shape.at(-1)) {
    throw misfit(op, [sample.type, alpha.type], "equal last axes, and alpha's others leading");
  }
  checkSample(op, sample, [alpha], [...whole.slice(0, shape.length - 1), ...shape.slice(-1)]);
  const { isLog } = readOptions<DensityOptions>(op, options, { isLog: false });
  const middle = new Array<number>(whole.length - shape.length).fill(1);
  const power = reshape(alpha, [...shape.slice(0, -1), ...middle, ...shape.slice(-1)]);
  const sum = (x: T) => sumAxes(x, [axis]);
  const scale = sub(gammaln(sum(power)), sum(gammaln(power)));
  const result = atLeastOneAxis(add(sum(mul(sub(power, 1), log(sample))), scale));
  return isLog ? result : exp(result);
}
