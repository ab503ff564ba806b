import { sizeOf, type TensorType, type TypedArray } from "@adjoint/graph";
import { copyTensor, releaseTensor, type Tensor } from "@adjoint/runtime";

/** An array that has no numbers yet, as the memory that takes them over knows it. */
export interface PendingArray {
  readonly type: TensorType;
  readonly trace: unknown;
  /** Its place on the trace. */
  readonly index: number;
  /** Computes its numbers, which others hold from now on, too. */
  share(): Tensor;
}

/**
 * The memory behind one array and its aliases. A write replaces the tensor instead of changing it while a trace may
 * still read the old numbers (`shared`); so a recorded program keeps the values that it saw. What is written may be
 * pending: it is computed when somebody asks for the numbers.
 */
export class Storage {
  /** What was written last, where it has not been asked for. */
  private waiting: PendingArray | undefined;
  /** Whether a plan has read it before. */
  private known = false;
  /** Whether a run has taken its numbers in. */
  private captured = false;

  constructor(
    private numbers: Tensor,
    public shared: boolean,
  ) {}

  /** The numbers. Computes what is pending; if that fails, throws, and they are those from before. */
  get tensor(): Tensor {
    if (this.waiting !== undefined) this.takeOver(this.waiting);
    return this.numbers;
  }

  get pending(): PendingArray | undefined {
    return this.waiting;
  }

  /** Puts the numbers that an array will have in place of all. */
  defer(array: PendingArray): void {
    this.waiting = array;
  }

  private takeOver(array: PendingArray): void {
    this.waiting = undefined;
    this.replace(array.share(), true);
  }

  /** Notes that a run takes the numbers in; whether none did before. */
  capture(): boolean {
    const isFirst = !this.captured;
    this.captured = true;
    return isFirst;
  }

  /** Number of elements. */
  get length(): number {
    return sizeOf(this.numbers.type.shape);
  }

  /** Numbers that may be changed in place, until the next allocation. */
  writable(): TypedArray {
    const { tensor } = this;
    if (this.shared) {
      this.numbers = copyTensor(tensor);
      this.captured = false;
      this.shared = false;
    }
    return this.numbers.data;
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
    this.numbers = host.settle(tensor);
    return this.numbers === tensor ? undefined : tensor;
  }

  /**
   * Puts other numbers in place of all; `shared` says whether anyone else holds them. What nobody else
   * held gives its memory back.
   */
  replace(tensor: Tensor, shared: boolean): void {
    if (!this.shared) releaseTensor(this.numbers, tensor);
    this.waiting = undefined;
    this.captured = false;
    this.numbers = tensor;
    this.shared = shared;
  }
}
