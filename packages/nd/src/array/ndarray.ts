import {
  ArgumentError,
  type Emitter,
  equalShapes,
  formatShape,
  type Operand,
  type Shape,
  ShapeError,
  sizeOf,
  type TensorType,
  type TypedArray,
} from "@adjoint/graph";
import { fill, fronts } from "@adjoint/ops";
import { copyTensor, firstElement, type Tensor, tensorView, toNumbers } from "@adjoint/runtime";
import { formatNDArray } from "../printing/formatNDArray.js";
import { type Owner, Storage } from "../recording/storage.js";
import { FluentArray } from "./fluent.js";
import type { IndexKey } from "./indexKey.js";
import { type Nested, nest } from "./nested.js";

/** What `backward` does with a variable's gradient: overwrite it, add to it, or leave it alone. */
export type GradReq = "write" | "add" | "null";

/** What makes an array a variable. A new one is made at each `attachGrad`. */
export interface Leaf {
  readonly grad: NDArray;
  readonly req: GradReq;
}

/** A run along a recorded path, as far as an array needs to know it. */
export interface RecordedTrace {
  readonly values: RecordedValues;
  /** Values that memory of other arrays will take over as they are now. */
  readonly awaited?: ReadonlySet<number> | undefined;
}

/** The numbers of a run, by value. */
export interface RecordedValues {
  /** The numbers of a value as recorded. */
  at(index: number): Tensor;
}

/** An array's place on a trace that it did not come from, and the numbers that it had then. */
export interface Capture {
  readonly trace: RecordedTrace;
  readonly index: number;
  readonly tensor: Tensor;
  /** Whether gradients flow back into it. */
  readonly source: boolean;
}

/** What stands between the user and the numbers of arrays while a function is being compiled. */
export interface ReadWatcher {
  read(array: NDArray): TypedArray;
  isNotZero(array: NDArray): boolean;
  /** Somebody asked for the gradient of an array. */
  touch(array: NDArray): void;
}

/** What arrays ask of the recorder that they belong to. */
export interface ArrayHost extends Emitter<NDArray> {
  /** Present while a function is being compiled. */
  readonly watcher?: ReadWatcher | undefined;
  /** An array over numbers that nobody else changes. */
  fromTensor(tensor: Tensor): NDArray;
  /** The same numbers where plans read them quickest. */
  settle(tensor: Tensor): Tensor;
  /** Runs what is pending and gives the numbers of an array that is part of a trace. */
  compute(array: NDArray): Tensor;
  attachGrad(array: NDArray, req: GradReq): void;
  detach(array: NDArray): NDArray;
  /** The elements under another shape, in which -1 and MXNet's other codes may stand. */
  reshape(array: NDArray, shape: Shape): NDArray;
  backward(array: NDArray, head: NDArray | undefined, options: BackwardOptions): void;
  /**
   * Replaces all elements, before which nothing is changed if it is refused; `isGiven` says that nobody else has
   * `value`.
   */
  assign(target: NDArray, value: NDArray, isGiven?: boolean): void;
  at(array: NDArray, keys: readonly IndexKey[]): NDArray;
  setAt(array: NDArray, keys: readonly IndexKey[], value: NDArray | number): void;
}

export interface BackwardOptions {
  /** Keep the graph, so that it can be differentiated once more. */
  readonly retainGraph?: boolean;
  /** The mode in which gradients of custom functions run. */
  readonly trainMode?: boolean;
}

/**
 * An n-dimensional array. Operators on it are recorded and run when a value is asked for.
 *
 * @example
 * ```ts
 * const x = nd.arange(4).reshape([4, 1]);
 * console.log(x.shape, x.dtype, x.T.shape); // [ 4, 1 ] float32 [ 1, 4 ]
 * ```
 */
export class NDArray extends FluentArray<NDArray> implements Operand<NDArray> {
  /** Present once the value is known. */
  storage: Storage | undefined;
  /** First element within the storage. */
  offset = 0;
  /** The recorded path that this value belongs to, and its number on it. */
  trace: RecordedTrace | undefined;
  index = -1;
  /** Where its numbers come from, until they are known. */
  values: RecordedValues | undefined;
  /** Whether gradients flow through it. */
  tracked = false;
  /** Whether it was written to after it was recorded. */
  overwritten = false;
  /** Where it last became an input of a trace. */
  captured: Capture | undefined;
  leaf: Leaf | undefined;
  /** A name for dumps. */
  label: string | undefined;

  private constructor(
    readonly emitter: ArrayHost,
    readonly type: TensorType,
  ) {
    super();
  }

  // `new this`, as a bundler gives a class another name where its body names it, and errors tell class names.

  /** An array over known numbers. */
  static of(host: ArrayHost, type: TensorType, storage: Storage, offset = 0): NDArray {
    const array = new this(host, type);
    array.storage = storage;
    array.offset = offset;
    return array;
  }

