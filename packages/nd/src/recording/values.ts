import type { Tensor } from "@adjoint/runtime";
import type { RecordedValues } from "../array/ndarray.js";
import type { Lease } from "./lease.js";
import type { Step } from "./step.js";

/** A large input, and how its memory is given back. */
interface Loan {
  readonly index: number;
  readonly lease: Lease;
}

/** Computes values that a run along a path gave up, from others that it still has. */
export type Recompute = (values: Values, indices: readonly number[]) => void;

/**
 * The numbers that one run along a path saw. Those of its inputs stay for as long as anybody holds an array
 * of this run whose numbers were not computed: it is computed from them when it is read.
 */
export class Values implements RecordedValues {
  /** Numbers by value count; undefined while pending, and where nobody was expected to ask. */
  readonly data: (Tensor | undefined)[] = [];
  /** Bytes of inputs. */
  inputBytes = 0;
  /** Large inputs, which are given back when no unread array needs them. */
  private leases: Loan[] | undefined;
  /** Results that are in `data`, a list for each plan that ran. */
  private computed: (readonly number[])[] | undefined;
  /** Why values could not be computed, by value count. */
  private failures: Map<number, unknown> | undefined;

  constructor(
    /** The last step that has run. */
    public executed: Step,
    private readonly recompute: Recompute,
  ) {}

  /** The numbers of a value that has run; throws what its computation threw. */
  at(index: number): Tensor {
    const known = this.data[index];
    if (known !== undefined) return known;
    this.checkFailure(index);
    if (index >= this.executed.end) throw new Error(`recorded value ${index} is pending`);
    this.recompute(this, [index]);
    return this.at(index);
  }

  /** Computes those of the values that have run and are not there, all together. */
  ensure(indices: readonly number[]): void {
    const missing = indices.filter((index) => this.data[index] === undefined);
    for (const index of missing) this.checkFailure(index);
    if (missing.length > 0) this.recompute(this, missing);
  }

  /** Takes in results of a plan; `results` may hold further ones behind. */
  store(indices: readonly number[], results: readonly Tensor[]): void {
    const { data } = this;
    for (let at = 0; at < indices.length; at++) data[indices[at] ?? -1] = results[at];
    if (this.computed === undefined) this.computed = [indices];
    else this.computed.push(indices);
  }

  fail(index: number, error: unknown): void {
    this.failures ??= new Map();
    this.failures.set(index, error);
  }

  checkFailure(index: number): void {
    if (this.failures?.has(index)) throw this.failures.get(index);
  }

  /** Notes an input. */
  take(index: number, lease: Lease | undefined, bytes: number): void {
    this.inputBytes += bytes;
    if (lease === undefined) return;
    this.leases ??= [];
    this.leases.push({ index, lease });
  }

  /** Has `take` give every list of results to arrays. */
  handOut(take: (indices: readonly number[]) => void): void {
    for (const indices of this.computed ?? []) take(indices);
  }

  /** Lets go of results, and of large inputs; of those that are `needed` (1 by value count) nothing. */
  drop(needed: Uint8Array): void {
    const { data, computed = [], leases = [] } = this;
    this.computed = undefined;
    this.leases = undefined;
    for (const indices of computed) {
      for (let at = 0; at < indices.length; at++) {
        const index = indices[at] ?? -1;
        if (needed[index] !== 1) data[index] = undefined;
      }
    }
    for (const { index, lease } of leases) {
      if (needed[index] === 1) continue;
      data[index] = undefined;
      lease.end();
    }
  }
}
