import { ArgumentError, type DType, type RandomKernel, sizeOf } from "@adjoint/graph";
import { engineCount } from "../random/engines.js";
import { type Sampler, samplerOf } from "../random/samplers.js";
import { requireDTypes, store } from "../storage.js";
import { at, type Execute, type Signature } from "./prepare.js";

const allowed: { readonly [D in RandomKernel["distribution"]]: readonly DType[] } = {
  uniform: ["float32", "float64"],
  normal: ["float32", "float64"],
  exponential: ["float32", "float64"],
  randint: ["int32", "int64", "int8", "uint8"],
};

/** Samples that one engine gives at least, before another one joins in. */
const samplesPerEngine = 64;

/**
 * Draws samples as MXNet 1.9.1 does, bit by bit: N samples come from ceil(N / 64) engines, at most
 * 1024, each of which fills a contiguous block. The next state counts the words drawn.
 */
export function prepareRandom(kernel: RandomKernel, signature: Signature): Execute {
  const { dtype, shape } = at(signature.outs, 0);
  requireDTypes(signature, [dtype], allowed[kernel.distribution]);
  checkRange(kernel, signature);
  const size = sizeOf(shape);
  const sampler = samplerOf(kernel, dtype);
  return (ins, outs, { engines }) => {
    const state = Float64Array.from(at(ins, 0), Number);
    const seed = state[0] ?? 0;
    const used = Math.min(engineCount, Math.ceil(size / samplesPerEngine));
    const block = Math.ceil(size / Math.max(1, used));
    const samples = new Float64Array(block);
    for (let index = 0; index * block < size; index++) {
      const count = Math.min(block, size - index * block);
      const engine = engines.at(seed, index, state[index + 1] ?? 0);
      fillBlock(samples, count, sampler, engine);
      store(at(outs, 0).subarray(index * block), dtype, 0, samples, count);
      state[index + 1] = engine.given;
    }
    store(at(outs, 1), "float64", 0, state, state.length);
  };
}

function fillBlock(
  samples: Float64Array,
  count: number,
  sampler: Sampler,
  engine: Parameters<Sampler>[0],
): void {
  for (let i = 0; i < count; i++) samples[i] = sampler(engine);
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
