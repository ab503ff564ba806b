import type { Kernel, Node, NodeId, Ref, TensorType } from "@adjoint/graph";
import type { Group } from "./group.js";

/** An array that exists during a run. */
export interface FusedArray {
  readonly type: TensorType;
  /** The value that it holds, for messages and descriptions. */
  readonly ref: Ref;
}

/** An array that a kernel reads, from an element on. */
export interface ArrayRead {
  readonly array: number;
  readonly offset: number;
  /** What the kernel sees there. */
  readonly type: TensorType;
}

/** A loop nest made of many nodes. */
export interface GroupStep {
  readonly kind: "group";
  readonly nodes: readonly NodeId[];
  readonly group: Group;
  readonly reads: readonly number[];
  readonly writes: readonly number[];
}

/** The kernel of one node. */
export interface KernelStep {
  readonly kind: "kernel";
  readonly node: Node;
  readonly kernel: Kernel;
  readonly ins: readonly ArrayRead[];
  readonly writes: readonly number[];
}

/** One thing to do. */
export type FusedStep = GroupStep | KernelStep;

/** A program as steps over arrays. */
export interface FusedProgram {
  /** The first ones are the inputs, in their order. */
  readonly arrays: readonly FusedArray[];
  readonly steps: readonly FusedStep[];
  /** Of the outputs: arrays that steps write, each one's own. */
  readonly outputs: readonly number[];
  /** The outputs as they are asked for; the array may have another shape. */
  readonly results: readonly FusedArray[];
}

/** What is to be fused: a program's kernels in order. */
export interface KernelProgram {
  readonly inputs: readonly { readonly id: NodeId; readonly type: TensorType }[];
  readonly nodes: readonly { readonly node: Node; readonly kernel: Kernel }[];
  readonly outputs: readonly Ref[];
  typeOf(ref: Ref): TensorType;
}
