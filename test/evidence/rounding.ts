import { type NDArray, nd } from "@adjoint/nd";
import type { ProgramCase } from "../goldenCases.js";
import { execute, toArray } from "../goldenRunner.js";
import { doubled } from "./doubled.js";
import { type ArrayProblem, arrayOf, type Elements } from "./problem.js";

/** Half the distance from 1 to the next number. */
const unitRoundoff: Readonly<Record<string, number>> = { float16: 2 ** -11, float32: 2 ** -24 };
/** MXNet's attributes are float32, whatever the arrays. */
const attributeRoundoff = 2 ** -24;
/** Beyond this share of the array's largest number something else than rounding is at work, such as a tie. */
const largestShare: Readonly<Record<string, number>> = {
  float16: 2 ** -6,
  float32: 2 ** -9,
  float64: 2 ** -16,
};
const draws = 6;
/** An operator rounds more than its result: sums inside, and each of their terms. */
const roundingsPerCall = 8;
/** MXNet's error may be so many times the largest of ours. */
const errorFactor = 3;

/** Numbers in [-1, 1), the same at each run (Knuth, TAOCP 2, section 3.3.4). */
function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** Whole numbers stay: they may be positions, labels or lengths. */
function rounded(value: number, factor: number): number {
  return Number.isInteger(value) ? value : value * factor;
}

type Attrs = Readonly<Record<string, number>>;

/** Every result of a call, and every input, times 1 + a rounding error. */
function disturbed(one: ProgramCase, size: number, seed: number, defaults: Attrs) {
  const next = noise(seed);
  const factor = () => 1 + size * next();
  const inputs = Object.fromEntries(
    Object.entries(one.inputs).map(([name, tensor]) => {
      if (tensor.dtype !== "float64") return [name, tensor];
      return [
        name,
        { ...tensor, data: tensor.data.map((value) => rounded(Number(value), factor())) },
      ];
    }),
  );
  const program = one.program.map((call) => ({
    ...call,
    attrs: Object.fromEntries(
      Object.entries({ ...defaults, ...call.attrs }).map(([name, value]) => {
        const by = 1 + roundingsPerCall * attributeRoundoff * next();
        return [name, typeof value === "number" ? rounded(value, by) : value];
      }),
    ),
  }));
  const adjust = (result: NDArray) => {
    if (result.dtype !== "float64" || result.size === 0) return result;
    const each = result.toFlat().map((value) => (Number.isInteger(value) ? 1 : factor()));
    const factors = nd.array(each, { dtype: "float64" });
    return result.mul(factors.reshape([...result.shape]));
  };
  return execute({ ...one, inputs, program }, adjust);
}

function disturbedInputs(one: ProgramCase, next: () => number): ProgramCase {
  const inputs = Object.entries(one.inputs).map(([name, tensor]) => {
    const size = 2 * (unitRoundoff[tensor.dtype] ?? 0);
    const data = tensor.data.map((value) => rounded(Number(value), 1 + size * next()));
    const array = toArray({ ...tensor, data });
    return [name, size === 0 ? tensor : { ...tensor, data: array.toFlat() }] as const;
  });
  return { ...one, inputs: Object.fromEntries(inputs) };
}

/**
 * Whether ours and MXNet's numbers are no farther from those of double precision than rounding explains: what roundings
 * of inputs, attributes and results move those, and a few times the error that the program makes with other last digits of its
 * inputs (Chesneaux & Vignes 1988, the CESTAC method).
 */
export function differsByRounding(
  problem: ArrayProblem,
  elements: Elements,
  defaults: Attrs = {},
): boolean {
  const dtypes = Object.values(problem.one.inputs).map(({ dtype }) => dtype);
  const unit = Math.max(0, ...dtypes.map((dtype) => unitRoundoff[dtype] ?? 0));
  const numbers = (run: ReturnType<typeof execute>) => arrayOf(problem, run)?.toFlat() ?? [];
  const one = doubled(problem.one);
  const exact = numbers(execute(one));
  const moved = Array.from({ length: draws }, (_, draw) =>
    numbers(disturbed(one, unit * roundingsPerCall, draw + 1, defaults)),
  );
  const runs = Array.from({ length: draws }, (_, draw) => {
    const other = disturbedInputs(problem.one, noise(draw + 100));
    return [numbers(execute(other)), numbers(execute(doubled(other)))] as const;
  });
  const { rtol, atol } = problem.one.tol;
  const { dtype } = problem.want;
  const largest = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const most = largest * (largestShare[dtype] ?? 0);
  return elements.differing.every((at) => {
    const difference = (some: readonly number[], others: readonly number[]) =>
      Math.abs((some[at] ?? Number.NaN) - (others[at] ?? Number.NaN));
    const moves = Math.max(...moved.map((numbers) => difference(numbers, exact)));
    const errors = Math.max(...runs.map(([rough, right]) => difference(rough, right)));
    const explained = atol + rtol * Math.abs(exact[at] ?? 0) + moves + errorFactor * errors;
    const bound = Math.min(explained, most);
    return difference(elements.have, exact) <= bound && difference(elements.want, exact) <= bound;
  });
}
