import type { Graph, NodeId } from "../graph.js";
import { equalTypes } from "../type.js";
import type { GraphDiff, OutputChange, RowAspect, RowChange } from "./graphDiff.js";
import { type Matching, matchById, matchByStructure } from "./matchRows.js";
import { type Operand, type Row, RowTable } from "./rowTable.js";

/** How graphs are compared. */
export interface DiffOptions {
  /**
   * What makes rows counterparts: their ids, as in two graphs of one history of passes, or what they compute; default:
   * whichever finds fewer differences.
   */
  readonly by?: "id" | "structure" | undefined;
}

/** Compares two graphs whose counterparts are known. */
class Comparison {
  private readonly origins: Matching;
  private readonly sameInputs: boolean;

  constructor(
    private readonly before: RowTable,
    private readonly after: RowTable,
    private readonly pairs: Matching,
  ) {
    this.origins = new Map([...pairs].map(([earlier, later]) => [later, earlier]));
    const inputs = before.graph.inputs;
    this.sameInputs =
      inputs.length === after.graph.inputs.length && inputs.every(({ id }) => pairs.has(id));
  }

  /** Rows in the order of the later graph; each removed one after the row that it followed. */
  rows(): RowChange[] {
    const removed = new Map<NodeId | undefined, RowChange[]>();
    let last: NodeId | undefined;
    for (const { id } of this.before.rows) {
      const later = this.pairs.get(id);
      if (later !== undefined) last = later;
      else {
        const rows = removed.get(last) ?? [];
        removed.set(last, rows);
        rows.push({ kind: "removed", before: id });
      }
    }
    const changes: RowChange[] = [...(removed.get(undefined) ?? [])];
    for (const row of this.after.rows) {
      changes.push(this.change(row));
      for (const one of removed.get(row.id) ?? []) changes.push(one);
    }
    return changes;
  }

  outputs(): OutputChange[] {
    const earlier = this.before.graph.outputs;
    const later = this.after.graph.outputs;
    const names = new Set(later.map(({ name }) => name));
    const gone = earlier.filter(({ name }) => !names.has(name));
    const places = new Map(earlier.map(({ name }, place) => [name, place]));
    const changes = later.flatMap(({ name, ref }, place): OutputChange[] => {
      const was = places.get(name);
      const old = was === undefined ? undefined : earlier[was];
      if (old === undefined) return [{ kind: "added", name }];
      const isMoved = earlier.length === later.length && gone.length === 0 && was !== place;
      const isSame = this.isSame(this.before.operand(old.ref), this.after.operand(ref));
      return isSame && !isMoved ? [] : [{ kind: "changed", name }];
    });
    return [...gone.map(({ name }): OutputChange => ({ kind: "removed", name })), ...changes];
  }

  private change(later: Row): RowChange {
    const origin = this.origins.get(later.id);
    const earlier = origin === undefined ? undefined : this.before.get(origin);
    if (earlier === undefined) return { kind: "added", after: later.id };
    const aspects = this.aspects(earlier, later);
    const ids = { before: earlier.id, after: later.id };
    return aspects.length === 0 ? { kind: "same", ...ids } : { kind: "changed", ...ids, aspects };
  }

  private aspects(earlier: Row, later: Row): RowAspect[] {
    const found: [RowAspect, boolean][] = [];
    if (earlier.kind === "input" && later.kind === "input") {
      const [a, b] = [earlier.input, later.input];
      found.push(["name", a.name !== b.name], ["role", a.role !== b.role]);
      found.push(["types", !equalTypes(a.type, b.type)], ["constant", a.constant !== b.constant]);
      found.push(["position", this.sameInputs && earlier.position !== later.position]);
    }
    if (earlier.kind === "node" && later.kind === "node") {
      const [a, b] = [earlier.node, later.node];
      const mine = this.before.operands(earlier);
      const theirs = this.after.operands(later);
      const isRead =
        mine.length === theirs.length && mine.every((one, at) => this.isSame(one, theirs[at]));
      const isTyped =
        a.types.length === b.types.length &&
        a.types.every((type, out) => {
          const other = b.types[out];
          return other !== undefined && equalTypes(type, other);
        });
      found.push(["operator", a.op !== b.op], ["inputs", !isRead]);
      found.push(["attributes", earlier.attrs !== later.attrs], ["types", !isTyped]);
      found.push(["scope", a.scope !== b.scope]);
    }
    return found.filter(([, differs]) => differs).map(([aspect]) => aspect);
  }

  private isSame(earlier: Operand, later: Operand | undefined): boolean {
    if (earlier.kind === "number") return later?.kind === "number" && earlier.text === later.text;
    if (later?.kind !== "result") return false;
    return this.pairs.get(earlier.ref.node) === later.ref.node && earlier.ref.out === later.ref.out;
  }
}

function compare(before: RowTable, after: RowTable, matchedBy: "id" | "structure"): GraphDiff {
  const match = matchedBy === "id" ? matchById : matchByStructure;
  const comparison = new Comparison(before, after, match(before, after));
  const graphs = { before: before.graph, after: after.graph };
  return {
    kind: "diff",
    ...graphs,
    matchedBy,
    rows: comparison.rows(),
    outputs: comparison.outputs(),
  };
}

/** How many rows and outputs differ; 0 for graphs that are the same. */
export function countDifferences({ rows, outputs }: GraphDiff): number {
  return rows.filter(({ kind }) => kind !== "same").length + outputs.length;
}

/**
 * What was added, removed and changed from one graph to another. Operators, operands, attributes, types and scopes count;
 * sites, origins, graph names and the order of nodes don't. Numbers belong to the rows that read them.
 *
 * @example
 * ```ts
 * const { before, after } = history;
 * console.log(toText(diffGraphs(before, after)));
 * ```
 */
export function diffGraphs(before: Graph, after: Graph, options: DiffOptions = {}): GraphDiff {
  const tables = [new RowTable(before), new RowTable(after)] as const;
  if (options.by !== undefined) return compare(...tables, options.by);
  const byId = compare(...tables, "id");
  if (countDifferences(byId) === 0) return byId;
  const byStructure = compare(...tables, "structure");
  return countDifferences(byStructure) < countDifferences(byId) ? byStructure : byId;
}
