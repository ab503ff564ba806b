import { type NDArray, nd } from "@adjoint/nd";
import type { Evidence } from "../../scripts/differences.js";
import type { ProgramCase } from "../goldenCases.js";
import { execute, toArray } from "../goldenRunner.js";
import { doubled } from "./doubled.js";
import { type ArrayProblem, arrayOf, type Elements } from "./problem.js";

/** Half the distance from 1 to the next number. */
const unitRoundoff: Readonly<Record<string, number>> = {
  float16: 2 ** -11,
  float32: 2 ** -24,
  float64: 2 ** -53,
};
/** MXNet's attributes are float32 at most, whatever the arrays. */
const attributeRoundoff = 2 ** -24;
/** Beyond this share of the array's largest number something else than rounding is at work, such as a tie. */
const largestShare: Readonly<Record<string, number>> = {
  float16: 2 ** -6,
  float32: 2 ** -9,
  float64: 2 ** -10,
};
const draws = 6;
/** An operator rounds more than its result: sums inside, and each of their terms. */
const roundingsPerCall = 8;
/** MXNet's error may be so many times the largest of ours. */
const errorFactor = 3;

/** Numbers in [-1, 1), the same at each run (Knuth, TAOCP 2, section 3.3.4). */
export function noise(seed: number): () => number {
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

/** Attributes by operator that MXNet rounds where a call does not give them. */
type Defaults = NonNullable<Extract<Evidence, { kind: "rounding" }>["defaults"]>;

/** Every result of a call, and every input, times 1 + a rounding error. */
function disturbed(one: ProgramCase, size: number, seed: number, defaults: Defaults) {
  const ofAttributes = Math.max(roundingsPerCall * attributeRoundoff, size / roundingsPerCall);
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
      Object.entries({ ...defaults[call.op], ...call.attrs }).map(([name, value]) => {
        const by = 1 + ofAttributes * next();
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

/** Every input times 1 + a few rounding errors of its dtype. */
export function disturbedInputs(one: ProgramCase, next: () => number): ProgramCase {
  const inputs = Object.entries(one.inputs).map(([name, tensor]) => {
    const size = 2 * (unitRoundoff[tensor.dtype] ?? 0);
    const data = tensor.data.map((value) => rounded(Number(value), 1 + size * next()));
    const array = toArray({ ...tensor, data });
    return [name, size === 0 ? tensor : { ...tensor, data: array.toFlat() }] as const;
  });
  return { ...one, inputs: Object.fromEntries(inputs) };
}

/** Numbers of an array of a problem in some run of its case; undefined if that is refused. */
function numbersOrNothing(problem: ArrayProblem, run: () => ReturnType<typeof execute>) {
  try {
    return arrayOf(problem, run())?.toFlat();
  } catch {
    return undefined;
  }
}

function distanceAt(at: number, some: readonly number[], others: readonly number[]): number {
  return Math.abs((some[at] ?? Number.NaN) - (others[at] ?? Number.NaN));
}

/**
 * Whether ours and MXNet's numbers are no farther from each other than those of the same program with other last digits
 * of its inputs and attributes, where it cannot run in double precision.
 */
function differsByLastDigits(
  problem: ArrayProblem,
  { have, want, differing }: Elements,
  defaults: Defaults,
): boolean {
  const runs = Array.from({ length: 2 * draws }, (_, draw) => {
    const other = disturbedInputs(problem.one, noise(draw + 100));
    return numbersOrNothing(problem, () => disturbed(other, 0, draw + 1, defaults));
  }).filter((numbers) => numbers !== undefined);
  const largest = have.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const most = largest * (largestShare[problem.want.dtype] ?? 0);
  return differing.every((at) => {
    const moves = Math.max(...runs.map((numbers) => distanceAt(at, numbers, have)));
    return runs.length > 1 && distanceAt(at, have, want) <= Math.min(errorFactor * moves, most);
  });
}

/**
 * Whether ours and MXNet's numbers are no farther from those of double precision than rounding explains: what roundings
 * of inputs, attributes and results move those, and a few times the error that the program makes with other last digits of its
 * inputs (Chesneaux & Vignes 1988, the CESTAC method).
 */
export function differsByRounding(
  problem: ArrayProblem,
  elements: Elements,
  defaults: Defaults = {},
): boolean {
  const dtypes = Object.values(problem.one.inputs).map(({ dtype }) => dtype);
  const unit = Math.max(0, ...dtypes.map((dtype) => unitRoundoff[dtype] ?? 0));
  const one = doubled(problem.one);
  const exact = numbersOrNothing(problem, () => execute(one));
  if (exact === undefined) return differsByLastDigits(problem, elements, defaults);
  const moved = Array.from({ length: draws }, (_, draw) =>
    numbersOrNothing(problem, () => disturbed(one, unit * roundingsPerCall, draw + 1, defaults)),
  ).filter((numbers) => numbers !== undefined);
  const runs = Array.from({ length: draws }, (_, draw) => {
    const other = disturbedInputs(problem.one, noise(draw + 100));
    const rough = numbersOrNothing(problem, () => execute(other));
    return [rough, numbersOrNothing(problem, () => execute(doubled(other)))] as const;
  });
  const { rtol, atol } = problem.one.tol;
  const { dtype } = problem.want;
  const largest = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const most = largest * (largestShare[dtype] ?? 0);
  return elements.differing.every((at) => {
    const moves = Math.max(...moved.map((numbers) => distanceAt(at, numbers, exact)));
    const errors = Math.max(
      ...runs.map(([rough, right]) => (rough && right ? distanceAt(at, rough, right) : 0)),
    );
    const explained = atol + rtol * Math.abs(exact[at] ?? 0) + moves + errorFactor * errors;
    const bound = Math.min(explained, most);
    return (
      distanceAt(at, elements.have, exact) <= bound && distanceAt(at, elements.want, exact) <= bound
    );
  });
}
