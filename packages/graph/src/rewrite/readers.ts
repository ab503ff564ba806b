import { type NodeId, type Ref, refKey } from "../graph.js";

/** Stands for the graph's outputs among the readers of a value. */
export const outputReader: NodeId = -1;

const nobody: ReadonlySet<NodeId> = new Set();

/** Who reads each value: ids of nodes, and `outputReader`. */
export class Readers {
  private readonly table = new Map<string, Set<NodeId>>();

  of(ref: Ref): ReadonlySet<NodeId> {
    return this.table.get(refKey(ref)) ?? nobody;
  }

  add(ref: Ref, reader: NodeId): void {
    const key = refKey(ref);
    const known = this.table.get(key);
    if (known === undefined) this.table.set(key, new Set([reader]));
    else known.add(reader);
  }

  delete(ref: Ref, reader: NodeId): void {
    this.table.get(refKey(ref))?.delete(reader);
  }

  /** Whoever read `from` reads `to` from now on. Gives the readers concerned. */
  move(from: Ref, to: Ref): ReadonlySet<NodeId> {
    const moved = this.of(from);
    for (const reader of moved) this.add(to, reader);
    this.table.delete(refKey(from));
    return moved;
  }
}
