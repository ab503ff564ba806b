import {
  byteLengthOf,
  formatType,
  type KernelKind,
  type NodeId,
  type Ref,
  refKey,
  type TensorType,
} from "@adjoint/graph";
import type { Slot } from "./arena.js";
import type { InterpretedPlan } from "./plan.js";
import type { Place } from "./schedule.js";

/** A value as a step reads or writes it. */
export interface PlaceDescription {
  /** Position among the plan's buffers. */
  readonly buffer: number;
  readonly type: TensorType;
}

/** One kernel call, or a new name for bytes that are there. */
export interface StepDescription {
  /** The nodes that it computes, in order; several where they are fused into one kernel. */
  readonly nodes: readonly { readonly id: NodeId; readonly op: string }[];
  /** The rows that these nodes are, or are parts of, in the graph before composites were expanded. */
  readonly rows: readonly NodeId[];
  /** `alias`: only a new name, nothing runs. `fused`: one loop nest made of maps, views, reductions. */
  readonly kernel: KernelKind | "alias" | "fused";
  /** What runs it: generated code, or JavaScript. */
  readonly backend: "wasm" | "interpreter";
  readonly reads: readonly PlaceDescription[];
  readonly writes: readonly PlaceDescription[];
  readonly site?: string | undefined;
  /** In a compiled plan: why the interpreter runs this step. */
  readonly refusal?: string;
}

/**
 * Where a value is during a run: given by the caller, in the graph's table, in a fresh array for
 * the caller, or in the arena.
 */
export interface BufferDescription {
  readonly kind: "input" | "constant" | "result" | "temporary";
  readonly type: TensorType;
  readonly bytes: number;
}

/** What a plan does, and where it keeps what. Plain data. */
export interface PlanDescription {
  readonly graph: string;
  readonly steps: readonly StepDescription[];
  readonly buffers: readonly BufferDescription[];
  /** Temporaries in the arena; bytes count from its start, steps from 0 with `end` inclusive. */
  readonly slots: readonly Slot[];
  readonly arenaBytes: number;
  /** The most bytes of temporaries alive at one step: no arena can be smaller. */
  readonly liveBytesBound: number;
}

const placeOf = ({ buffer, type }: Place): PlaceDescription => ({ buffer, type });

/**
 * A plan as plain data, for dumps and viewers. `rowOf` as `planGraph` gives it; without it, rows
 * are the plan's own nodes.
 *
 * @example
 * ```ts
 * const { steps, slots } = describePlan(plan(graph, registry));
 * ```
 */
export function describePlan(
  plan: InterpretedPlan,
  rowOf?: ReadonlyMap<NodeId, NodeId>,
): PlanDescription {
  return {
    graph: plan.graph.name,
    steps: plan.steps.map(({ node, op, kernel, ins, outs, alias, site }) => ({
      nodes: [{ id: node, op }],
      rows: [rowOf?.get(node) ?? node],
      kernel: alias ? "alias" : kernel.kind,
      backend: "interpreter",
      reads: ins.map(placeOf),
      writes: outs.map(placeOf),
      ...(site === undefined ? {} : { site }),
    })),
    buffers: plan.buffers.map(({ kind, type }) => ({ kind, type, bytes: byteLengthOf(type) })),
    slots: plan.slots,
    arenaBytes: plan.arenaBytes,
    liveBytesBound: plan.liveBytesBound,
  };
}

/**
 * A plan as text: steps with their kernels, slots with their lifetimes, and how near the arena is
 * to the bound.
 *
 * @example
 * ```text
 * plan of f: 2 steps
 *   0 %2 neg map (b0) -> b1 float32[4]
 * slots
 *   %2.0 at 0, 16 bytes, steps 0-1
 * arena 64 bytes, bound 16 bytes
 * ```
 */
export function formatPlan(plan: PlanDescription): string {
  const width = String(Math.max(0, plan.steps.length - 1)).length;
  const steps = plan.steps.map(
    (step, index) => `  ${String(index).padStart(width)} ${formatStep(step)}`,
  );
  return [
    `plan of ${plan.graph}: ${plan.steps.length} steps`,
    ...steps,
    "slots",
    ...plan.slots.map(formatSlot),
    `arena ${plan.arenaBytes} bytes, bound ${plan.liveBytesBound} bytes`,
  ].join("\n");
}

function formatStep({
  nodes,
  rows,
  kernel,
  reads,
  writes,
  site,
  refusal,
}: StepDescription): string {
  const names = nodes.map(({ id, op }) => `%${id} ${op}`).join(" + ");
  const own = new Set(nodes.map(({ id }) => id));
  const foreign = rows.filter((row) => !own.has(row)).map((row) => `%${row}`);
  const part = foreign.length === 0 ? "" : ` of ${foreign.join(", ")}`;
  const from = reads.map(({ buffer }) => `b${buffer}`).join(", ");
  const to = writes.map(({ buffer, type }) => `b${buffer} ${formatType(type)}`).join(", ");
  const where = site === undefined ? "" : `  // ${site}`;
  const why = refusal === undefined ? "" : `, interpreted: ${refusal}`;
  return `${names}${part} ${kernel} (${from}) -> ${to}${why}${where}`;
}

function formatSlot({ ref, offset, bytes, start, end }: Slot): string {
  return `  %${formatRef(ref)} at ${offset}, ${bytes} bytes, steps ${start}-${end}`;
}

const formatRef = (ref: Ref): string => refKey(ref);
