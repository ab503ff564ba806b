import { argumentDifferences, type Pattern } from "./callPattern.js";
import type { Entry } from "./entry.js";

/** After so many different numbers at one place of the arguments, any number fits there. */
export const numberLimit = 8;

/** Numbers among the arguments that are inputs, since they were different again and again. */
export class VaryingNumbers {
  readonly varying = new Set<string>();
  /** Where numbers decide more than other numbers. */
  private readonly decisive = new Set<string>();

  /**
   * Takes note of a call that no entry serves.
   *
   * @returns the places where numbers are inputs from now on
   */
  notice(entries: readonly Entry[], items: readonly Pattern[]): readonly string[] {
    const seen = new Map<string, Set<string>>();
    for (const entry of entries) {
      const differences = argumentDifferences(entry.items, items);
      if (!differences.every(({ numeric }) => numeric)) continue;
      for (const { what, before } of differences) {
        const values = seen.get(what) ?? new Set();
        seen.set(what, values.add(before));
      }
    }
    const found = [...seen].flatMap(([what, { size }]) =>
      size >= numberLimit && !this.decisive.has(what) ? [what] : [],
    );
    for (const what of found) this.varying.add(what);
    return found;
  }

  /** Whether arguments hold a number that is an input. */
  isIn(items: readonly Pattern[]): boolean {
    return items.some((pattern) => numbersIn(pattern).length > 0);
  }

  /** From now on, numbers are no inputs at these places. */
  giveUp(places: readonly string[]): void {
    for (const what of places) {
      this.decisive.add(what);
      this.varying.delete(what);
    }
  }
}

/** The places of numbers that are inputs, in their order. */
export function numbersIn(pattern: Pattern): readonly string[] {
  switch (pattern.kind) {
    case "number":
      return [pattern.path];
    case "list":
    case "record":
      return pattern.items.flatMap(numbersIn);
    default:
      return [];
  }
}
