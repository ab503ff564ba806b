import {
  ArgumentError,
  equalTypes,
  formatType,
  type Input,
  type JointGraphs,
  type Registry,
  sizeOf,
} from "@adjoint/graph";
import type { GraphInputs } from "../plan/inputList.js";
import { createTensor, type Tensor } from "../tensor.js";
import { observe, observedValues, type Observation, type ObserveOptions } from "./observe.js";

export interface ObserveGradientOptions extends ObserveOptions {
  /** One head gradient per head of the backward graph, in order. Default: ones. */
  readonly heads?: readonly Tensor[] | undefined;
}

/** A run of a program and of its gradient. */
export interface GradientObservation {
  readonly forward: Observation;
  /** Undefined where the run stopped in the program. */
  readonly backward: Observation | undefined;
}

function ones({ type }: Input): Tensor {
  return createTensor(type, new Array<number>(sizeOf(type.shape)).fill(1));
}

function headOf(input: Input, position: number, given: readonly Tensor[] | undefined): Tensor {
  if (given === undefined) return ones(input);
  const head = given[position];
  if (head !== undefined && equalTypes(head.type, input.type)) return head;
  throw new ArgumentError({
    op: "observeGradient",
    problem: `head gradient ${position + 1} does not fit ${input.name}`,
    received: head === undefined ? "nothing" : formatType(head.type),
    allowed: formatType(input.type),
  });
}

/**
 * Runs a program and its gradient as `gradient` gives them, node by node, and keeps everything; see
 * `observe`. Saved values go from one to the other.
 *
 * @throws what `observe` throws; ArgumentError for head gradients that do not fit
 * @example
 * ```ts
 * const { forward, backward } = observeGradient(gradient(graph), [x], registry);
 * ```
 */
export function observeGradient(
  { forward, backward }: JointGraphs,
  inputs: GraphInputs,
  registry: Registry,
  options: ObserveGradientOptions = {},
): GradientObservation {
  const ahead = observe(forward, inputs, registry, options);
  if (ahead.nonFinite !== undefined) return { forward: ahead, backward: undefined };
  const values = observedValues(ahead);
  let heads = 0;
  const given = backward.inputs.flatMap((input) => {
    if (input.role === "const") return [];
    if (input.role === "head") return [headOf(input, heads++, options.heads)];
    const value = input.of === undefined ? undefined : values.get(input.of);
    if (value !== undefined) return [value];
    throw new ArgumentError({
      op: "observeGradient",
      problem: `the program has no value for input ${input.name} of its gradient`,
    });
  });
  return { forward: ahead, backward: observe(backward, given, registry, options) };
}
