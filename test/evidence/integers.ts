import { nd } from "@adjoint/nd";
import type { Evidence } from "../../scripts/differences.js";
import type { GoldenCall, GoldenNumber, ProgramCase } from "../goldenCases.js";
import { execute, problemsOf } from "../goldenRunner.js";
import { unbounded } from "./doubled.js";
import { type ArrayProblem, arrayOf, type Elements } from "./problem.js";

/** Numbers of a float64 that are integers for sure. */
const exactUpTo = 2 ** 53;

/** Whether a number, cut off and taken modulo 2^bits, is the integer; what doubles can't tell counts as one. */
function becomes(value: number, dtype: ArrayProblem["want"]["dtype"], integer: number): boolean {
  if (Math.abs(value) > exactUpTo && Number.isFinite(value)) return true;
  const whole = Number.isFinite(value) ? Math.trunc(value) : 0;
  return nd.array([whole], { dtype: "int64" }).astype(dtype).asScalar() === integer;
}

/** Whether a number is one that the dtype, or float32, does not hold. */
function isBeyond(value: number, dtype: ArrayProblem["want"]["dtype"], limit: Limit): boolean {
  switch (limit) {
    case undefined:
      return true;
    case "float32":
      return !(Math.abs(value) <= 2 ** 24) || !becomes(value, dtype, Math.trunc(value));
    case "dtype":
      return !becomes(value, dtype, Math.trunc(value)) || Math.abs(value) > exactUpTo;
    default:
      return limit satisfies never;
  }
}

type Limit = Extract<Evidence, { kind: "integers" }>["beyond"];

/** Whether ours are the numbers of double precision, cut off: of integers modulo 2^bits. */
export function areExactIntegers(problem: ArrayProblem, elements: Elements, limit: Limit): boolean {
  const { dtype } = problem.want;
  if (dtype.startsWith("float") || problem.role !== "result") return false;
  const exact = arrayOf(problem, execute(unbounded(problem.one)))?.toFlat() ?? [];
  return elements.differing.every((at) => {
    const value = exact[at] ?? Number.NaN;
    return becomes(value, dtype, elements.have[at] ?? Number.NaN) && isBeyond(value, dtype, limit);
  });
}

const lowest = -(2 ** 31);

/** What x86 makes of a number that int32 cannot hold. */
function asProcessor(value: GoldenNumber): GoldenNumber {
  const number = Number(value);
  return Math.abs(number) < -lowest ? value : lowest;
}

/** Whether ours are MXNet's once indices that int32 can't hold are the lowest int32. */
export function agreesWithIndices(one: ProgramCase, call: GoldenCall, argument: number): boolean {
  const name = String(call.args[argument]);
  const tensor = one.inputs[name];
  if (tensor === undefined) return false;
  const data = tensor.data.map(asProcessor);
  if (data.every((value, at) => Object.is(value, tensor.data[at]))) return false;
  return (
    problemsOf({ ...one, inputs: { ...one.inputs, [name]: { ...tensor, data } } }).length === 0
  );
}
