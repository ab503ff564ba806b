import type { FunctionBuilder, Label, Value } from "../assembler/index.js";
import { type ElementCode, multiplyAdd } from "./element.js";
import type { KernelShape } from "./kernelShape.js";
import { parametersOf } from "./parameters.js";

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

export const packedKernelParameters = ["a", "b", "c", "cRow", "steps", "accumulate"] as const;

/**
 * A full tile from packed panels: `steps` (at least 1) times a column of the left one and a row of
 * the right one.
 */
export function writePackedKernel(code: FunctionBuilder, target: Target): void {
  const { element, shape } = target;
  const of = parametersOf(code, packedKernelParameters);
  const [a, b, steps] = [of("a"), of("b"), of("steps")];
  const sums = newSums(code, shape.rows, shape.vectors);
  const [leftStep, rightStep] = [shape.rows * element.bytes, shape.vectors * 16];
  const runSteps = (count: number, out: Label, again: Label) => {
    for (let step = 0; step < count; step++) {
      const source: StepSource = {
        left: (row) => code.load(element.splat, a, step * leftStep + row * element.bytes),
        right: (vector) => code.load("v128.load", b, step * rightStep + vector * 16),
      };
      const leave = () => neverLeave(code, steps, out, 0);
      addStep(code, target, sums, source, shape.rowExits ? leave : () => {});
    }
    code.increase(a, count * leftStep);
    code.increase(b, count * rightStep);
    code.increase(steps, -count);
    code.branchIf(count === 1 ? steps : code.op("i32.ge_s", steps, count), again);
  };
  if (shape.unroll > 1) {
    code.block((out) => {
      code.branchIf(code.op("i32.lt_s", steps, shape.unroll), out);
      code.loop((again) => runSteps(shape.unroll, out, again));
    });
  }
  code.block((out) => {
    if (shape.unroll > 1) code.branchIf(code.op("i32.eqz", steps), out);
    code.loop((again) => runSteps(1, out, again));
  });
  storeTile(code, element, sums, of("c"), of("cRow"), of("accumulate"));
}

/** Bytes from row to row are `...Row`, from step to step of the inner dimension `...Step`. */
export const stridedKernelParameters = [
  "a",
  "aRow",
  "aStep",
  "b",
  "bStep",
  "c",
  "cRow",
  "steps",
  "accumulate",
] as const;

/**
 * A tile of any size from matrices with any strides, but for rows of the right one, which are
 * contiguous.
 */
export function writeStridedKernel(
  code: FunctionBuilder,
  target: Target,
  rows: number,
  vectors: number,
): void {
  const { element, shape } = target;
  const of = parametersOf(code, stridedKernelParameters);
  const [a, b, steps] = [of("a"), of("b"), of("steps")];
  const sums = newSums(code, rows, vectors);
  const left = [a];
  for (let row = 1; row < rows; row++) {
    left.push(code.variable("i32", code.op("i32.add", left[row - 1] ?? a, of("aRow"))));
  }
  code.block((out) => {
    code.loop((again) => {
      const source: StepSource = {
        left: (row) => code.load(element.splat, left[row] ?? a),
        right: (vector) => code.load("v128.load", b, vector * 16),
      };
      const leave = () => neverLeave(code, steps, out, 0);
      addStep(code, target, sums, source, shape.rowExits ? leave : () => {});
      for (const address of left) code.increase(address, of("aStep"));
      code.increase(b, of("bStep"));
      code.increase(steps, -1);
      code.branchIf(steps, again);
    });
  });
  storeTile(code, element, sums, of("c"), of("cRow"), of("accumulate"));
}