  /** The result number `index` of a recorded path. */
  static recorded(
    host: ArrayHost,
    type: TensorType,
    trace: RecordedTrace,
    index: number,
    tracked: boolean,
  ): NDArray {
    const array = new this(host, type);
    array.trace = trace;
    array.index = index;
    array.values = trace.values;
    array.tracked = tracked;
    return array;
  }

  protected self(): NDArray {
    return this;
  }

  get shape(): readonly number[] {
    return this.type.shape;
  }

  get dtype(): TensorType["dtype"] {
    return this.type.dtype;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.type.shape);
  }

  /** Number of axes. */
  get ndim(): number {
    return this.type.shape.length;
  }

  /** The gradient that `backward` writes; null for arrays that are no variables. */
  get grad(): NDArray | null {
    this.emitter.watcher?.touch(this);
    return this.leaf?.grad ?? null;
  }

  /**
   * Makes this array a variable with a gradient of zeros, and cuts it from what it was computed from.
   *
   * @throws AttributeError for an unknown request
   */
  attachGrad(gradReq: GradReq = "write"): this {
    this.emitter.attachGrad(this, gradReq);
    return this;
  }

  /** The same values as a constant to differentiation. Outside recording it shares memory with this array. */
  detach(): NDArray {
    return this.emitter.detach(this);
  }

  /**
   * Writes the gradient of this array, times `outGrad` (ones if not given), to the variables that it depends on.
   *
   * @throws GradientError if it was not recorded, ReleasedGraphError if its graph was used up, ShapeError or DTypeError
   * for a head gradient of another type
   */
  backward(outGrad?: NDArray | null, options: BackwardOptions = {}): void {
    this.emitter.backward(this, outGrad ?? undefined, options);
  }

  /** The same values in memory of their own; differentiable. */
  copy(): NDArray {
    return fronts.identity<NDArray>(this);
  }

  /**
   * Writes these values, converted to its dtype, over those of `other`, which has the same shape;
   * gives `other`.
   *
   * @throws ShapeError for another shape; InPlaceError for variables and recorded arrays while recording
   */
  copyto(other: NDArray): NDArray {
    if (equalShapes(this.shape, other.shape)) return other.assign(this.astype(other.dtype));
    throw new ShapeError({
      op: "copyto",
      problem: "shapes differ",
      received: formatShape(other.shape),
      allowed: formatShape(this.shape),
    });
  }

  /**
   * The numbers, row-major, for reading at once: they may move with the next operation. Runs what is pending.
   *
   * @internal
   */
  read(): TypedArray {
    const { watcher } = this.emitter;
    return watcher === undefined ? this.tensor().data : watcher.read(this);
  }

  /**
   * The numbers where they are, as a plan reads them. Runs what is pending.
   *
   * @internal
   */
  tensor(): Tensor {
    const { watcher } = this.emitter;
    if (watcher !== undefined) return { type: this.type, data: watcher.read(this) };
    return tensorView(this.settled().tensor, this.type, this.offset);
  }

  /**
   * Takes over the numbers that were computed for it, so that it needs nothing else of its run; gives its memory.
   *
   * @internal
   */
  hold(tensor: Tensor, owner: Owner = "shared"): Storage {
    this.values = undefined;
    this.storage = new Storage(tensor, owner);
    return this.storage;
  }

  /**
   * Its memory, with numbers that are computed now if they were not.
   *
   * @internal
   */
  settled(): Storage {
    return this.storage ?? this.computed();
  }

  private computed(): Storage {
    const tensor = this.emitter.compute(this);
    // The run may have given it its numbers.
    return this.storage ?? this.hold(tensor);
  }

  /**
   * The numbers for a plan: those that plans read again and again move into the heap.
   *
   * @internal
   */
  planTensor(): Tensor {
    const { storage, captured } = this;
    const moved = storage?.settle(this.emitter);
    // What a trace captured is still the same numbers.
    if (storage !== undefined && moved !== undefined && captured?.tensor === moved) {
      this.captured = { ...captured, tensor: storage.tensor };
    }
    return this.tensor();
  }

  /**
   * The tensor of an array that goes on to be held by others, so that no write may change it.
   *
   * @internal
   */
  share(): Tensor {
    const tensor = this.planTensor();
    this.storage?.share();
    return tensor;
  }

  /**
   * Puts other numbers in place of all, for every array that shares the memory; `owner` says who else holds them.
   *
   * @internal
   */
  overwrite(tensor: Tensor, owner: Owner = "shared"): void {
    const { storage, trace } = this;
    if (storage === undefined && trace?.awaited?.has(this.index) === true) this.settled();
    if (storage === undefined) this.hold(tensor, owner);
    else if (storage.length === this.size) storage.replace(tensor, owner);
    else copyInto(storage.writable(), tensor.data, this.offset);
  }

  /**
   * Copies other numbers in place of all, for every array that shares the memory.
   *
   * @internal
   */
  copyFrom(tensor: Tensor): void {
    if (this.storage === undefined) this.read();
    const { storage } = this;
    if (storage === undefined) throw new Error("copyFrom: array has no storage");
    const isWhole = storage.length === this.size;
    if (isWhole && storage.shared) storage.replace(copyTensor(tensor), "own");
    else copyInto(storage.writable(), tensor.data, this.offset);
  }

  /** A copy of the elements, row-major, in the typed array of the dtype (float16 as raw halves). */
  asArray(): TypedArray {
    return this.read().slice();
  }

  /** The elements as numbers, row-major. */
  toFlat(): number[] {
    return toNumbers(this.tensor());
  }

  /** The elements as nested JavaScript arrays of numbers. */
  asNested(): Nested {
    return nest(this.toFlat(), this.shape);
  }

  /**
   * The only element as a number.
   *
   * @throws ShapeError if there are more or fewer
   */
  asScalar(): number {
    if (this.size !== 1) {
      throw new ShapeError({
        op: "asScalar",
        problem: "array is not a scalar",
        received: formatShape(this.shape),
        allowed: "one element",
      });
    }
    const { watcher } = this.emitter;
    return watcher === undefined ? firstElement(this.tensor()) : (this.toFlat()[0] ?? Number.NaN);
  }

  /**
   * Whether the only element is not zero; false for an empty array.
   *
   * @throws ShapeError if there are several
   */
  asBoolean(): boolean {
    if (this.size === 0) return false;
    const { watcher } = this.emitter;
    if (this.size === 1) return watcher?.isNotZero(this) ?? this.asScalar() !== 0;
    throw new ShapeError({
      op: "asBoolean",
      problem: "truth value of several elements is ambiguous",
      received: formatShape(this.shape),
      allowed: "at most one element",
    });
  }

  /** Replaces all elements by `value`, broadcast. Refused for variables and recorded arrays while recording. */
  assign(value: NDArray | number): this {
    if (typeof value === "number") return this.assignResult(fill<NDArray>(this, this.shape, value));
    this.emitter.assign(this, value);
    return this;
  }

  addAssign(value: NDArray | number): this {
    return this.assignResult(this.add(value));
  }

  subAssign(value: NDArray | number): this {
    return this.assignResult(this.sub(value));
  }

  mulAssign(value: NDArray | number): this {
    return this.assignResult(this.mul(value));
  }

  divAssign(value: NDArray | number): this {
    return this.assignResult(this.div(value));
  }

  /**
   * Replaces all elements by what was computed for them, and nobody else has.
   *
   * @internal
   */
  assignResult(value: NDArray): this {
    this.emitter.assign(this, value, true);
    return this;
  }

  /**
   * The same elements under another shape, read as `nd.reshape` reads it. Outside recording it shares memory with this
   * array.
   */
  override reshape(shape: Shape): NDArray {
    return this.emitter.reshape(this, shape);
  }

  /**
   * The elements that `keys` select, one key per axis: integers, `[begin, end, step]`, `":"`, `"..."`, null for a new
   * axis, arrays of integers. Outside recording a block that lies in one piece shares memory with this array.
   *
   * @throws BoundsError for an index out of range or too many keys, ArgumentError for another kind of key
   * @example
   * ```ts
   * x.at(0); // the first row
   * x.at(":", [null, null, -1]); // columns backwards
   * x.at(nd.array([0, 0, 2])); // rows 0, 0 and 2
   * ```
   */
  at(...keys: IndexKey[]): NDArray {
    return this.emitter.at(this, keys);
  }

  /**
   * Replaces the elements that `keys` select by `value`, broadcast; of repeated ones the last stays.
   *
   * @throws as `at`, and InPlaceError for variables and recorded arrays while recording
   */
  setAt(keys: readonly IndexKey[], value: NDArray | number): this {
    this.emitter.setAt(this, keys, value);
    return this;
  }

  /** `shape[0]`. */
  get length(): number {
    const [length] = this.shape;
    if (length === undefined) {
      throw new ArgumentError({ op: "length", problem: "array has no axes", received: "()" });
    }
    return length;
  }

  *[Symbol.iterator](): Iterator<NDArray> {
    for (let row = 0; row < this.length; row++) yield this.at(row);
  }

  /** MXNet's text, with its leading line break. */
  override toString(): string {
    return formatNDArray(this.read(), this.type);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

function copyInto(target: TypedArray, source: TypedArray, offset: number): void {
  if (target instanceof BigInt64Array) {
    if (source instanceof BigInt64Array) target.set(source, offset);
  } else if (!(source instanceof BigInt64Array)) target.set(source, offset);
}
