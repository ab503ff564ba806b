import { ArgumentError, type TensorType, type Value } from "@adjoint/graph";
import { describe } from "@adjoint/ops";
import { type GradReq, NDArray } from "../array/ndarray.js";
import { type Constant, isConstant, isRecord } from "./callPattern.js";
import type { Cell } from "./memory.js";
import type { Places } from "./places.js";
import type { Source } from "./source.js";

/** How the result of a compiled function is made of what its plan gives. */
export type Result =
  | { readonly kind: "constant"; readonly value: Constant }
  /** An array from outside, itself. */
  | { readonly kind: "captured"; readonly array: NDArray }
  | { readonly kind: "argument"; readonly source: Source }
  /** An array over a part of the memory of one from outside. */
  | {
      readonly kind: "view";
      readonly source: Source;
      readonly type: TensorType;
      readonly offset: number;
    }
  /** A new array over the memory of an output; several may share one. */
  | {
      readonly kind: "output";
      readonly output: number;
      readonly type: TensorType;
      readonly offset: number;
      readonly leaf: { readonly grad: Result; readonly req: GradReq } | undefined;
    }
  | { readonly kind: "list"; readonly items: readonly Result[] }
  | {
      readonly kind: "record";
      readonly keys: readonly string[];
      readonly items: readonly Result[];
    };

/** How deep results may be nested. */
const maxDepth = 32;

/** Reads what a function returned while it was compiled; collects the values that the plan has to give. */
export class ResultReader {
  readonly outputs: Value[] = [];
  /** Whether an array was met more than once: its result is one object, as the array is. */
  repeats = false;
  private readonly byCell = new Map<Cell, number>();
  private readonly byArray = new Map<NDArray, Result>();

  constructor(
    private readonly name: string,
    private readonly places: Places,
    /** Where an array that stands for an argument comes from. */
    private readonly argumentOf: (array: NDArray) => Source | undefined,
    /** Whether an array is one from outside, or belongs to the function's own run. */
    private readonly ownerOf: (array: NDArray) => "outside" | "run" | undefined,
  ) {}

  read(value: unknown, path = "result", depth = 0): Result {
    if (value instanceof NDArray) return this.array(value, path);
    if (isConstant(value)) return { kind: "constant", value };
    if (depth > maxDepth) throw this.refused(value, path, "is nested too deeply, or in itself");
    if (Array.isArray(value)) {
      const items = value.map((item, at) => this.read(item, `${path}[${at}]`, depth + 1));
      return { kind: "list", items };
    }
    if (!isRecord(value))
      throw this.refused(value, path, "can't be returned by a compiled function");
    const entries = Object.entries(value);
    return {
      kind: "record",
      keys: entries.map(([key]) => key),
      items: entries.map(([key, item]) => this.read(item, `${path}.${key}`, depth + 1)),
    };
  }

  array(array: NDArray, path: string): Result {
    const known = this.byArray.get(array);
    if (known !== undefined) {
      this.repeats = true;
      return known;
    }
    const result = this.newArray(array, path);
    this.byArray.set(array, result);
    return result;
  }

  private newArray(array: NDArray, path: string): Result {
    const owner = this.ownerOf(array);
    if (owner === undefined) throw this.refused(array, path, "belongs to a body that has ended");
    const argument = this.argumentOf(array);
    if (argument !== undefined) return { kind: "argument", source: argument };
    if (owner === "outside") return { kind: "captured", array };
    const { cell, offset } = this.places.of(array);
    const { type, leaf } = array;
    const { source } = cell;
    if (source !== undefined && source.origin.kind !== "random") {
      return { kind: "view", source, type, offset };
    }
    const output = this.outputOf(cell);
    if (leaf === undefined) return { kind: "output", output, type, offset, leaf };
    const grad = this.array(leaf.grad, `${path}.grad`);
    return { kind: "output", output, type, offset, leaf: { grad, req: leaf.req } };
  }

  private outputOf(cell: Cell): number {
    const known = this.byCell.get(cell);
    if (known !== undefined) return known;
    const output = this.outputs.push(this.places.whole(cell)) - 1;
    this.byCell.set(cell, output);
    return output;
  }

  private refused(value: unknown, path: string, problem: string): ArgumentError {
    return new ArgumentError({
      op: this.name,
      problem: `${path} ${problem}`,
      received: isPromise(value) ? "a promise" : describe(value),
      allowed: "NDArrays, numbers, strings, booleans, null; lists and plain objects of these",
    });
  }
}

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value;
}
