import type { NDArray } from "@adjoint/nd";
import { type GoldenCall, type GoldenTensor, numbersOf, type ProgramCase } from "../goldenCases.js";
import { type Environment, execute, lookUp, tolerancesOf, wrongElements } from "../goldenRunner.js";

/** An array that differs from MXNet's. */
export interface ArrayProblem {
  readonly kind: "array";
  /** The case with this array alone to compare. */
  readonly one: ProgramCase;
  readonly role: "result" | "gradient" | "first gradient";
  readonly name: string;
  readonly want: GoldenTensor;
}

/** A case that ends in an error. */
export interface Refusal {
  readonly kind: "refusal";
  readonly one: ProgramCase;
  readonly error: string;
}

export type Problem = ArrayProblem | Refusal;

function withOnly(
  one: ProgramCase,
  role: ArrayProblem["role"],
  name: string,
  want: GoldenTensor,
): ProgramCase {
  const only = { [name]: want };
  const second = one.grad_of_grad;
  return {
    ...one,
    outputs: role === "result" && name in one.outputs ? only : {},
    grads: role === "gradient" ? only : {},
    ...(second && {
      grad_of_grad: {
        ...second,
        outputs: role === "result" && name in second.outputs ? only : {},
        first_grads: role === "first gradient" ? only : {},
      },
    }),
  };
}

/** What a line of the runner's is about. */
export function problemOf(one: ProgramCase, text: string): Problem | undefined {
  const [, error] = /^(\w*Error): /.exec(text) ?? [];
  if (error !== undefined) return { kind: "refusal", one, error };
  const [, first, gradient, result] =
    /^(?:first grad ([\w:]+)|grad ([\w:]+)|([\w:]+))[[:]/.exec(text) ?? [];
  const second = one.grad_of_grad;
  const found = (
    [
      ["first gradient", first, second?.first_grads],
      ["gradient", gradient, one.grads],
      ["result", result, { ...one.outputs, ...second?.outputs }],
    ] as const
  ).find(([, name]) => name !== undefined);
  const [role, name = "", tensors] = found ?? [];
  const want = tensors?.[name];
  if (role === undefined || want === undefined) return undefined;
  return { kind: "array", one: withOnly(one, role, name, want), role, name, want };
}

/** The array that a problem is about, in some run of its case. */
export function arrayOf(
  { role, name }: ArrayProblem,
  { arrays, firstGrads }: { arrays: Environment; firstGrads: Environment },
): NDArray | null {
  switch (role) {
    case "result":
      return lookUp(arrays, name);
    case "gradient":
      return lookUp(arrays, name).grad;
    case "first gradient":
      return lookUp(firstGrads, name);
    default:
      return role satisfies never;
  }
}

/** The elements of an array that differs. */
export interface Elements {
  readonly have: readonly number[];
  readonly want: readonly number[];
  /** Positions of those that differ. */
  readonly differing: readonly number[];
  /** Arrays of the run, by name. */
  readonly arrays: Environment;
}

/** Undefined where types differ, not numbers. */
export function elementsOf(problem: ArrayProblem): Elements | undefined {
  const run = execute(problem.one);
  const array = arrayOf(problem, run);
  const { want: tensor } = problem;
  if (array === null || array.dtype !== tensor.dtype) return undefined;
  if (array.shape.join() !== tensor.shape.join()) return undefined;
  const [have, want] = [array.toFlat(), numbersOf(tensor)];
  const differing = wrongElements(have, want, tolerancesOf(tensor, problem.one.tol));
  return { have, want, differing, arrays: run.arrays };
}

/** Arguments of a call that are arrays. */
export function argumentOf(call: GoldenCall, position: number, arrays: Environment): NDArray {
  const name = call.args[position];
  if (typeof name !== "string") throw new Error(`${call.op}: argument ${position} is no array`);
  return lookUp(arrays, name);
}
