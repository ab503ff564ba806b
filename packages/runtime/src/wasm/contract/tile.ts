import type { FunctionBuilder, Label, Value } from "../assembler/index.js";
import { type ElementCode, multiplyAdd } from "./element.js";
import type { KernelShape } from "./kernelShape.js";

/** The type of element and the shape that the functions of a module are written for. */
export interface Target {
  readonly element: ElementCode;
  readonly shape: KernelShape;
}

/** Columns of a full tile. */
export function tileColumns({ element, shape }: Target): number {
  return shape.vectors * element.lanes;
}

/** Sums of the products of a tile: variables by row and vector, zero at first. */
export type TileSums = readonly (readonly Value<"v128">[])[];

export function newSums(code: FunctionBuilder, rows: number, vectors: number): TileSums {
  return Array.from({ length: rows }, () =>
    Array.from({ length: vectors }, () => code.variable("v128")),
  );
}

/** Where one step of the inner dimension is read from. */
export interface StepSource {
  /** The element of row `row` of the left matrix, in all lanes. */
  left(row: number): Value<"v128">;
  /** A vector of the row of the right matrix. */
  right(vector: number): Value<"v128">;
}

/** Adds the products of one step. `afterFirstRow` comes where others follow. */
export function addStep(
  code: FunctionBuilder,
  { element, shape }: Target,
  sums: TileSums,
  source: StepSource,
  afterFirstRow: () => void,
): void {
  const vectors = sums[0]?.length ?? 0;
  // A wide row alone reads each vector where it is used; it has no registers for all of them.
  const early = sums.length > 1;
  const right = Array.from({ length: early ? vectors : 0 }, (_, j) => source.right(j));
  for (const [i, row] of sums.entries()) {
    const left = source.left(i);
    for (const [j, sum] of row.entries()) {
      const vector = right[j] ?? source.right(j);
      code.assign(sum, multiplyAdd(code, element.type, shape.relaxed, left, vector, sum));
    }
    if (i === 0 && sums.length > 1) afterFirstRow();
  }
}

/** A branch to `out` that is never taken, as no count of steps is negative. */
export function neverLeave(
  code: FunctionBuilder,
  steps: Value<"i32">,
  out: Label,
  row: number,
): void {
  code.branchIf(code.op("i32.eq", steps, -1000 - row), out);
}

/**
 * Stores sums at address `c`, added to what is there where `accumulate`. Loads and stores of a row
 * lie together, in which form neighbours are merged into wider ones.
 */
export function storeTile(
  code: FunctionBuilder,
  { add }: ElementCode,
  sums: TileSums,
  c: Value<"i32">,
  rowStride: Value<"i32">,
  accumulate: Value<"i32">,
): void {
  const address = code.variable("i32", c);
  const nextRow = (row: number) => {
    if (row < sums.length - 1) code.increase(address, rowStride);
  };
  code.if(
    accumulate,
    () => {
      for (const [i, row] of sums.entries()) {
        const known = row.map((_, j) => code.load("v128.load", address, j * 16));
        const total = row.map((sum, j) => code.op(add, known[j] ?? sum, sum));
        for (const [j, value] of total.entries()) code.store("v128.store", address, value, j * 16);
        nextRow(i);
      }
    },
    () => {
      for (const [i, row] of sums.entries()) {
        for (const [j, sum] of row.entries()) code.store("v128.store", address, sum, j * 16);
        nextRow(i);
      }
    },
  );
}
