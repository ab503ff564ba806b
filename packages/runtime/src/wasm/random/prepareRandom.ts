import { bytesOf, isFloat, type RandomKernel, sizeOf, type TensorType } from "@adjoint/graph";
import { allowedDTypes, samplesPerEngine } from "../../kernels/random.js";
import { at } from "../../kernels/prepare.js";
import { sequenceEngine, sharedEngines } from "../../random/engines.js";
import { doubleBits } from "../cells/bits.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import {
  type CallArgument,
  callOf,
  type LibraryCall,
  operandAt,
  type PreparedKernel,
  wholeKernel,
} from "../libraryCall.js";
import { moveLibrary } from "../move/moveLibrary.js";
import { copyCalls } from "../move/stridedCopy.js";
import { type Span, splitSpan } from "../spans.js";
import type { SampledDistribution } from "./distributions.js";
import { engineBytes } from "./engineLibrary.js";
import { drawLibrary, multinomialLibrary } from "./randomLibrary.js";

const stateWords = 1 + sharedEngines + 1;

/**
 * Samples, and the next state. Operands: the state, arrays of parameters, then sample and next
 * state. Undefined where the interpreter refuses the dtype or the range, and for parameters that
 * are no floats.
 */
export function prepareRandom(
  kernel: RandomKernel,
  ins: readonly TensorType[],
  outs: readonly TensorType[],
  libraries: KernelLibraries,
): PreparedKernel | undefined {
  const { distribution, parameters } = kernel;
  const out = at(outs, 0);
  if (!allowedDTypes[distribution].includes(out.dtype)) return undefined;
  if (distribution === "randint" && !isRange(parameters)) return undefined;
  const [given] = ins.slice(1);
  if (given !== undefined && !isFloat(given.dtype)) return undefined;
  if (distribution === "multinomial") {
    return given && prepareMultinomial(given, out, libraries);
  }
  return prepareSamples(distribution, parameters, ins, out, libraries);
}

function isRange([low = 0, high = 0]: readonly number[]): boolean {
  const range = high - low;
  return Number.isInteger(low) && Number.isInteger(high) && range > 0 && range <= 2 ** 32;
}

function enginesOf(libraries: KernelLibraries): number {
  return libraries.region("engines", (sharedEngines + 1) * engineBytes);
}

/** Copies words of the state to the next one. */
function copyState(
  libraries: KernelLibraries,
  next: CallArgument,
  { from, to }: Span,
): readonly LibraryCall[] {
  const layout = { offset: from, strides: [1] };
  return copyCalls(moveLibrary(libraries), {
    shape: [to - from],
    width: 8,
    source: operandAt(0),
    from: layout,
    target: next,
    to: layout,
  });
}

function prepareSamples(
  distribution: SampledDistribution,
  parameters: readonly number[],
  ins: readonly TensorType[],
  out: TensorType,
  libraries: KernelLibraries,
): PreparedKernel {
  const size = sizeOf(out.shape);
  const given = ins[1];
  const groups = given === undefined ? 1 : sizeOf(given.shape);
  const { draw } = drawLibrary(libraries, distribution, out.dtype, given?.dtype ?? "float64");
  const inSequence = distribution === "sequence";
  const used = inSequence ? 1 : Math.min(sharedEngines, Math.ceil(size / samplesPerEngine));
  const block = Math.ceil(size / Math.max(1, used));
  const blocks = size === 0 ? 0 : Math.ceil(size / block);
  const numbers = parameterPlaces(parameters, ins, libraries);
  const [to, next] = [operandAt(ins.length), operandAt(ins.length + 1)];
  const engines = enginesOf(libraries);
  const part = ({ from, to: past }: Span): PreparedKernel => {
    // The seed goes with the first part, what no part draws from with the last.
    const words = { from: from === 0 ? 0 : from + 1, to: past === blocks ? stateWords : past + 1 };
    const drawing = callOf(draw, {
      engines,
      state: operandAt(0),
      next,
      to,
      slot: inSequence ? sequenceEngine : 0,
      from,
      past,
      block,
      size,
      first: numbers.first,
      second: numbers.second,
      share: Math.max(1, groups === 0 ? 1 : size / groups),
    });
    return {
      calls: [...copyState(libraries, next, words), ...numbers.calls, drawing],
      scratchBytes: 16,
      split: (parts) =>
        splitSpan(past - from, parts).map((span) =>
          part({ from: from + span.from, to: from + span.to }),
        ),
    };
  };
  const whole = part({ from: 0, to: blocks });
  return blocks > 0 ? whole : wholeKernel(whole.calls, whole.scratchBytes);
}

/** Arrays of parameters as they lie; numbers are written to scratch memory. */
function parameterPlaces(
  parameters: readonly number[],
  ins: readonly TensorType[],
  libraries: KernelLibraries,
) {
  if (ins.length > 1) {
    const calls: readonly LibraryCall[] = [];
    return { calls, first: operandAt(1), second: operandAt(ins.length > 2 ? 2 : 1) };
  }
  const { fill8 } = moveLibrary(libraries);
  const [first = 0, second = first] = parameters;
  const calls = [first, second].map((value, i) => {
    const { low, high } = doubleBits(value);
    return callOf(fill8, { to: { scratch: 8 * i }, count: 1, low, high });
  });
  return { calls, first: { scratch: 0 }, second: { scratch: 8 } };
}

function prepareMultinomial(
  given: TensorType,
  out: TensorType,
  libraries: KernelLibraries,
): PreparedKernel {
  const length = at(given.shape, given.shape.length - 1);
  const rows = sizeOf(given.shape.slice(0, -1));
  const { draw } = multinomialLibrary(libraries, given.dtype);
  const drawing = callOf(draw, {
    engines: enginesOf(libraries),
    state: operandAt(0),
    next: operandAt(3),
    to: operandAt(2),
    slot: sequenceEngine,
    rows,
    length,
    share: rows === 0 ? 0 : sizeOf(out.shape) / rows,
    probabilities: operandAt(1),
    sums: { scratch: 0 },
  });
  const copied = copyState(libraries, operandAt(3), { from: 0, to: stateWords });
  return wholeKernel([...copied, drawing], bytesOf("float32") * length);
}
