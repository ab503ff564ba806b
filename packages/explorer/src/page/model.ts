import type { Place, Program, Row, Side, Stage, StageGraph } from "../session/session.js";

export const sides = ["forward", "backward"] as const;

export function otherSide(side: Side): Side {
  return side === "forward" ? "backward" : "forward";
}

/** A row of one of the two graphs. */
export interface RowRef {
  readonly side: Side;
  readonly id: number;
}

/** What became of a row in the pass that led to the stage. */
export type Change = "added" | "removed" | "changed";

/** One graph at one stage, looked up quickly. */
export interface GraphModel {
  readonly side: Side;
  readonly graph: StageGraph;
  /** Inputs, then nodes in order. */
  readonly rows: readonly Row[];
  readonly byId: ReadonlyMap<number, Row>;
  /** Rows that read a row. */
  readonly readers: ReadonlyMap<number, readonly number[]>;
  /** Names of the outputs that a row gives, saved values apart. */
  readonly outputs: ReadonlyMap<number, readonly string[]>;
  /** Rows that are handed over to the gradient. */
  readonly saved: ReadonlySet<number>;
  /** Against the stage before. */
  readonly changes: ReadonlyMap<number, Change>;
  /** Rows of the stage before that are gone. */
  readonly removed: readonly Row[];
}

/** Both graphs at one stage. */
export interface StageModel {
  readonly stage: Stage;
  readonly graphs: { readonly [S in Side]: GraphModel };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}

function rowsOf(program: Program, { rows }: StageGraph): Row[] {
  return rows.flatMap((position) => program.rows[position] ?? []);
}

function changesOf(
  rows: readonly Row[],
  before: readonly Row[],
): Pick<GraphModel, "changes" | "removed"> {
  const earlier = new Map(before.map((row) => [row.id, row]));
  const later = new Set(rows.map(({ id }) => id));
  const changes = new Map<number, Change>();
  for (const row of rows) {
    const old = earlier.get(row.id);
    // Equal rows are one object. Numbers are shown at their readers, and change with them.
    if (old !== row && row.literal === undefined)
      changes.set(row.id, old === undefined ? "added" : "changed");
  }
  const removed = before.filter(({ id, literal }) => !later.has(id) && literal === undefined);
  return { changes, removed };
}

function graphModel(
  program: Program,
  side: Side,
  graph: StageGraph,
  before: StageGraph | undefined,
): GraphModel {
  const rows = rowsOf(program, graph);
  const readers = new Map<number, number[]>();
  for (const { id, inputs } of rows) {
    for (const source of new Set(inputs.map(([row]) => row))) push(readers, source, id);
  }
  const outputs = new Map<number, string[]>();
  const saved = new Set<number>();
  for (const { name, place, saved: isSaved } of graph.outputs) {
    if (isSaved) saved.add(place[0]);
    else push(outputs, place[0], name);
  }
  const unchanged = before === undefined || before === graph;
  const difference = unchanged
    ? { changes: new Map<number, Change>(), removed: [] }
    : changesOf(rows, rowsOf(program, before));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return { side, graph, rows, byId, readers, outputs, saved, ...difference };
}

/** Both graphs of a stage, with what its pass changed. */
export function stageModel(program: Program, position: number): StageModel | undefined {
  const stage = program.stages[position];
  if (stage === undefined) return undefined;
  const before = program.stages[position - 1];
  const model = (side: Side) => graphModel(program, side, stage.graphs[side], before?.graphs[side]);
  return { stage, graphs: { forward: model("forward"), backward: model("backward") } };
}

/** How a row of the other graph belongs to one. */
export type Relation = "derived" | "saved" | "head";

export interface Counterpart {
  readonly ref: RowRef;
  readonly relation: Relation;
}

function relationOf({ kind }: Row): Relation {
  if (kind === "saved" || kind === "head") return kind;
  return "derived";
}

/** The row of the recorded program that a row belongs to. */
function programRow(side: Side, row: Row): number | undefined {
  if (side === "backward") return row.of?.[0] ?? row.origin;
  return row.origin ?? row.id;
}

/** What belongs to a row in the other graph. */
export function counterpartsOf({ graphs }: StageModel, { side, id }: RowRef): Counterpart[] {
  const row = graphs[side].byId.get(id);
  if (row === undefined) return [];
  const target = programRow(side, row);
  if (target === undefined) return [];
  const other = otherSide(side);
  return graphs[other].rows.flatMap((candidate): Counterpart[] => {
    if (programRow(other, candidate) !== target || candidate.literal !== undefined) return [];
    const relation = relationOf(side === "backward" ? row : candidate);
    return [{ ref: { side: other, id: candidate.id }, relation }];
  });
}

/** A value that the program hands over: where it is made, and the input of the gradient that it becomes. */
export interface SavedValue {
  readonly forward: number;
  readonly backward: number;
}

/** Saved values that the derivative of a row reads, or that the row itself hands over. */
export function savedFor(stage: StageModel, ref: RowRef): SavedValue[] {
  const { backward } = stage.graphs;
  const own = backward.byId.get(ref.id);
  const derived =
    ref.side === "backward"
      ? own === undefined
        ? []
        : [own]
      : counterpartsOf(stage, ref).flatMap(({ ref: { id } }) => backward.byId.get(id) ?? []);
  const read = derived.flatMap((row) => [row.id, ...row.inputs.map(([id]) => id)]);
  return [...new Set(read)].flatMap((id) => {
    const row = backward.byId.get(id);
    return row?.kind === "saved" && row.of !== undefined
      ? [{ forward: row.of[0], backward: id }]
      : [];
  });
}

/** `%x` for an input, `%4` for a node, `2` for a number. */
export function nameOf(graph: GraphModel, id: number): string {
  const row = graph.byId.get(id);
  if (row === undefined) return `%${id}`;
  if (row.literal !== undefined) return row.literal;
  return row.kind === "node" ? `%${id}` : `%${row.name}`;
}

/** `%4 = mul(%x, 2)`. */
export function formulaOf(graph: GraphModel, row: Row): string {
  if (row.kind !== "node") return `%${row.name}`;
  const operands = row.inputs.map((place) => operandText(graph, place));
  const attrs = row.attrs === "" || row.literal !== undefined ? "" : ` {${row.attrs}}`;
  return `%${row.id} = ${row.name}(${operands.join(", ")})${attrs}`;
}

function operandText(graph: GraphModel, [id, out]: Place): string {
  const several = (graph.byId.get(id)?.types.length ?? 1) > 1;
  return several ? `${nameOf(graph, id)}.${out}` : nameOf(graph, id);
}

/** What a row is, besides what is written on its box. */
export function describeRow(graph: GraphModel, row: Row): string {
  const roles = {
    arg: "argument",
    const: "constant",
    head: "head gradient",
    saved: "saved value",
  };
  const change = graph.changes.get(row.id);
  const outputs = graph.outputs.get(row.id) ?? [];
  return [
    row.kind === "node" ? `node %${row.id}` : roles[row.kind],
    ...row.types.slice(1),
    ...(outputs.length === 0 ? [] : [`gives ${outputs.join(", ")}`]),
    ...(graph.saved.has(row.id) ? ["saved for the gradient"] : []),
    ...(change === undefined ? [] : [`${change} by this pass`]),
  ].join(", ");
}
