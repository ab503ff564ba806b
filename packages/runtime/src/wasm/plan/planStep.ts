import type { NodeId } from "@adjoint/graph";
import type { FusedProgram, FusedStep, GroupStep, KernelStep } from "../fuse/index.js";
import type { Span } from "../spans.js";

/**
 * Rows of a product's result, or images of a convolution's, and the parts of split axes of groups that
 * compute or need these and no others.
 */
export interface Band {
  readonly rows: Span;
  readonly before?: Span | undefined;
  readonly after?: Span | undefined;
}

/**
 * A product or convolution with the group that computes its first argument, the one that reads its
 * result, or both, band after band.
 */
export interface BandedStep {
  readonly kind: "banded";
  readonly nodes: readonly NodeId[];
  readonly before?: GroupStep | undefined;
  readonly product: KernelStep;
  readonly after?: GroupStep | undefined;
  readonly bands: readonly Band[];
  readonly reads: readonly number[];
  /** Without the argument and the result that are there for a band at a time. */
  readonly writes: readonly number[];
}

export type PlanStep = FusedStep | BandedStep;

/** A fused program, in which products and convolutions may have been joined with groups. */
export interface PlanProgram extends Omit<FusedProgram, "steps"> {
  readonly steps: readonly PlanStep[];
}
