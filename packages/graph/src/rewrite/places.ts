import type { NodeId } from "../graph.js";

/** Where new nodes stand: each in the place of a node of the frozen graph, before it. */
export class Places {
  private readonly placed = new Map<NodeId, NodeId[]>();
  private readonly placeOf = new Map<NodeId, NodeId>();

  /** Puts the new node `id` where `rewritten` stands, which may be new itself. */
  add(id: NodeId, rewritten: NodeId): void {
    const place = this.placeOf.get(rewritten) ?? rewritten;
    this.placeOf.set(id, place);
    const there = this.placed.get(place);
    if (there === undefined) this.placed.set(place, [id]);
    else there.push(id);
  }

  /** The old nodes in their order, and the new ones in their places. */
  order(old: readonly NodeId[]): NodeId[] {
    const wanted: NodeId[] = [];
    for (const id of old) {
      const before = this.placed.get(id);
      if (before !== undefined) for (const one of before) wanted.push(one);
      wanted.push(id);
    }
    return wanted;
  }
}
