import { sizeOf, type TensorType, type TypedArray } from "@adjoint/graph";
import { copyTensor, hasMemoryApart, ownBytes, releaseTensor, type Tensor } from "@adjoint/runtime";
import { Lease } from "./lease.js";

/**
 * Who has an array's numbers: the array alone; the run that computed them, too, which is about to end; or others, for
 * as long as they like.
 */
export type Owner = "own" | "computed" | "shared";

/** Smaller numbers are not worth the care: see `Lease`. */
const leastLent = 1 << 16;

/** An array that has no numbers yet, as the memory that takes them over knows it. */
export interface PendingArray {
  readonly type: TensorType;
  readonly trace: unknown;
  /** Its place on the trace. */
  readonly index: number;
  /** Its memory, with numbers that are computed now if they were not. */
  settled(): Storage;
}

/**
 * The memory behind one array and its aliases. A write replaces the tensor instead of changing it while a trace may
 * still read the old numbers (`shared`); so a recorded program keeps the values that it saw. What is written may be
 * pending: it is computed when somebody asks for the numbers.
 */
export class Storage {
  /** What was written last, where it has not been asked for. */
  private waiting: PendingArray | undefined;
  /** Whether nobody but this memory will have what is written. */
  private isGiven = false;
  /** Whether a plan has read it before. */
  private known = false;

  /** Large numbers that runs have taken in, and nobody else. */
  private lease: Lease | undefined;

  /** `owner` says who has the numbers besides. */
  constructor(
    private numbers: Tensor,
    private owner: Owner,
  ) {}

  /** Whether somebody else may read the numbers, so that they must not be changed. */
  get shared(): boolean {
    return this.owner !== "own" || this.lease?.isHeld === true;
  }

  /** Notes that others hold the numbers from now on. */
  share(): void {
    this.owner = "shared";
  }

  /** Notes that the run which computed them goes on to need them. */
  keepForRun(): void {
    if (this.owner === "computed") this.owner = "shared";
  }

  /** The numbers. Computes what is pending; if that fails, throws, and they are those from before. */
  get tensor(): Tensor {
    if (this.waiting !== undefined) this.takeOver(this.waiting);
    return this.numbers;
  }

  get pending(): PendingArray | undefined {
    return this.waiting;
  }

  /** Puts the numbers that an array will have in place of all. */
  defer(array: PendingArray, isGiven: boolean): void {
    this.waiting = array;
    this.isGiven = isGiven;
  }

  /** Takes over what it waits for of a run that has ended; where that has failed, the next who reads is told. */
  settlePending(trace: unknown): void {
    const { waiting } = this;
    if (waiting === undefined || waiting.trace !== trace) return;
    try {
      this.takeOver(waiting);
    } catch (error) {
      const { type, index } = waiting;
      const settled = (): never => {
        throw error;
      };
      this.waiting = { type, index, trace: undefined, settled };
    }
  }

  private takeOver(array: PendingArray): void {
    this.waiting = undefined;
    const other = array.settled();
    const isOwn = this.isGiven && other.owner === "computed";
    if (!isOwn) other.share();
    this.replace(other.tensor, isOwn ? "own" : "shared");
  }

  /** The lease for a run that takes the numbers in; undefined where they are small, or others have them as well. */
  lend(): Lease | undefined {
    if (this.owner !== "own" || ownBytes(this.numbers) < leastLent) {
      this.share();
      return undefined;
    }
    this.lease ??= new Lease(this.numbers);
    this.lease.begin();
    return this.lease;
  }

  /** Number of elements. */
  get length(): number {
    return sizeOf(this.numbers.type.shape);
  }

  /** Numbers that may be changed in place, until the next allocation. */
  writable(): TypedArray {
    const { tensor } = this;
    if (this.shared) this.replace(copyTensor(tensor), "own");
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
    if (this.numbers === tensor) return undefined;
    this.lease = undefined;
    return tensor;
  }

  /**
   * Puts other numbers in place of all; `owner` says who else holds them. What nobody else held gives its memory
   * back, at the latest when no run needs it.
   */
  replace(tensor: Tensor, owner: Owner): void {
    if (this.owner === "own") {
      if (this.lease !== undefined) this.lease.leave(tensor);
      else if (hasMemoryApart(this.numbers, tensor)) releaseTensor(this.numbers);
    }
    this.lease = undefined;
    this.waiting = undefined;
    this.numbers = tensor;
    this.owner = owner;
  }
}
