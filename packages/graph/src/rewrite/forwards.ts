import type { Ref } from "../graph.js";
import { RefTable } from "../refTable.js";

/** What stands for each replaced value. */
export class Forwards {
  private readonly table = new RefTable<Ref>();
  private isEmpty = true;

  set(from: Ref, to: Ref): void {
    this.table.set(from, to);
    this.isEmpty = false;
  }

  /** Where a value is now, after all replacements; the same object where nothing replaced it. */
  resolve(ref: Ref): Ref {
    const next = this.isEmpty ? undefined : this.table.get(ref);
    if (next === undefined) return ref;
    let end = next;
    for (let after = this.table.get(end); after !== undefined; after = this.table.get(end)) {
      end = after;
    }
    // Shortened, so that a long chain of replacements is walked once.
    for (let at = ref; at !== end; ) {
      const passed = this.table.get(at) ?? end;
      this.table.set(at, end);
      at = passed;
    }
    return end;
  }
}
