import {
  ArgumentError,
  formatType,
  type Graph,
  GradientError,
  type PassRecord,
  ReleasedGraphError,
} from "@adjoint/graph";
import { describe } from "@adjoint/ops";
import { copyTensor, type HostFunctions, type Tensor } from "@adjoint/runtime";
import { NDArray } from "./array/ndarray.js";
import { tensorFunctions } from "./differentiation/backward.js";
import type { GradientPlan } from "./differentiation/gradientPlan.js";
import { Trace } from "./recording/trace.js";
import { session } from "./session.js";

/** A recorded program and its gradient, as graphs. */
export interface RecordedGraphs {
  readonly forward: Graph;
  readonly backward: Graph;
}

/**
 * The graphs behind recorded arrays: what they were computed from, and the gradient as `backward` would
 * run it. Values of earlier recorded scopes appear as inputs.
 *
 * @param heads an array or a list of them, results of one recorded scope
 * @returns `forward`, whose further outputs are the values that the gradient needs, and `backward`
 * @throws GradientError if an array was not recorded
 * @example
 * ```ts
 * const x = nd.array([1, 2]).attachGrad();
 * const { forward, backward } = autograd.graphOf(autograd.record(() => x.mul(x)));
 * backward.inputs.map(({ role }) => role); // ["head", "saved"]
 * ```
 */
export function graphOf(heads: NDArray | readonly NDArray[]): RecordedGraphs {
  const { forward, backward: reversed } = recordedPlan(
    "graphOf",
    arraysOf("graphOf", "heads", heads),
  ).plan;
  return { forward, backward: reversed };
}

/** The gradient of arrays that one recorded scope gave. */
export function recordedPlan(
  op: string,
  heads: readonly NDArray[],
): { readonly trace: Trace; readonly plan: GradientPlan } {
  session.tracing?.refuse(op);
  const trace = heads[0]?.trace;
  const foreign = heads.some((head) => head.trace !== trace || !head.tracked);
  if (!(trace instanceof Trace) || foreign) {
    throw new GradientError({
      op,
      problem: "array is not the result of a recorded computation on variables",
      received: heads.map(({ type }) => formatType(type)).join(", "),
      allowed: "results of one autograd.record scope",
    });
  }
  const indices = [...new Set(heads.map(({ index }) => index))];
  return { trace, plan: session.gradientPlan(trace.stepOf(Math.max(...indices)), indices) };
}

/** A recorded program with its gradient, and all that is needed to run both again. */
export interface Recording extends RecordedGraphs {
  /** The program as recorded: its results are the heads, and nothing else. */
  readonly program: Graph;
  /** What each pass did to the backward graph, first to last. */
  readonly history: readonly PassRecord[];
  /** The numbers that the program read, in the order of its inputs. */
  readonly inputs: readonly Tensor[];
  /** The backward of custom functions, by the key that their nodes carry. */
  readonly hosts: HostFunctions;
}

/**
 * The graphs behind recorded arrays, as `graphOf` gives them, with the numbers that this run read:
 * for tools that run a program again and look into it.
 *
 * @param heads an array or a list of them, results of one recorded scope
 * @returns `program`, `forward`, `backward`, the pass `history` of `backward`, `inputs` in the order of the
 *   program's inputs, `hosts`
 * @throws GradientError if an array was not recorded; ReleasedGraphError where `backward` used it up
 * @example
 * ```ts
 * const x = nd.array([1, 2]).attachGrad();
 * const { inputs } = autograd.recordingOf(autograd.record(() => x.mul(x)));
 * inputs.map(({ data }) => [...data]); // [[1, 2]]
 * ```
 */
export function recordingOf(heads: NDArray | readonly NDArray[]): Recording {
  const { trace, plan } = recordedPlan("recordingOf", arraysOf("recordingOf", "heads", heads));
  if (trace.forgotten) throw released();
  trace.run();
  const inputs = plan.inputs.map((index) => copyTensor(trace.values.at(index)));
  const hosts = new Map(
    [...tensorFunctions(trace)].map(([key, run]) => [
      key,
      (ins: readonly Tensor[]) => session.recorder.aside(true, () => run(ins)),
    ]),
  );
  const { program, forward, backward, history } = plan;
  return { program, forward, backward, history, inputs, hosts };
}

function released(): ReleasedGraphError {
  return new ReleasedGraphError({
    op: "recordingOf",
    problem: "graph was released by an earlier backward",
    allowed: "{ retainGraph: true } in the earlier call",
  });
}

/** The arrays given, as a list. Throws an ArgumentError for anything else. */
export function arraysOf(
  op: string,
  name: string,
  given: NDArray | readonly NDArray[],
): readonly NDArray[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const arrays = list.filter((one): one is NDArray => one instanceof NDArray);
  if (list.length > 0 && arrays.length === list.length) return arrays;
  const wrong = list.find((one) => !(one instanceof NDArray));
  throw new ArgumentError({
    op,
    problem:
      list.length === 0 ? `${name} is an empty list` : `${name} holds something else than arrays`,
    ...(list.length === 0 ? {} : { received: describe(wrong) }),
    allowed: "an NDArray, or a list of at least one",
  });
}
