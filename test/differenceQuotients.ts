import type { NDArray } from "@adjoint/nd";
import { doubled } from "./evidence/doubled.js";
import { numbersOf, type ProgramCase } from "./goldenCases.js";
import { execute, headGradsOf, inputsOf, lookUp, recordCase, runCase } from "./goldenRunner.js";

const step = 1e-5;
/** Of a quotient whose own error is about `step ** 2` times a third derivative. */
const tolerance = 1e-4;
/** Of a quotient of one side, whose own error is about `step` times a second derivative. */
const kinkTolerance = 1e-3;

/** The elements of all heads, each times its head gradient. */
function weightedElements(one: ProgramCase): readonly number[] {
  const arrays = inputsOf(one);
  recordCase(one, arrays, new Map());
  const { heads, head_grads } = one.grad_of_grad ?? one;
  const weights = headGradsOf(heads, head_grads);
  return heads.flatMap((name, position) => {
    const head = lookUp(arrays, name);
    const weight = weights[position];
    return (weight ? head.mul(weight.astype(head.dtype)) : head).toFlat();
  });
}

/** How far the elements move together; those that do not, infinite ones too, have no part in it. */
function distance(to: readonly number[], from: readonly number[]): number {
  return to.reduce((sum, value, position) => {
    const other = from[position] ?? Number.NaN;
    return Object.is(value, other) ? sum : sum + (value - other);
  }, 0);
}

/** Whether a slope is the central quotient or, at a kink, lies between those of both sides. */
function isSlopeAt(one: ProgramCase, name: string, at: number, slope: number): boolean {
  const passes = one.grad_req[name] === "add" ? (one.repeat ?? 1) : 1;
  const above = weightedElements(moved(one, name, at, step));
  const below = weightedElements(moved(one, name, at, -step));
  if (isNear(slope, (passes * distance(above, below)) / (2 * step))) return true;
  const here = weightedElements(one);
  const sides = [distance(above, here), distance(here, below)].map((by) => (passes * by) / step);
  const [low, high] = [Math.min(...sides), Math.max(...sides)];
  const slack = kinkTolerance * (1 + Math.abs(slope));
  return slope >= low - slack && slope <= high + slack;
}

function isNear(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= tolerance * (1 + Math.abs(b));
}

/** The case with an element of an input moved. */
function moved(one: ProgramCase, name: string, at: number, by: number): ProgramCase {
  const tensor = one.inputs[name];
  if (tensor === undefined) throw new Error(`no input ${name}`);
  const data = numbersOf(tensor).map((value, place) => (place === at ? value + by : value));
  return { ...one, inputs: { ...one.inputs, [name]: { ...tensor, data } } };
}

/** Whether the elements that MXNet has otherwise agree; where both say the same, there may be a kink. */
function agrees(one: ProgramCase, name: string, gradient: NDArray): boolean {
  const recorded = one.grads[name]?.data.map(Number) ?? [];
  return gradient.toFlat().every((slope, at) => {
    const known = recorded[at] ?? Number.NaN;
    return isNear(slope, known) || isSlopeAt(one, name, at, slope);
  });
}

/**
 * Whether the gradient of an input is that of the values: in double precision it agrees with central
 * difference quotients, and in the case's own precision with that in double precision.
 */
export function agreesWithQuotients(one: ProgramCase, name: string): boolean {
  const double = doubled(one);
  const gradient = execute(double).arrays.get(name)?.grad;
  if (!gradient || !agrees(double, name, gradient)) return false;
  const { dtype = "float64" } = one.grads[name] ?? {};
  const right = { shape: gradient.shape, dtype, data: gradient.toFlat() };
  const tol = dtype === "float32" ? { rtol: tolerance, atol: tolerance } : one.tol;
  return runCase({ ...one, tol, grads: { [name]: right } }).length === 0;
}
