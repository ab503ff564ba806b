import { sizeOf, type TensorType, type TypedArray } from "@adjoint/graph";
import type { Tensor } from "../tensor.js";
import type { Arena } from "./arena.js";

/** An array in an arena, from byte `offset` on: in the heap as long as its arena is. */
export class HeapTensor implements Tensor {
  private view: TypedArray | undefined;
  private viewAddress = -1;

  constructor(
    readonly type: TensorType,
    readonly arena: Arena,
    readonly offset: number,
  ) {}

  /**
   * The elements where they are now: a view of the heap must not be kept beyond the next allocation.
   */
  get data(): TypedArray {
    const { arena, view } = this;
    const { address } = arena;
    if (view !== undefined && address === this.viewAddress) return view;
    const { dtype, shape } = this.type;
    const fresh = arena.view(dtype, this.offset, sizeOf(shape));
    this.view = fresh;
    this.viewAddress = address;
    return fresh;
  }
}
