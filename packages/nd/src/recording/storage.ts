import { sizeOf, type TypedArray } from "@adjoint/graph";
import { copyTensor, releaseTensor, type Tensor } from "@adjoint/runtime";

/**
 * The memory behind one array and its aliases. A write replaces the tensor instead of changing it while a trace may
 * still read the old numbers (`shared`); so a recorded program keeps the values that it saw.
 */
export class Storage {
  /** Whether a plan has read it before. */
  private known = false;
  /** Whether a run has taken its numbers in. */
  private captured = false;

  constructor(
    public tensor: Tensor,
    public shared: boolean,
  ) {}

  /** Notes that a run takes the numbers in; whether none did before. */
  capture(): boolean {
    const isFirst = !this.captured;
    this.captured = true;
    return isFirst;
  }

  /** Number of elements. */
  get length(): number {
    return sizeOf(this.tensor.type.shape);
  }

  /** Numbers that may be changed in place, until the next allocation. */
  writable(): TypedArray {
    if (this.shared) {
      this.tensor = copyTensor(this.tensor);
      this.captured = false;
      this.shared = false;
    }
    return this.tensor.data;
  }

  /**
   * Moves numbers that a plan reads for the second time to where compiled plans read them in place;
   * gives the tensor that was there if it is another now.
   */
  settle(host: { settle(tensor: Tensor): Tensor }): Tensor | undefined {
    const { tensor } = this;
    if (!this.known) {
      this.known = true;
      return undefined;
    }
    this.tensor = host.settle(tensor);
    return this.tensor === tensor ? undefined : tensor;
  }

  /**
   * Puts other numbers in place of all; `shared` says whether anyone else holds them. What nobody else
   * held gives its memory back.
   */
  replace(tensor: Tensor, shared: boolean): void {
    if (!this.shared) releaseTensor(this.tensor, tensor);
    this.captured = false;
    this.tensor = tensor;
    this.shared = shared;
  }
}
