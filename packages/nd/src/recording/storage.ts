import type { TypedArray } from "@adjoint/graph";

/**
 * The memory behind one array and its aliases. A write replaces `data` instead of changing it while a trace may still
 * read the old numbers (`shared`); so a recorded program keeps the values that it saw.
 */
export class Storage {
  constructor(
    public data: TypedArray,
    public shared: boolean,
  ) {}

  /** Numbers that may be changed in place. */
  writable(): TypedArray {
    if (this.shared) {
      this.data = this.data.slice();
      this.shared = false;
    }
    return this.data;
  }

  /** Puts other numbers in place of all; `shared` says whether anyone else holds them. */
  replace(data: TypedArray, shared: boolean): void {
    this.data = data;
    this.shared = shared;
  }
}
