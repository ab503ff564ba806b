import {
  byteLengthOf,
  bytesOf,
  equalTypes,
  sizeOf,
  type TensorType,
  type TypedArray,
} from "@adjoint/graph";
import { decodeHalf } from "../half.js";
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

  /** Whether the arena was made for this array alone: views of it do not count. */
  get ownsArena(): boolean {
    return this.offset === 0 && this.arena.bytes === byteLengthOf(this.type);
  }

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

/** The elements of `tensor` from number `offset` on as an array of `type`, over the same memory. */
export function tensorView(tensor: Tensor, type: TensorType, offset = 0): Tensor {
  if (offset === 0 && (tensor.type === type || equalTypes(tensor.type, type))) return tensor;
  if (tensor instanceof HeapTensor) {
    return new HeapTensor(type, tensor.arena, tensor.offset + offset * bytesOf(type.dtype));
  }
  const { data } = tensor;
  const size = sizeOf(type.shape);
  return { type, data: data.length === size ? data : data.subarray(offset, offset + size) };
}

/** A copy in ordinary memory, for whoever may keep it. */
export function copyTensor({ type, data }: Tensor): Tensor {
  return { type, data: data.slice() };
}

/** The first element as a number; quicker than to make a view of it. */
export function firstElement(tensor: Tensor): number {
  const { dtype } = tensor.type;
  if (tensor instanceof HeapTensor && tensor.arena.resident) {
    const { arena, offset } = tensor;
    const cells = arena.heap.cells(dtype);
    const cell = cells[(arena.address + offset) / bytesOf(dtype)];
    return dtype === "float16" ? decodeHalf(Number(cell)) : Number(cell);
  }
  const [first] = tensor.data;
  return dtype === "float16" ? decodeHalf(Number(first)) : Number(first);
}

/** Whether a tensor has an arena to itself, which `next` does not use. */
export function hasMemoryApart(tensor: Tensor, next: Tensor): boolean {
  if (!(tensor instanceof HeapTensor) || !tensor.ownsArena) return false;
  return !(next instanceof HeapTensor) || next.arena !== tensor.arena;
}

/** Gives the memory of a tensor back that nobody reads any more, if it has an arena to itself. */
export function releaseTensor(tensor: Tensor): void {
  if (tensor instanceof HeapTensor && tensor.ownsArena) tensor.arena.release();
}

/** Bytes of the arena that a tensor has to itself; 0 for one that has none. */
export function ownBytes(tensor: Tensor): number {
  return tensor instanceof HeapTensor && tensor.ownsArena ? tensor.arena.bytes : 0;
}
