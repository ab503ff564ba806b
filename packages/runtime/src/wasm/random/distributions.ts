import type { DType, RandomKernel } from "@adjoint/graph";
import type { Double, Precision, Sampler } from "./sampler.js";

// As in random/samplers.ts, gammaSamplers.ts and uniformSamplers.ts, where the sources are named.

export type SampledDistribution = Exclude<RandomKernel["distribution"], "multinomial">;

/** Writes a function that draws one sample with two parameters, and returns it. */
export type WriteSample = (sampler: Sampler, first: Double, second: Double) => void;

/** The sampler of a distribution, for samples of a dtype. */
export function sampleOf(distribution: SampledDistribution, dtype: DType): WriteSample {
  const precision: Precision = dtype === "float32" ? "single" : "double";
  switch (distribution) {
    case "uniform":
      // Halves are drawn in double precision, with parameters in float32.
      return uniform(precision, dtype === "float64" ? "double" : "single");
    case "normal":
      return (s, mean, deviation) => {
        const scaled = s.multiply(normal(s, precision), s.round(deviation, precision));
        const sum = s.add(s.round(scaled, precision), s.round(mean, precision));
        s.code.return(s.round(sum, precision));
      };
    case "exponential":
      return (s, scale) => {
        const logarithm = s.log(s.subtract(1, s.unit(precision)), "double");
        const rate = s.round(s.divide(1, scale), precision);
        s.code.return(s.divide(s.code.op("f64.neg", logarithm), rate));
      };
    case "randint":
      return integer;
    case "sequence":
      return (s) => s.code.return(s.unit(precision));
    case "gamma":
      return gammaOf(dtype === "float64" ? "double" : "single");
    case "poisson":
      return (s, mean) => {
        returnNaNUnless(s, isCount(s, mean));
        s.code.return(poisson(s, s.round(mean, "single")));
      };
    case "negativeBinomial":
      return negativeBinomial;
    case "generalizedNegativeBinomial":
      return dispersed;
    default:
      return distribution satisfies never;
  }
}

function uniform(precision: Precision, narrow: Precision): WriteSample {
  return (s, low, high) => {
    const start = s.round(low, narrow);
    const range = s.round(s.subtract(s.round(high, narrow), start), narrow);
    const scaled = s.round(s.multiply(s.unit(precision), range), precision);
    s.code.return(s.round(s.add(scaled, start), precision));
  };
}

/** (2^31 w0 + w1) mod (high - low), plus low. */
function integer(s: Sampler, low: Double, high: Double): void {
  const { code } = s;
  const range = code.op("i64.trunc_sat_f64_s", s.subtract(high, low));
  const word = () => code.op("i64.extend_i32_u", s.word());
  const first = code.op("i64.shl", code.op("i64.rem_u", word(), range), code.i64(31n));
  const sum = code.op("i64.add", code.op("i64.rem_u", first, range), word());
  code.return(s.add(code.op("f64.convert_i64_s", code.op("i64.rem_u", sum, range)), low));
}

function returnNaNUnless(s: Sampler, valid: ReturnType<Sampler["less"]>): void {
  s.code.if(s.not(valid), () => s.code.return(s.number(Number.NaN)));
}

function isBounded(s: Sampler, x: Double) {
  return s.less(s.code.op("f64.abs", x), Infinity);
}

function isPositive(s: Sampler, x: Double) {
  return s.code.op("i32.and", s.less(0, x), isBounded(s, x));
}

function isCount(s: Sampler, x: Double) {
  return s.code.op("i32.and", s.code.op("f64.ge", x, s.number(0)), isBounded(s, x));
}

/** A standard normal sample by the polar method. */
function normal(sampler: Sampler, precision: Precision): Double {
  return sampler.draw(`normal.${precision}`, (s) => {
    s.forever((again) => {
      const round = (x: Double) => s.round(x, precision);
      const coordinate = () => round(s.subtract(s.multiply(2, s.unit(precision)), 1));
      const [x, y] = [coordinate(), coordinate()];
      const square = round(s.add(round(s.multiply(x, x)), round(s.multiply(y, y))));
      const outside = s.less(1, square);
      const centre = s.code.op("f64.eq", square, s.number(0));
      s.code.if(s.code.op("i32.or", outside, centre), again);
      const logarithm = s.log(square, precision);
      const ratio = round(s.divide(s.multiply(-2, logarithm), square));
      s.code.return(round(s.multiply(y, round(s.squareRoot(ratio)))));
    });
  });
}

function gammaOf(precision: Precision): WriteSample {
  return (s, shape, scale) => {
    const valid = s.code.op("i32.and", isPositive(s, shape), isPositive(s, scale));
    returnNaNUnless(s, valid);
    s.code.return(gamma(s, s.round(shape, precision), s.round(scale, precision), precision));
  };
}

