import { type Decoration, type Graph, type Node, type NodeId, nodesOf } from "@adjoint/graph";
import type { PlanDescription, StepDescription } from "../plan/planDescription.js";
import { heatOf } from "./decorations.js";
import { formatMilliseconds } from "./formatValues.js";
import { formatBuffer, formatCode, formatSlot } from "./planText.js";

/** What printers need to draw a plan. */
export interface PlanDrawing {
  /** The planned graph, where the scope of a node is the step that computes it. */
  readonly graph: Graph;
  readonly decoration: Decoration;
}

/** What is said of a step, in a line. A slash would part a scope in two. */
function titleOf({ code, threads, milliseconds }: StepDescription, index: number): string {
  const shared = threads > 1 ? `, ${threads} threads` : "";
  const time = milliseconds === undefined ? "" : `, ${formatMilliseconds(milliseconds)}`;
  return `step ${index}: ${formatCode(code)}${shared}${time}`.replaceAll("/", "∕");
}

function scopesOf({ steps }: PlanDescription): Map<NodeId, string> {
  return new Map(
    steps.flatMap((step, index) => step.nodes.map((id) => [id, titleOf(step, index)] as const)),
  );
}

/** Where what a node gives is stored; nothing for values that live in registers only. */
function storageLines(plan: PlanDescription): Map<NodeId, string[]> {
  const lines = new Map<NodeId, string[]>();
  const add = (id: NodeId, line: string) => lines.set(id, [...(lines.get(id) ?? []), line]);
  for (const { kind, ref, name } of plan.buffers) {
    if (kind === "result") add(ref.node, `result ${name ?? ""}`.trim());
  }
  for (const slot of plan.slots) {
    const buffer = plan.buffers[slot.buffer];
    if (buffer === undefined) continue;
    const part = buffer.ref.out === 0 ? "" : `${formatBuffer(buffer)}: `;
    add(buffer.ref.node, `${part}${formatSlot(slot, plan)}`);
  }
  for (const id of plan.folded) add(id, "part of the code");
  return lines;
}

function fillsOf({ steps }: PlanDescription): Map<NodeId, string> {
  const total = steps.reduce((sum, { milliseconds = 0 }) => sum + milliseconds, 0);
  return new Map(
    steps.flatMap(({ nodes, milliseconds = 0 }) => {
      const fill = total === 0 ? undefined : heatOf(milliseconds / total);
      return fill === undefined ? [] : nodes.map((id) => [id, fill] as const);
    }),
  );
}

/**
 * A plan for `toDot` and other printers: each step is a cluster around the nodes that it computes; rows
 * say where their value is stored, and where times are known, the dearest steps are coloured.
 *
 * @example
 * ```ts
 * const { graph, decoration } = planDrawing(describePlan(loss, registry));
 * writeFileSync("plan.dot", toDot(graph, { decoration }));
 * ```
 */
export function planDrawing(plan: PlanDescription): PlanDrawing {
  const scopes = scopesOf(plan);
  const nodes: Record<NodeId, Node> = {};
  for (const node of nodesOf(plan.graph)) {
    const { origin: _, ...kept } = node;
    nodes[node.id] = { ...kept, scope: scopes.get(node.id) };
  }
  const graph = { ...plan.graph, nodes };
  const lines = storageLines(plan);
  const fills = fillsOf(plan);
  const row = (one: Graph, id: NodeId) =>
    one === graph ? { lines: lines.get(id), fill: fills.get(id) } : undefined;
  return { graph, decoration: { row } };
}
