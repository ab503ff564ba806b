/** Lists that are kept, as a list that grows to its length again and again takes several times its memory. */
const mostSpare = 4;
/** Longer ones are let go. */
const longestSpare = 1 << 16;

/** Empty lists that were in use before, and have the room that they had then. */
export class SpareLists<T> {
  private readonly lists: (T | undefined)[][] = [];

  take(): (T | undefined)[] {
    return this.lists.pop() ?? [];
  }

  /** Takes a list back, of which the first `count` places are in use at most. */
  give(list: (T | undefined)[], count: number): void {
    if (this.lists.length >= mostSpare || list.length > longestSpare) return;
    // What is cut off a list is given back to the engine.
    list.fill(undefined, 0, count);
    this.lists.push(list);
  }
}
