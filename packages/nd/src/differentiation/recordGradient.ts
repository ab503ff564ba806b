import { add, fronts, sub } from "@adjoint/ops";
import { type ArrayHost, NDArray } from "../array/ndarray.js";
import { Storage } from "../recording/storage.js";
import type { Trace } from "../recording/trace.js";
import { applyGraph } from "./applyGraph.js";
import {
  checkHeads,
  distribute,
  type GradientHost,
  headTensor,
  type Passed,
  planFor,
  type Reversed,
} from "./backward.js";
import { Pending } from "./pending.js";

/**
 * The gradients of all variables that `heads` depend on, as recorded arrays: every node of the gradient graphs is
 * applied to arrays as if the user had written it, so that it can be differentiated again. Must run while recording.
 */
export function recordGradient(
  host: GradientHost & ArrayHost,
  heads: readonly NDArray[],
  headGrads: readonly (NDArray | undefined)[],
): Reversed<NDArray> {
  const pending = new Pending<NDArray>((a, b) => add(a, b));
  const flows = checkHeads(heads);
  heads.forEach((head, position) => {
    const given = headArray(host, head, headGrads[position]);
    if (flows[position] !== true) return;
    pending.set(head, head.leaf === undefined ? given : tieTo(given, head));
  });
  const passed: Passed[] = [];
  for (let next = pending.next(); next !== undefined; next = pending.next()) {
    const { trace } = next;
    const plan = planFor(host, trace, next.heads);
    const saved = plan.saved.map((index) => recordedArray(host, trace, index));
    const inputs = [...next.heads.map(([, head]) => head), ...saved];
    const gradients = applyGraph(host, plan.backward, inputs, ({ op, attrs }, ins) =>
      op === "customFunctionBackward"
        ? trace.customs.get(Number(attrs.key))?.onArrays(ins)
        : undefined,
    );
    const tied = gradients.map((gradient, position) =>
      tieTo(gradient, recordedArray(host, trace, plan.wrt[position] ?? -1)),
    );
    distribute(trace, plan, tied, pending);
    passed.push({ trace, plan });
  }
  return { gradients: pending.leaves, passed };
}

/** The head gradient given, checked, still part of its own graph. */
function headArray(host: ArrayHost, head: NDArray, given: NDArray | undefined): NDArray {
  const tensor = headTensor(head, given);
  return given ?? NDArray.of(host, tensor.type, new Storage(tensor, "shared"));
}

/** A gradient that does not depend on its variable is still a function of it, with derivative 0. */
function tieTo(gradient: NDArray, variable: NDArray): NDArray {
  return gradient.tracked ? gradient : sub(gradient, fronts.zerosLike(variable));
}

/** A value of a trace as it was recorded, with its place on the trace. */
function recordedArray(host: ArrayHost, trace: Trace, index: number): NDArray {
  const step = trace.stepOf(index);
  const array = NDArray.recorded(host, trace.typeOf(index), trace, index, step.tracked);
  const known = trace.values.data[index];
  if (known === undefined) trace.hasOtherArrays = true;
  else array.hold(known);
  return array;
}
