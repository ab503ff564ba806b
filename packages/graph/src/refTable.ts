import { type Ref, refKey } from "./graph.js";

/**
 * Something for each of some values of a graph. Nearly every row has one result, and ids are nearly dense, so first
 * results are looked up by position in a list; the others by key.
 */
export class RefTable<T> {
  private readonly first: (T | undefined)[] = [];
  private readonly others = new Map<string, T>();

  get(ref: Ref): T | undefined {
    return ref.out === 0 ? this.first[ref.node] : this.others.get(refKey(ref));
  }

  has(ref: Ref): boolean {
    return this.get(ref) !== undefined;
  }

  set(ref: Ref, entry: T): void {
    if (ref.out === 0) this.first[ref.node] = entry;
    else this.others.set(refKey(ref), entry);
  }

  delete(ref: Ref): void {
    if (ref.out !== 0) this.others.delete(refKey(ref));
    else if (this.first[ref.node] !== undefined) this.first[ref.node] = undefined;
  }
}
