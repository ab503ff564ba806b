import type { Evidence } from "../../scripts/differences.js";
import { type GoldenCall, type GoldenTensor, numbersOf, type ProgramCase } from "../goldenCases.js";
import { execute, lookUp, problemsOf, toArray } from "../goldenRunner.js";
import { disturbedInputs, noise } from "./rounding.js";
import type { Refusal } from "./problem.js";

/** What MXNet's numbers show of a call that we refuse. */
export type RefusedShows = Extract<Evidence, { kind: "refused" }>["shows"];

const lowest: Readonly<Record<string, number>> = {
  float16: -65504,
  float32: -3.4028234663852886e38,
  float64: -Number.MAX_VALUE,
};

function areAll(tensor: GoldenTensor, allowed: readonly number[]): boolean {
  return numbersOf(tensor).every((value) => allowed.includes(value));
}

/** Whether results are MXNet's numbers in another dtype, and gradients, if any, 0. */
export function differsInDTypeOnly(one: ProgramCase): boolean {
  if (!Object.values(one.grads).every((tensor) => areAll(tensor, [0]))) return false;
  const { arrays } = execute({ ...one, heads: [] });
  const outputs = Object.entries(one.outputs).map(([name, tensor]) => {
    const { dtype } = lookUp(arrays, name);
    return [name, { ...tensor, dtype }] as const;
  });
  const plain = { ...one, heads: [], grads: {}, outputs: Object.fromEntries(outputs) };
  return problemsOf(plain).length === 0;
}

/** The case with the first two axes of each call's first argument, and of its result, exchanged. */
function withOtherAxis(one: ProgramCase): ProgramCase {
  const program = one.program.flatMap((call): readonly GoldenCall[] => {
    const [data, ...rest] = call.args;
    const { out } = call;
    if (typeof data !== "string" || typeof out !== "string") return [call];
    const attrs = { dim1: 0, dim2: 1 };
    return [
      { op: "swapaxes", args: [data], attrs, out: `${out}:in` },
      { ...call, args: [`${out}:in`, ...rest], out: `${out}:out` },
      { op: "swapaxes", args: [`${out}:out`], attrs, out },
    ];
  });
  return { ...one, program };
}

/** Whether we take the case with inputs a few roundings off. */
function isTakenNearby(one: ProgramCase): boolean {
  return [1, 2, 3, 4, 5, 6, 7, 8].some((seed) => {
    try {
      execute(disturbedInputs(one, noise(seed)));
      return true;
    } catch {
      return false;
    }
  });
}

/** Whether MXNet's results are what the refusal is about. */
export function showsRefusal(problem: Refusal, shows: RefusedShows): boolean {
  const { one } = problem;
  const [outputs, grads] = [Object.values(one.outputs), Object.values(one.grads)];
  switch (shows) {
    case "bounds": {
      const bounds = one.program.flatMap(({ attrs }) => [
        Number(attrs.a_min),
        Number(attrs.a_max),
        Number.NaN,
      ]);
      return outputs.every((tensor) => areAll(tensor, bounds));
    }
    case "lowest":
      return outputs.some((tensor) =>
        toArray(tensor)
          .toFlat()
          .includes(lowest[tensor.dtype] ?? 0),
      );
    case "noGradient":
      return (
        grads.every((tensor) => areAll(tensor, [0])) &&
        problemsOf({ ...one, heads: [], grads: {} }).length === 0
      );
    case "otherAxis":
      return problemsOf(withOtherAxis(one)).length === 0;
    case "rounding":
      return isTakenNearby(one);
    default:
      return shows satisfies never;
  }
}
