import type { NodeId, Ref } from "../graph.js";
import { RefTable } from "../refTable.js";

/** Stands for the graph's outputs among the readers of a value. */
export const outputReader: NodeId = -1;

/** Who reads each value: ids of nodes, and `outputReader`. Most values have one reader, who is kept without a set. */
export class Readers {
  private readonly table = new RefTable<NodeId | Set<NodeId>>();

  of(ref: Ref): Iterable<NodeId> {
    const known = this.table.get(ref);
    if (known === undefined) return [];
    return typeof known === "number" ? [known] : known;
  }

  count(ref: Ref): number {
    const known = this.table.get(ref);
    if (known === undefined) return 0;
    return typeof known === "number" ? 1 : known.size;
  }

  add(ref: Ref, reader: NodeId): void {
    const known = this.table.get(ref);
    if (known === undefined) this.table.set(ref, reader);
    else if (typeof known !== "number") known.add(reader);
    else if (known !== reader) this.table.set(ref, new Set([known, reader]));
  }

  delete(ref: Ref, reader: NodeId): void {
    const known = this.table.get(ref);
    if (typeof known === "object") known.delete(reader);
    else if (known === reader) this.table.delete(ref);
  }

  /** Whoever read `from` reads `to` from now on. Gives the readers concerned. */
  move(from: Ref, to: Ref): readonly NodeId[] {
    const moved = [...this.of(from)];
    for (const reader of moved) this.add(to, reader);
    this.table.delete(from);
    return moved;
  }
}
