import type { NodeId } from "@adjoint/graph";
import type { FusedProgram, FusedStep, GroupStep, KernelStep } from "../fuse/index.js";
import type { Span } from "../spans.js";

/** Rows of a product, and the part of a group's split axis that needs these and no others. */
export interface Band {
  readonly rows: Span;
  readonly part: Span;
}

/** A product and the group that reads its result, band after band. */
export interface BandedStep {
  readonly kind: "banded";
  readonly nodes: readonly NodeId[];
  readonly product: KernelStep;
  readonly group: GroupStep;
  readonly bands: readonly Band[];
  readonly reads: readonly number[];
  /** Without the product's result where only the group reads it. */
  readonly writes: readonly number[];
}

export type PlanStep = FusedStep | BandedStep;

/** A fused program, in which products may have been joined with groups. */
export interface PlanProgram extends Omit<FusedProgram, "steps"> {
  readonly steps: readonly PlanStep[];
}
