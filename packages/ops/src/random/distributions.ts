import type { OpDef, Operand } from "@adjoint/graph";
import {
  draw,
  inPrecisionOf,
  requireParameter,
  type SampleAttrs,
  sampleFloats,
  sampleOp,
} from "./sample.js";

export type UniformAttrs = SampleAttrs & { low: number; high: number };
export type NormalAttrs = SampleAttrs & { mean: number; deviation: number };
export type ExponentialAttrs = SampleAttrs & { scale: number };
export type RandintAttrs = SampleAttrs & { low: number; high: number };

const ofSample = { shape: "ints", dtype: "dtype" } as const;

function isPositive(value: number): boolean {
  return value > 0 && Number.isFinite(value);
}

export const uniformOp: OpDef<UniformAttrs> = sampleOp<UniformAttrs>("uniform", {
  attrs: { low: "number", high: "number", ...ofSample },
  dtypes: sampleFloats,
  parameters: ({ low, high, dtype }) => inPrecisionOf(dtype, low, high),
  check({ low, high }) {
    const holds = low <= high && Number.isFinite(high - low);
    const received = `low ${low}, high ${high}`;
    requireParameter(
      "uniform",
      holds,
      "high must not be below low",
      received,
      "finite low <= high",
    );
  },
  docs: "Samples of the uniform distribution over [`low`, `high`); all `low` where both are equal.",
});

export const normalOp: OpDef<NormalAttrs> = sampleOp<NormalAttrs>("normal", {
  attrs: { mean: "number", deviation: "number", ...ofSample },
  dtypes: sampleFloats,
  parameters: ({ mean, deviation, dtype }) => inPrecisionOf(dtype, mean, deviation),
  check({ mean, deviation }) {
    const fits = isPositive(deviation);
    requireParameter("normal", fits, "deviation must be positive", String(deviation), "above 0");
    const finite = Number.isFinite(mean);
    requireParameter("normal", finite, "mean must be finite", String(mean), "a finite number");
  },
  docs: "Samples of the normal distribution with mean `mean` and standard deviation `deviation`.",
});

export const exponentialOp: OpDef<ExponentialAttrs> = sampleOp<ExponentialAttrs>("exponential", {
  attrs: { scale: "number", ...ofSample },
  dtypes: sampleFloats,
  // What MXNet is told is the rate.
  parameters: ({ scale, dtype }) => inPrecisionOf(dtype, 1 / scale).map((rate) => 1 / rate),
  check({ scale }) {
    const fits = isPositive(scale);
    requireParameter("exponential", fits, "scale must be positive", String(scale), "above 0");
  },
  docs: "Samples of the exponential distribution with mean `scale`, that is rate `1 / scale`.",
});

export const randintOp: OpDef<RandintAttrs> = sampleOp<RandintAttrs>("randint", {
  attrs: { low: "int", high: "int", ...ofSample },
  dtypes: ["int32", "int64"],
  parameters: ({ low, high }) => [low, high],
  check({ low, high }) {
    const holds = low < high && high - low <= 2 ** 32;
    const received = `low ${low}, high ${high}`;
    const allowed = "low < high <= low + 2^32";
    requireParameter("randint", holds, "high must be above low", received, allowed);
  },
  docs: "Integers from `low` to `high - 1`, equally likely.",
});

export const sequenceOp: OpDef<SampleAttrs> = sampleOp<SampleAttrs>("sequence", {
  attrs: ofSample,
  dtypes: sampleFloats,
  parameters: () => [],
  check() {},
  docs: "Samples of the uniform distribution over [0, 1), from the one engine that draws in sequence.",
});

/** Uniform samples in [low, high), and the next state. */
export function uniformSample<T extends Operand<T>>(
  state: T,
  attrs: UniformAttrs,
): readonly [T, T] {
  return draw(uniformOp, state, attrs);
}

/** Normal samples, and the next state. */
export function normalSample<T extends Operand<T>>(state: T, attrs: NormalAttrs): readonly [T, T] {
  return draw(normalOp, state, attrs);
}

/** Exponential samples of mean `scale`, and the next state. */
export function exponentialSample<T extends Operand<T>>(
  state: T,
  attrs: ExponentialAttrs,
): readonly [T, T] {
  return draw(exponentialOp, state, attrs);
}

/** Integers in [low, high), and the next state. */
export function randintSample<T extends Operand<T>>(
  state: T,
  attrs: RandintAttrs,
): readonly [T, T] {
  return draw(randintOp, state, attrs);
}

/** Uniform samples in [0, 1) from the engine of sequences, and the next state. */
export function sequenceSample<T extends Operand<T>>(
  state: T,
  attrs: SampleAttrs,
): readonly [T, T] {
  return draw(sequenceOp, state, attrs);
}