/** A gamma sample by squeezing a cubed normal one. */
function gamma(sampler: Sampler, shape: Double, scale: Double, precision: Precision): Double {
  const name = `gamma.${precision}`;
  return sampler.draw(name, (s, a, b) => writeGamma(s, a, b, precision), shape, scale);
}

function writeGamma(s: Sampler, shape: Double, scale: Double, precision: Precision): void {
  const { code } = s;
  const round = (x: Double) => s.round(x, precision);
  const small = s.less(shape, 1);
  const d = round(code.select(small, s.add(shape, 2 / 3), s.subtract(shape, 1 / 3)));
  returnNaNUnless(s, isBounded(s, d));
  const k = round(s.squareRoot(s.multiply(9, d)));
  const c = round(s.divide(1, k));
  s.forever((again) => {
    const z = normal(s, precision);
    code.if(code.op("f64.le", z, code.op("f64.neg", k)), again);
    const x = round(s.add(1, round(s.multiply(c, z))));
    const cube = round(s.multiply(round(s.multiply(x, x)), x));
    const logarithm = s.unary("log", s.subtract(1, s.unit(precision)));
    const volume = round(s.multiply(d, cube));
    const half = s.multiply(s.multiply(0.5, z), z);
    const squeezed = s.subtract(s.add(half, d), volume);
    const bound = s.add(squeezed, s.multiply(d, s.unary("log", cube)));
    code.if(s.not(s.less(logarithm, bound)), again);
    const sample = round(s.multiply(volume, scale));
    code.if(small, () => {
      const power = s.binary("pow", s.unit(precision), round(s.divide(1, shape)));
      code.return(round(s.multiply(sample, power)));
    });
    code.return(sample);
  });
}

/** From this mean on samples are drawn by rejection. */
const largeMean = 12;

function poisson(sampler: Sampler, mean: Double): Double {
  return sampler.draw("poisson", writePoisson, mean);
}

function writePoisson(s: Sampler, mean: Double): void {
  const { code } = s;
  code.if(code.op("f64.ne", mean, mean), () => code.return(mean));
  code.if(code.op("f64.ge", mean, s.number(largeMean)), () =>
    code.return(s.draw("poisson.large", writeLargePoisson, mean)),
  );
  const least = s.round(s.unary("exp", code.op("f64.neg", mean)), "single");
  const count = code.variable("f64", s.number(0));
  const product = code.variable("f64", s.unit("single"));
  s.forever(() => {
    code.if(s.not(s.less(least, product)), () => code.return(count));
    code.assign(count, s.add(count, 1));
    code.assign(product, s.round(s.multiply(product, s.unit("single")), "single"));
  });
}

function writeLargePoisson(s: Sampler, mean: Double): void {
  const { code } = s;
  const [width, logarithm] = [s.squareRoot(s.multiply(2, mean)), s.unary("log", mean)];
  const lgamma = (x: Double) => s.unary("lgamma", s.add(x, 1));
  const peak = s.subtract(s.multiply(mean, logarithm), lgamma(mean));
  s.forever((again) => {
    const tangent = s.unary("tan", s.multiply(Math.PI, s.unit("single")));
    const place = s.add(s.multiply(width, tangent), mean);
    code.if(s.less(place, 0), again);
    const count = code.op("f64.floor", place);
    const exponent = s.subtract(s.subtract(s.multiply(count, logarithm), lgamma(count)), peak);
    const slope = s.add(1, s.multiply(tangent, tangent));
    const density = s.multiply(s.multiply(0.9, slope), s.unary("exp", exponent));
    code.if(s.less(density, s.unit("single")), again);
    code.return(count);
  });
}

/** Failures before `k` successes of probability `p`: Poisson of a gamma sample. */
function negativeBinomial(s: Sampler, k: Double, p: Double): void {
  const { code } = s;
  const chance = code.op("i32.and", s.less(0, p), code.op("f64.le", p, s.number(1)));
  returnNaNUnless(s, code.op("i32.and", isCount(s, k), chance));
  const [successes, probability] = [s.round(k, "single"), s.round(p, "single")];
  const odds = s.divide(s.subtract(1, probability), probability);
  const mean = gamma(s, successes, s.round(odds, "single"), "single");
  code.return(poisson(s, mean));
}

/** Negative binomial of this mean and variance mean + dispersion mean^2. */
function dispersed(s: Sampler, mean: Double, dispersion: Double): void {
  const { code } = s;
  returnNaNUnless(s, code.op("i32.and", isCount(s, mean), isCount(s, dispersion)));
  const [centre, spread] = [s.round(mean, "single"), s.round(dispersion, "single")];
  code.if(code.op("f64.eq", spread, s.number(0)), () => code.return(poisson(s, centre)));
  const shape = s.round(s.divide(1, spread), "single");
  const scale = s.round(s.multiply(spread, centre), "single");
  code.return(poisson(s, gamma(s, shape, scale, "single")));
}
