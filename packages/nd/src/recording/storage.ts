import { sizeOf, type TypedArray } from "@adjoint/graph";
import { copyTensor, type Tensor } from "@adjoint/runtime";

/**
 * The memory behind one array and its aliases. A write replaces the tensor instead of changing it while a trace may
 * still read the old numbers (`shared`); so a recorded program keeps the values that it saw.
 */
export class Storage {
  constructor(
    public tensor: Tensor,
    public shared: boolean,
  ) {}

  /** Number of elements. */
  get length(): number {
    return sizeOf(this.tensor.type.shape);
  }

  /** Numbers that may be changed in place, until the next allocation. */
  writable(): TypedArray {
    if (this.shared) {
      this.tensor = copyTensor(this.tensor);
      this.shared = false;
    }
    return this.tensor.data;
  }

  /** Puts other numbers in place of all; `shared` says whether anyone else holds them. */
  replace(tensor: Tensor, shared: boolean): void {
    this.tensor = tensor;
    this.shared = shared;
  }
}
