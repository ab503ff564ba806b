import type { Graph, TensorType, TypedArray } from "@adjoint/graph";
import type { Engines } from "../random/engines.js";
import type { Scratch } from "../scratch.js";
import type { Tensor } from "../tensor.js";

/**
 * What `call` kernels of form `host` run, by key: results must have the types that the node
 * announces.
 */
export type HostFunctions = ReadonlyMap<number, (ins: readonly Tensor[]) => readonly Tensor[]>;

/** What a kernel may use while it runs. */
export interface RunContext {
  readonly hosts: HostFunctions;
  readonly engines: Engines;
  readonly scratch: Scratch;
}

/** What a kernel is prepared for: the node's operator, for messages, and its types. */
export interface Signature {
  readonly op: string;
  readonly ins: readonly TensorType[];
  readonly outs: readonly TensorType[];
  /** The user's line that made the node, for messages. */
  readonly site?: string | undefined;
}

/** A planned sub-graph. */
export interface Body {
  run(
    ins: readonly Tensor[],
    options: { readonly hosts: HostFunctions; readonly engines: Engines },
  ): readonly Tensor[];
}

/**
 * What kernels with a body need: plans a sub-graph, with whatever operators and lowering the outer
 * plan has.
 */
export interface PlanContext {
  planBody(graph: Graph): Body;
}

/** Computes all elements of `outs`, whatever they held before. `ins` are never written. */
export type Execute = (
  ins: readonly TypedArray[],
  outs: readonly TypedArray[],
  context: RunContext,
) => void;

/**
 * Settles, once per planned node, everything that depends on types alone. Throws where dtypes are
 * not supported.
 */
export type Prepare<K> = (kernel: K, signature: Signature, context: PlanContext) => Execute;

/** The element at `index`, which the caller knows to exist. */
export function at<T>(list: ArrayLike<T>, index: number): T {
  const element = list[index];
  if (element === undefined) throw new RangeError(`no element ${index} of ${list.length}`);
  return element;
}
