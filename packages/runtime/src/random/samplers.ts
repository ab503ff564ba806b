import type { DType, RandomKernel } from "@adjoint/graph";
import {
  dispersedSample,
  gammaSample,
  negativeBinomialSample,
  poissonSample,
} from "./gammaSamplers.js";
import { logOfDouble } from "./logOfDouble.js";
import type { Twister } from "./twister.js";
import { double, integerBelow, type Precision, single, standardNormal } from "./uniformSamplers.js";

/** Draws one sample of the distribution with these parameters. */
export type Sampler = (engine: Twister, first: number, second: number) => number;

/** Distributions that draw element by element. */
export type SampledDistribution = Exclude<RandomKernel["distribution"], "multinomial">;

/** The sampler of a distribution; float32 rounds at each step where C++ code on floats does. */
export function samplerOf(distribution: SampledDistribution, dtype: DType): Sampler {
  const precision = dtype === "float32" ? single : double;
  const { unit, round } = precision;
  // Halves are drawn in double precision, with parameters in float32.
  const narrow = dtype === "float64" ? round : Math.fround;
  switch (distribution) {
    case "uniform":
      return (engine, low, high) => {
        const start = narrow(low);
        return round(round(unit(engine) * narrow(narrow(high) - start)) + start);
      };
    case "normal":
      return (engine, mean, deviation) =>
        round(round(standardNormal(engine, precision) * round(deviation)) + round(mean));
    case "exponential":
      // MXNet divides by the rate, a rounded 1 / scale.
      return (engine, scale) => -logOfDouble(1 - unit(engine)) / round(1 / scale);
    case "randint":
      return (engine, low, high) => integerBelow(engine, high - low) + low;
    case "sequence":
      return (engine) => unit(engine);
    case "gamma":
      return gammaSampler(dtype === "float64" ? double : single);
    case "poisson":
      return (engine, mean) => poissonSample(engine, Math.fround(mean));
    case "negativeBinomial":
      return (engine, k, p) => negativeBinomialSample(engine, Math.fround(k), Math.fround(p));
    case "generalizedNegativeBinomial":
      return (engine, mean, dispersion) =>
        dispersedSample(engine, Math.fround(mean), Math.fround(dispersion));
    default:
      return distribution satisfies never;
  }
}

function gammaSampler(precision: Precision): Sampler {
  const { round } = precision;
  return (engine, shape, scale) => gammaSample(engine, round(shape), round(scale), precision);
}
