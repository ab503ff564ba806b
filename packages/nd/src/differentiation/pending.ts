import type { Leaf, NDArray } from "../array/ndarray.js";
import { Trace } from "../recording/trace.js";

/**
 * Gradients that wait, by trace and value, while the reverse pass goes from the latest trace to the earliest (later
 * ones read from earlier ones only). `T` is a tensor, or an array that is being recorded.
 */
export class Pending<T> {
  private readonly traces = new Map<Trace, Map<number, T>>();
  readonly leaves = new Map<Leaf, T>();

  constructor(private readonly add: (a: T, b: T) => T) {}

  /** An explicit head gradient; for the same array again it replaces the first. */
  set(array: NDArray, head: T): void {
    if (array.leaf !== undefined) this.leaves.set(array.leaf, head);
    else if (array.trace instanceof Trace) this.of(array.trace).set(array.index, head);
  }

  addToLeaf(leaf: Leaf, gradient: T): void {
    this.addTo(this.leaves, leaf, gradient);
  }

  addToTrace(trace: Trace, index: number, gradient: T): void {
    this.addTo(this.of(trace), index, gradient);
  }

  /** Takes out the latest trace with its heads, in ascending order. */
  next(): { readonly trace: Trace; readonly heads: readonly [number, T][] } | undefined {
    if (this.traces.size === 0) return undefined;
    let trace: Trace | undefined;
    for (const one of this.traces.keys()) {
      if (trace === undefined || one.number > trace.number) trace = one;
    }
    if (trace === undefined) return undefined;
    const heads = [...this.of(trace)];
    if (heads.length > 1) heads.sort(([a], [b]) => a - b);
    this.traces.delete(trace);
    return { trace, heads };
  }

  private addTo<K>(gradients: Map<K, T>, key: K, gradient: T): void {
    const known = gradients.get(key);
    gradients.set(key, known === undefined ? gradient : this.add(known, gradient));
  }

  private of(trace: Trace): Map<number, T> {
    let heads = this.traces.get(trace);
    if (heads === undefined) {
      heads = new Map();
      this.traces.set(trace, heads);
    }
    return heads;
  }
}
