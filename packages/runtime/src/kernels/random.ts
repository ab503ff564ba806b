import {
  ArgumentError,
  type DType,
  type RandomKernel,
  sizeOf,
  type TypedArray,
} from "@adjoint/graph";
import { Categories } from "../random/categories.js";
import { type Engines, sequenceEngine, sharedEngines } from "../random/engines.js";
import { validity } from "../random/parameters.js";
import { type SampledDistribution, type Sampler, samplerOf } from "../random/samplers.js";
import type { Twister } from "../random/twister.js";
import { requireDTypes, store, toDoubles } from "../storage.js";
import { at, type Execute, type Signature } from "./prepare.js";

const floats: readonly DType[] = ["float32", "float64", "float16"];

/** What each distribution gives samples of. */
export const allowedDTypes: { readonly [D in RandomKernel["distribution"]]: readonly DType[] } = {
  uniform: floats,
  normal: floats,
  exponential: floats,
  randint: ["int32", "int64", "int8", "uint8"],
  sequence: floats,
  gamma: floats,
  poisson: floats,
  negativeBinomial: floats,
  generalizedNegativeBinomial: floats,
  multinomial: ["int32"],
};

/** Samples that one engine gives at least, before another one joins in. */
export const samplesPerEngine = 64;

/**
 * Draws samples as MXNet 1.9.1 does: N samples come from ceil(N / 64) engines, at most 1024, each
 * of which fills a contiguous block; sequences come from an engine of their own. The next state
 * counts the words drawn.
 */
export function prepareRandom(kernel: RandomKernel, signature: Signature): Execute {
  const { dtype, shape } = at(signature.outs, 0);
  const { distribution, parameters } = kernel;
  requireDTypes(signature, [dtype], allowedDTypes[distribution]);
  checkRange(kernel, signature);
  if (distribution === "multinomial") return prepareMultinomial(signature);
  const size = sizeOf(shape);
  const arrays = signature.ins.length > 1;
  const sampler = checkedSampler(distribution, dtype);
  const groups = arrays ? sizeOf(at(signature.ins, 1).shape) : 1;
  return (ins, outs, { engines }) => {
    const values = arrays
      ? ins.slice(1).map((array, i) => toDoubles(array, at(signature.ins, i + 1).dtype))
      : parameters.map((value) => Float64Array.of(value));
    const state = new DrawingState(at(ins, 0), engines);
    const draw = groupedSampler(sampler, values, size / groups);
    drawAll(distribution, size, state, draw, (start, samples, count) =>
      store(at(outs, 0).subarray(start), dtype, 0, samples, count),
    );
    store(at(outs, 1), "float64", 0, state.words, state.words.length);
  };
}

/** Gives NaN, and draws nothing, where parameters make no distribution. */
function checkedSampler(distribution: SampledDistribution, dtype: DType): Sampler {
  const sampler = samplerOf(distribution, dtype);
  const isValid = validity[distribution];
  // Doubles become halves by way of float32, rounded twice.
  const round = dtype === "float16" ? Math.fround : (sample: number) => sample;
  return (engine, first, second) =>
    isValid(first, second) ? round(sampler(engine, first, second)) : Number.NaN;
}

/** A random state while samples are drawn from it. */
class DrawingState {
  readonly words: Float64Array;

  constructor(
    start: TypedArray,
    private readonly engines: Engines,
  ) {
    this.words = Float64Array.from(start, Number);
  }

  /** Lets `draw` take words from an engine, and counts them. */
  use(index: number, draw: (engine: Twister) => void): void {
    const { words } = this;
    const engine = this.engines.at(words[0] ?? 0, index, words[index + 1] ?? 0);
    draw(engine);
    words[index + 1] = engine.given;
  }
}

/** Draws the element at a position. */
type Draw = (engine: Twister, position: number) => number;

/** The sampler with the parameters of each element: one for each `share` elements that follow. */
function groupedSampler(sampler: Sampler, values: readonly Float64Array[], share: number): Draw {
  const [first = Float64Array.of(0), second = first] = values;
  if (first.length === 1) {
    const [one = 0, two = 0] = [first[0], second[0]];
    return (engine) => sampler(engine, one, two);
  }
  return (engine, position) => {
    const group = Math.floor(position / share);
    return sampler(engine, first[group] ?? 0, second[group] ?? 0);
  };
}

/** Draws block by block, each from its engine, and hands each block on. */
function drawAll(
  distribution: SampledDistribution,
  size: number,
  state: DrawingState,
  draw: Draw,
  keep: (start: number, samples: Float64Array, count: number) => void,
): void {
  const inSequence = distribution === "sequence";
  const used = inSequence ? 1 : Math.min(sharedEngines, Math.ceil(size / samplesPerEngine));
  const block = Math.ceil(size / Math.max(1, used));
  const samples = new Float64Array(block);
  for (let index = 0; index * block < size; index++) {
    const start = index * block;
    const count = Math.min(block, size - start);
    state.use(inSequence ? sequenceEngine : index, (engine) => {
      for (let i = 0; i < count; i++) samples[i] = draw(engine, start + i);
    });
    keep(start, samples, count);
  }
}

/**
 * For each row of probabilities as many categories as the result has places for it; -1 where a row
 * is no distribution.
 */
function prepareMultinomial(signature: Signature): Execute {
  const { dtype, shape } = at(signature.outs, 0);
  const { shape: given, dtype: givenDType } = at(signature.ins, 1);
  const length = at(given, given.length - 1);
  const rows = sizeOf(given.slice(0, -1));
  const share = rows === 0 ? 0 : sizeOf(shape) / rows;
  const unit = samplerOf("sequence", "float32");
  return (ins, outs, { engines }) => {
    const probabilities = toDoubles(at(ins, 1), givenDType);
    const state = new DrawingState(at(ins, 0), engines);
    const found = new Float64Array(rows * share);
    const categories = new Categories(length);
    state.use(sequenceEngine, (engine) => {
      for (let row = 0; row < rows; row++) {
        categories.load(probabilities.subarray(row * length, (row + 1) * length));
        for (let i = 0; i < share; i++) {
          found[row * share + i] = categories.find(unit(engine, 0, 1));
        }
      }
    });
    store(at(outs, 0), dtype, 0, found, found.length);
    store(at(outs, 1), "float64", 0, state.words, state.words.length);
  };
}

/** Integers come from a remainder, so the range must not be empty, nor wider than 32 bits. */
function checkRange({ distribution, parameters }: RandomKernel, { op, site }: Signature): void {
  if (distribution !== "randint") return;
  const [low = 0, high = 0] = parameters;
  if (high - low > 0 && high - low <= 2 ** 32) return;
  throw new ArgumentError({
    op,
    problem: "range of integers is empty or too wide",
    received: `${low} ... ${high}`,
    allowed: "low < high <= low + 2^32",
    site,
  });
}
