import { lgamma } from "../math/logGamma.js";
import type { Twister } from "./twister.js";
import { type Precision, single, standardNormal } from "./uniformSamplers.js";

/**
 * A gamma sample by squeezing a cubed normal one: d = a - 1/3, V = (1 + Z / sqrt(9 d))^3, accepted
 * where ln(1 - U) < Z^2 / 2 + d - d V + d ln V. G. Marsaglia, W. W. Tsang, A simple method for
 * generating gamma variables, ACM TOMS 26 (2000), section 4; for a < 1 a sample of a + 1 times
 * U^(1/a), section 6. Rounded at each step where C++ code on floats does. NaN for a shape that is
 * infinite in this precision: nothing would ever be accepted.
 */
export function gammaSample(
  engine: Twister,
  shape: number,
  scale: number,
  precision: Precision,
): number {
  const { unit, round } = precision;
  const d = round(shape < 1 ? shape + 2 / 3 : shape - 1 / 3);
  if (!Number.isFinite(d)) return Number.NaN;
  const k = round(Math.sqrt(9 * d));
  const c = round(1 / k);
  for (;;) {
    const z = standardNormal(engine, precision);
    if (z <= -k) continue;
    const x = round(1 + round(c * z));
    const cube = round(round(x * x) * x);
    const logarithm = Math.log(1 - unit(engine));
    if (!(logarithm < 0.5 * z * z + d - round(d * cube) + d * Math.log(cube))) continue;
    const sample = round(round(d * cube) * scale);
    return shape < 1 ? round(sample * unit(engine) ** round(1 / shape)) : sample;
  }
}

/** From this mean on samples are drawn by rejection. */
const largeMean = 12;

/**
 * A Poisson sample: as many factors, uniform over (0, 1), as leave their product above e^-mean;
 * large ones by rejection from a Lorentzian. W. H. Press et al., Numerical Recipes in C, second
 * edition, section 7.3. What decides between large samples is computed in double: in float32 it is
 * noise for means of millions.
 */
export function poissonSample(engine: Twister, mean: number): number {
  if (Number.isNaN(mean)) return mean;
  const { unit, round } = single;
  if (mean >= largeMean) return largePoissonSample(engine, mean);
  const least = round(Math.exp(-mean));
  let count = 0;
  for (let product = unit(engine); product > least; product = round(product * unit(engine))) {
    count++;
  }
  return count;
}

function largePoissonSample(engine: Twister, mean: number): number {
  const { unit } = single;
  const [width, logarithm] = [Math.sqrt(2 * mean), Math.log(mean)];
  const peak = mean * logarithm - lgamma(mean + 1);
  for (;;) {
    const tangent = Math.tan(Math.PI * unit(engine));
    const place = width * tangent + mean;
    if (place < 0) continue;
    const count = Math.floor(place);
    const density = Math.exp(count * logarithm - lgamma(count + 1) - peak);
    if (!(unit(engine) > 0.9 * (1 + tangent * tangent) * density)) return count;
  }
}

/** Failures before `k` successes of probability `p`: Poisson of a gamma sample. */
export function negativeBinomialSample(engine: Twister, k: number, p: number): number {
  const { round } = single;
  const scale = round((1 - p) / p);
  return poissonSample(engine, gammaSample(engine, k, scale, single));
}

/** Negative binomial of this mean and variance mean + dispersion mean^2. */
export function dispersedSample(engine: Twister, mean: number, dispersion: number): number {
  if (dispersion === 0) return poissonSample(engine, mean);
  const { round } = single;
  const shape = round(1 / dispersion);
  return poissonSample(engine, gammaSample(engine, shape, round(dispersion * mean), single));
}
