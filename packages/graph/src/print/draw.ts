import { type Graph, type NodeId, nodesOf, type Ref } from "../graph.js";
import { diffDecoration } from "../views/diffDecoration.js";
import type { GraphDiff } from "../views/graphDiff.js";
import type { GraphView, JointViews } from "../views/graphView.js";
import { type Decoration, mergeDecorations } from "./decoration.js";
import { GraphDrawer, type Placement, type Scene, wholeScene } from "./drawGraph.js";
import type { Drawing } from "./drawing.js";
import { literalsOf } from "./literals.js";
import { isGraph, isJoint, type JointGraphs, type Printable } from "./printable.js";

function sceneOf(subject: Graph | GraphView, prefix: string, decoration?: Decoration): Scene {
  if (isGraph(subject)) return wholeScene(subject, prefix, decoration);
  const { graph, rows, groups } = subject;
  const grouped = new Map<NodeId, Placement>();
  groups.forEach((group, position) => {
    for (const id of group.rows) grouped.set(id, { kind: "group", group: position });
  });
  const placeOf = (id: NodeId): Placement =>
    grouped.get(id) ?? { kind: rows.has(id) ? "row" : "leftOut" };
  return { ...wholeScene(graph, prefix, decoration), groups, placeOf };
}

function drawOne(subject: Graph | GraphView, decoration: Decoration | undefined): Drawing {
  const graph = isGraph(subject) ? subject : subject.graph;
  const isBackward = graph.inputs.some(({ role }) => role === "head");
  const prefix = isBackward ? "b" : "f";
  const { rows, edges } = new GraphDrawer(sceneOf(subject, prefix, decoration)).draw();
  return { name: graph.name, panels: [{ prefix, title: "", rows }], edges };
}

/** The values of the forward graph that saved inputs stand for: by name of the output, else by `of`. */
interface Bridges {
  readonly sources: ReadonlyMap<NodeId, Ref>;
  /** Outputs that only hand over saved values. */
  readonly outputs: ReadonlySet<string>;
}

function bridgesOf(forward: Graph, backward: Graph): Bridges {
  const rows = new Set([...forward.inputs.map(({ id }) => id), ...forward.order]);
  const literals = literalsOf(forward);
  const handedOver = new Map(forward.outputs.map(({ name, ref }) => [name, ref]));
  const sources = new Map<NodeId, Ref>();
  const outputs = new Set<string>();
  for (const { id, name, role, of } of backward.inputs) {
    const handed = handedOver.get(name);
    const ref = role === "saved" ? (handed ?? of) : undefined;
    if (ref === undefined || !rows.has(ref.node) || literals.has(ref.node)) continue;
    sources.set(id, ref);
    if (handed !== undefined) outputs.add(name);
  }
  return { sources, outputs };
}

function drawJoint(subject: JointGraphs | JointViews, decoration: Decoration | undefined): Drawing {
  const ahead = sceneOf(subject.forward, "f", decoration);
  const back = sceneOf(subject.backward, "b", decoration);
  const { sources, outputs } = bridgesOf(ahead.graph, back.graph);
  const saved = new Set([...sources.values()].map(({ node }) => node));
  const forward = new GraphDrawer({ ...ahead, hiddenOutputs: outputs, saved }).draw();
  const names = new Map(ahead.graph.inputs.map(({ id, name }) => [id, `%${name}`]));
  for (const { id, op } of nodesOf(ahead.graph)) names.set(id, `%${id} ${op}`);
  const placeOf = (id: NodeId): Placement => {
    const source = sources.get(id);
    const drawn = source === undefined ? undefined : forward.drawnId(source.node);
    return drawn === undefined ? back.placeOf(id) : { kind: "elsewhere", id: drawn };
  };
  const originOf = (id: NodeId) => names.get(id) ?? `%${id}`;
  const backward = new GraphDrawer({ ...back, placeOf, originOf }).draw();
  return {
    name: ahead.graph.name,
    panels: [
      { prefix: "f", title: "forward", rows: forward.rows },
      { prefix: "b", title: "backward", rows: backward.rows },
    ],
    edges: forward.edges.concat(backward.edges),
  };
}

/** The later graph, with the rows that are gone beside it. */
function drawDiff(diff: GraphDiff, decoration: Decoration | undefined): Drawing {
  const { before, after, rows } = diff;
  const marks = diffDecoration(diff);
  const all = decoration === undefined ? marks : mergeDecorations(marks, decoration);
  const later = new GraphDrawer(wholeScene(after, "f", all)).draw();
  const removed = new Set<NodeId>();
  const counterparts = new Map<NodeId, Placement>();
  for (const row of rows) {
    if (row.kind === "removed") removed.add(row.before);
    else if (row.kind !== "added") {
      const id = later.drawnId(row.after);
      if (id !== undefined) counterparts.set(row.before, { kind: "elsewhere", id });
    }
  }
  const placeOf = (id: NodeId): Placement =>
    removed.has(id) ? { kind: "row" } : (counterparts.get(id) ?? { kind: "leftOut" });
  const hiddenOutputs = new Set(before.outputs.map(({ name }) => name));
  const scene = { ...wholeScene(before, "r", all), placeOf, hiddenOutputs, isDashed: true };
  const earlier = new GraphDrawer(scene).draw();
  return {
    name: after.name,
    panels: [{ prefix: "f", title: "", rows: later.rows.concat(earlier.rows) }],
    edges: later.edges.concat(earlier.edges),
  };
}

/** What a drawing shows, whatever its format. */
export function draw(subject: Printable, decoration?: Decoration): Drawing {
  if (isJoint(subject)) return drawJoint(subject, decoration);
  if (isGraph(subject) || subject.kind === "view") return drawOne(subject, decoration);
  return drawDiff(subject, decoration);
}
