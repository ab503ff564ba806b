import { hasMemoryApart, releaseTensor, type Tensor } from "@adjoint/runtime";

/**
 * Large numbers of an array that runs along recorded paths have taken in: when the array holds others and no run needs
 * them any more, their memory is given back, as nobody else has them.
 */
export class Lease {
  private runs = 0;
  private isLeft = false;

  constructor(readonly tensor: Tensor) {}

  /** Whether a run needs the numbers. */
  get isHeld(): boolean {
    return this.runs > 0;
  }

  /** A run takes the numbers in. */
  begin(): void {
    this.runs++;
  }

  /** It needs them no more. */
  end(): void {
    this.runs--;
    if (this.runs === 0 && this.isLeft) releaseTensor(this.tensor);
  }

  /** The array holds `next` from now on. */
  leave(next: Tensor): void {
    if (!hasMemoryApart(this.tensor, next)) return;
    this.isLeft = true;
    if (this.runs === 0) releaseTensor(this.tensor);
  }
}
