import type { NDArray } from "@adjoint/nd";
import { type GoldenTensor, numbersOf, type ProgramCase } from "./goldenCases.js";
import { execute, headGradsOf, inputsOf, lookUp, recordCase, runCase } from "./goldenRunner.js";

const step = 1e-5;
/** Of a quotient whose own error is about `step ** 2` times a third derivative. */
const tolerance = 1e-4;

type Tensors = Readonly<Record<string, GoldenTensor>>;

function inDoubles(tensors: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      tensor.dtype.startsWith("float") ? { ...tensor, dtype: "float64" } : tensor,
    ]),
  );
}

/** The same case in double precision. */
function doubled(one: ProgramCase): ProgramCase {
  const headGrads = (given: ProgramCase["head_grads"]): ProgramCase["head_grads"] => {
    if (given === null) return null;
    const tensors = Object.entries(given).map(([name, tensor]) => [
      name,
      tensor && inDoubles({ tensor }).tensor,
    ]);
    return Object.fromEntries(tensors);
  };
  const second = one.grad_of_grad;
  return {
    ...one,
    inputs: inDoubles(one.inputs),
    head_grads: headGrads(one.head_grads),
    ...(second && {
      grad_of_grad: { ...second, head_grads: headGrads(second.head_grads) },
    }),
  };
}

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

/** The central quotient; elements that do not move, infinite ones too, have no part in it. */
function quotientAt(one: ProgramCase, name: string, at: number): number {
  const above = weightedElements(moved(one, name, at, step));
  const below = weightedElements(moved(one, name, at, -step));
  return above.reduce((sum, value, position) => {
    const other = below[position] ?? Number.NaN;
    return Object.is(value, other) ? sum : sum + (value - other) / (2 * step);
  }, 0);
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
    const passes = one.grad_req[name] === "add" ? (one.repeat ?? 1) : 1;
    return isNear(slope, known) || isNear(slope, passes * quotientAt(one, name, at));
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
