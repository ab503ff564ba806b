import type { NodeId } from "../graph.js";
import { labelOf, type Row, type RowTable } from "./rowTable.js";

/** Rows of a later graph by their counterparts in an earlier one. */
export type Matching = ReadonlyMap<NodeId, NodeId>;

/** Rows of one id are counterparts, where both are inputs or both are nodes. */
export function matchById(before: RowTable, after: RowTable): Matching {
  const pairs = new Map<NodeId, NodeId>();
  for (const { id, kind } of before.rows) if (after.get(id)?.kind === kind) pairs.set(id, id);
  return pairs;
}

/** Numbers texts, so that a key made of keys stays short. */
class Numbering {
  private readonly numbers = new Map<string, number>();

  of(text: string): number {
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    const number = this.numbers.size;
    this.numbers.set(text, number);
    return number;
  }
}

type Keys = ReadonlyMap<NodeId, number>;

/** Equal for rows that compute the same from the same inputs. */
function downwardKeys(table: RowTable, numbering: Numbering): Keys {
  const keys = new Map<NodeId, number>();
  for (const row of table.rows) {
    const operands = table
      .operands(row)
      .map((one) =>
        one.kind === "number" ? one.text : `${keys.get(one.ref.node)}.${one.ref.out}`,
      );
    keys.set(row.id, numbering.of(`${labelOf(row)}(${operands.join()})`));
  }
  return keys;
}

/** Equal for rows that are the same and are put to the same use, down to the outputs. */
function upwardKeys(table: RowTable, numbering: Numbering): Keys {
  const uses = new Map<NodeId, string[]>();
  const note = (id: NodeId, use: string) => {
    const known = uses.get(id);
    if (known === undefined) uses.set(id, [use]);
    else known.push(use);
  };
  for (const { name, ref } of table.graph.outputs) {
    note(ref.node, `output ${JSON.stringify(name)}.${ref.out}`);
  }
  const keys = new Map<NodeId, number>();
  for (const row of [...table.rows].reverse()) {
    const use = (uses.get(row.id) ?? []).sort().join();
    const key = numbering.of(`${labelOf(row)} for ${use}`);
    keys.set(row.id, key);
    table.operands(row).forEach((operand, position) => {
      if (operand.kind === "result")
        note(operand.ref.node, `${key}.${position}.${operand.ref.out}`);
    });
  }
  return keys;
}

/** Rows that are alike, from exactly to roughly: tried one after another. */
function roughKeys(table: RowTable, numbering: Numbering): Keys[] {
  const by = (text: (row: Row) => string): Keys =>
    new Map(table.rows.map((row) => [row.id, numbering.of(text(row))]));
  return [
    by((row) => labelOf(row)),
    by((row) => (row.kind === "input" ? `name ${row.input.name}` : `op ${row.node.op}`)),
  ];
}

/** Pairs those of one key, first with first, second with second. */
function pairUp(
  before: readonly Row[],
  after: readonly Row[],
  keys: readonly [Keys, Keys],
  pairs: Map<NodeId, NodeId>,
  taken: Set<NodeId>,
): void {
  const free = new Map<number | undefined, NodeId[]>();
  for (const { id } of [...after].reverse()) {
    if (taken.has(id)) continue;
    const key = keys[1].get(id);
    const ids = free.get(key);
    if (ids === undefined) free.set(key, [id]);
    else ids.push(id);
  }
  for (const { id } of before) {
    if (pairs.has(id)) continue;
    const match = free.get(keys[0].get(id))?.pop();
    if (match === undefined) continue;
    pairs.set(id, match);
    taken.add(match);
  }
}

/**
 * Counterparts by structure: first rows that compute the same from the same inputs, then rows that are put to the same
 * use, then rows that are alike, then rows of one operator or name, in order. Linear time but for sorting readers.
 */
export function matchByStructure(before: RowTable, after: RowTable): Matching {
  const numbering = new Numbering();
  const keysOf = (table: RowTable) => [
    downwardKeys(table, numbering),
    upwardKeys(table, numbering),
    ...roughKeys(table, numbering),
  ];
  const mine = keysOf(before);
  const theirs = keysOf(after);
  const pairs = new Map<NodeId, NodeId>();
  const taken = new Set<NodeId>();
  mine.forEach((keys, stage) => {
    const other = theirs[stage];
    if (other !== undefined) pairUp(before.rows, after.rows, [keys, other], pairs, taken);
  });
  return pairs;
}
