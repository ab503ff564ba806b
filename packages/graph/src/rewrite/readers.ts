import type { NodeId, Ref } from "../graph.js";

/** Stands for the graph's outputs among the readers of a value. */
export const outputReader: NodeId = -1;

/** More results than any operator has; makes one number of a row and a result. */
const maxResults = 2 ** 12;

function keyOf({ node, out }: Ref): number {
  return node * maxResults + out;
}

/** Who reads each value: ids of nodes, and `outputReader`. Most values have one reader, who is kept without a set. */
export class Readers {
  private readonly table = new Map<number, NodeId | Set<NodeId>>();

  of(ref: Ref): Iterable<NodeId> {
    const known = this.table.get(keyOf(ref));
    if (known === undefined) return [];
    return typeof known === "number" ? [known] : known;
  }

  count(ref: Ref): number {
    const known = this.table.get(keyOf(ref));
    if (known === undefined) return 0;
    return typeof known === "number" ? 1 : known.size;
  }

  add(ref: Ref, reader: NodeId): void {
    const key = keyOf(ref);
    const known = this.table.get(key);
    if (known === undefined) this.table.set(key, reader);
    else if (typeof known !== "number") known.add(reader);
    else if (known !== reader) this.table.set(key, new Set([known, reader]));
  }

  delete(ref: Ref, reader: NodeId): void {
    const key = keyOf(ref);
    const known = this.table.get(key);
    if (typeof known === "object") known.delete(reader);
    else if (known === reader) this.table.delete(key);
  }

  /** Whoever read `from` reads `to` from now on. Gives the readers concerned. */
  move(from: Ref, to: Ref): readonly NodeId[] {
    const moved = [...this.of(from)];
    for (const reader of moved) this.add(to, reader);
    this.table.delete(keyOf(from));
    return moved;
  }
}
