import { byteLengthOf } from "@adjoint/graph";
import type { Step } from "./step.js";
import { typesAlong } from "./typesAlong.js";

/** How many times its own bytes an array without numbers may hold, to be computed from if it is read after all. */
const mostTimes = 8;
/** Less is held in any case. */
const fewBytes = 4096;

/** Values by their counts. The results of a plan share such objects. */
export type Sources = ReadonlySet<number>;

/** From which values, that are kept or come from outside, the results of steps can be computed. */
export class Origins {
  private readonly sources = new Map<number, Sources>();
  private readonly typeAt;

  /** `last`: the last of the steps. */
  constructor(last: Step | undefined) {
    this.typeAt = last === undefined ? undefined : typesAlong(last);
  }

  /**
   * Notes a result of the next step; `isKept` says whether it is to be kept in any case. Whether it is: else it needs
   * no more than a few times its own memory.
   */
  add({ action }: Step, index: number, isKept: boolean): boolean {
    if (isKept || action?.kind !== "call") return isKept;
    const sources = this.union(action.operands);
    let bytes = 0;
    for (const source of sources) bytes += this.bytesOf(source);
    if (bytes > Math.max(fewBytes, mostTimes * this.bytesOf(index))) return true;
    this.sources.set(index, sources);
    return false;
  }

  /** What it takes to compute a result that is not kept; undefined for others. */
  of(index: number): Sources | undefined {
    return this.sources.get(index);
  }

  /** The same object as an operand's where that has them all, as in most programs. */
  private union(operands: readonly number[]): Sources {
    let all: Sources = new Set();
    for (const operand of operands) {
      const more = this.sources.get(operand) ?? new Set([operand]);
      if (more.size > all.size) all = includes(more, all) ? more : new Set([...more, ...all]);
      else if (!includes(all, more)) all = new Set([...all, ...more]);
    }
    return all;
  }

  private bytesOf(index: number): number {
    return this.typeAt === undefined ? 0 : byteLengthOf(this.typeAt(index));
  }
}

function includes(all: Sources, some: Sources): boolean {
  if (all === some) return true;
  for (const one of some) if (!all.has(one)) return false;
  return true;
}
