import { byteLengthOf, type Graph, type NodeId, type TensorType } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import type { PlanDescription, StepDescription } from "../../plan/describePlan.js";
import type { CompiledPlan } from "./compiledPlan.js";

/** A compiled plan as plain data; buffers are the arrays that exist during a run. */
export function describeCompiled(
  graph: Graph,
  { program, roles, layout, refusals }: CompiledPlan,
  rowOf?: ReadonlyMap<NodeId, NodeId>,
): PlanDescription {
  const { arrays } = program;
  const place = (buffer: number, type: TensorType = at(arrays, buffer).type) => ({ buffer, type });
  const steps = program.steps.map((step, index): StepDescription => {
    const nodes = step.kind === "group" ? step.nodes : [step.node.id];
    const site = nodes.map((id) => graph.nodes[id]?.site).find((one) => one !== undefined);
    const refusal = refusals.get(index);
    return {
      // An input that is a result is copied.
      nodes: nodes.map((id) => ({ id, op: graph.nodes[id]?.op ?? "copy" })),
      rows: [...new Set(nodes.map((id) => rowOf?.get(id) ?? id))],
      kernel: step.kind === "group" ? "fused" : step.kernel.kind,
      backend: refusal !== undefined ? "interpreter" : "wasm",
      reads:
        step.kind === "group"
          ? step.reads.map((array) => place(array))
          : step.ins.map(({ array, type }) => place(array, type)),
      writes: step.writes.map((array) => place(array)),
      ...(site === undefined ? {} : { site }),
      ...(refusal === undefined ? {} : { refusal }),
    };
  });
  return {
    graph: graph.name,
    steps,
    buffers: roles.map(({ kind }, array) => {
      const { type } = at(arrays, array);
      return { kind, type, bytes: byteLengthOf(type) };
    }),
    slots: layout.temporaries,
    arenaBytes: layout.arenaBytes,
    liveBytesBound: layout.liveBytesBound,
  };
}
