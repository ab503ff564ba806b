import type { TensorType } from "@adjoint/graph";
import type { Leaf, NDArray } from "../array/ndarray.js";

/** Where a value comes from when a compiled function is called. */
export type Origin =
  /** An array among the arguments, by its position among them. */
  | { readonly kind: "argument"; readonly position: number }
  /** The gradient of such an array. */
  | { readonly kind: "gradient"; readonly position: number }
  /** An array that the function found outside. */
  | { readonly kind: "captured"; readonly array: NDArray }
  /** The state of the random generators. */
  | { readonly kind: "random" };

/** A value that comes from outside: where it is found, and its place in the frame of a run. */
export interface Source {
  readonly slot: number;
  readonly type: TensorType;
  readonly name: string;
  readonly origin: Origin;
}

/** Two sources that share memory, or must not. */
export interface Sharing {
  readonly one: Source;
  readonly other: Source;
  readonly same: boolean;
}

/** What was a captured array's variable when the function was run. */
export interface CapturedLeaf {
  readonly array: NDArray;
  readonly leaf: Leaf | undefined;
}

/** Whether it is another array in each call. */
function isGiven({ origin: { kind } }: Source): boolean {
  return kind === "argument" || kind === "gradient";
}

/** All sources of the paths that one kind of arguments takes, and what has to hold of them at each call. */
export class Sources {
  readonly all: Source[] = [];
  /** To be looked at in each call. */
  readonly sharings: Sharing[] = [];
  /** Arguments and captured arrays: to be looked at if any argument is over memory of `captured`. */
  readonly outside: Sharing[] = [];
  readonly captured: CapturedLeaf[] = [];
  private readonly byPosition = new Map<string, Source>();
  private readonly byArray = new Map<NDArray, Source>();
  /** Names of gradients of captured variables. */
  private readonly gradients = new Map<NDArray, string>();
  private readonly shared = new Set<string>();
  private slots = 0;
  private arrays = 0;

  /** A free place in the frame. */
  newSlot(): number {
    return this.slots++;
  }

  /** Size of the frame. */
  get size(): number {
    return this.slots;
  }

  argument(position: number, type: TensorType, name: string): Source {
    return this.at(`argument ${position}`, type, name, { kind: "argument", position });
  }

  gradient(position: number, type: TensorType, name: string): Source {
    return this.at(`gradient ${position}`, type, name, { kind: "gradient", position });
  }

  random(type: TensorType): Source {
    return this.at("random", type, "random", { kind: "random" });
  }

  ofCaptured(array: NDArray): Source {
    const known = this.byArray.get(array);
    if (known !== undefined) return known;
    const name = array.label ?? this.gradients.get(array) ?? `c${this.arrays++}`;
    const source = this.add(array.type, name, { kind: "captured", array });
    this.byArray.set(array, source);
    if (array.leaf !== undefined) this.gradients.set(array.leaf.grad, `${name}.grad`);
    this.captured.push({ array, leaf: array.leaf });
    return source;
  }

  /** Notes that two sources are the same memory, or must not overlap. */
  share(one: Source, other: Source, same: boolean): void {
    const given = [one, other].filter(isGiven).length;
    // Arrays that were captured keep their memory: what holds of two of them holds forever.
    if (given === 0) return;
    const [low, high] = one.slot < other.slot ? [one, other] : [other, one];
    const key = `${low.slot} ${high.slot} ${same}`;
    if (this.shared.has(key)) return;
    this.shared.add(key);
    const list = same || given === 2 ? this.sharings : this.outside;
    list.push({ one, other, same });
  }

  private at(key: string, type: TensorType, name: string, origin: Origin): Source {
    const known = this.byPosition.get(key);
    if (known !== undefined) return known;
    const source = this.add(type, name, origin);
    this.byPosition.set(key, source);
    return source;
  }

  private add(type: TensorType, name: string, origin: Origin): Source {
    const source = { slot: this.newSlot(), type, name, origin };
    this.all.push(source);
    return source;
  }
}
