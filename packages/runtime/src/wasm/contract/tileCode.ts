import type { FunctionBuilder, Label, Value } from "../assembler/index.js";
import { parametersOf } from "./parameters.js";
import {
  addStep,
  neverLeave,
  newSums,
  type StepSource,
  storeTile,
  type Target,
  type TileSums,
} from "./tile.js";

/** `bStep`: bytes from step to step of the right matrix. */
export const packedKernelParameters = [
  "a",
  "b",
  "bStep",
  "c",
  "cRow",
  "steps",
  "accumulate",
] as const;

/**
 * A tile of full width from a packed panel of rows: `steps` (at least 1) times a column of the left
 * matrix and a row of the right one.
 */
export function writePackedKernel(code: FunctionBuilder, target: Target, rows: number): void {
  const { element, shape } = target;
  const of = parametersOf(code, packedKernelParameters);
  const [a, b, bStep, steps] = [of("a"), of("b"), of("bStep"), of("steps")];
  const sums = newSums(code, rows, shape.vectors);
  const leftStep = shape.rows * element.bytes;
  writeSteps(code, target, steps, (count, out) => {
    for (let step = 0; step < count; step++) {
      const left = (row: number) =>
        code.load(element.splat, a, step * leftStep + row * element.bytes);
      writeStep(code, target, { sums, left, b, bStep, steps, out });
    }
    code.increase(a, count * leftStep);
  });
  storeTile(code, element, sums, of("c"), of("cRow"), of("accumulate"));
}

/** All steps of a tile: as many at a time as the shape says, then single ones. */
function writeSteps(
  code: FunctionBuilder,
  { shape: { unroll } }: Target,
  steps: Value<"i32">,
  run: (count: number, out: Label) => void,
): void {
  const turn = (count: number, out: Label, again: Label) => {
    run(count, out);
    code.increase(steps, -count);
    code.branchIf(count === 1 ? steps : code.op("i32.ge_s", steps, count), again);
  };
  if (unroll > 1) {
    code.block((out) => {
      code.branchIf(code.op("i32.lt_s", steps, unroll), out);
      code.loop((again) => turn(unroll, out, again));
    });
  }
  code.block((out) => {
    if (unroll > 1) code.branchIf(code.op("i32.eqz", steps), out);
    code.loop((again) => turn(1, out, again));
  });
}

interface TileStep {
  readonly sums: TileSums;
  readonly left: StepSource["left"];
  readonly b: Value<"i32">;
  readonly bStep: Value<"i32">;
  readonly steps: Value<"i32">;
  readonly out: Label;
}

/** One step, and the right matrix's address moved on. */
function writeStep(
  code: FunctionBuilder,
  target: Target,
  { sums, left, b, bStep, steps, out }: TileStep,
): void {
  const right = (vector: number) => code.load("v128.load", b, vector * 16);
  const leave = () => neverLeave(code, steps, out, 0);
  addStep(code, target, sums, { left, right }, target.shape.rowExits ? leave : () => {});
  code.increase(b, bStep);
}

/** As `packedKernelParameters`; `aRow`: bytes from row to row of the left matrix. */
export const rowsKernelParameters = [
  "a",
  "aRow",
  "b",
  "bStep",
  "c",
  "cRow",
  "steps",
  "accumulate",
] as const;

/** A tile of full width from a left matrix whose rows are contiguous. */
export function writeRowsKernel(code: FunctionBuilder, target: Target, rows: number): void {
  const { element, shape } = target;
  const of = parametersOf(code, rowsKernelParameters);
  const [a, b, bStep, steps] = [of("a"), of("b"), of("bStep"), of("steps")];
  const sums = newSums(code, rows, shape.vectors);
  const left = rowAddresses(code, a, of("aRow"), rows);
  writeSteps(code, target, steps, (count, out) => {
    for (let step = 0; step < count; step++) {
      const source = (row: number) =>
        code.load(element.splat, left[row] ?? a, step * element.bytes);
      writeStep(code, target, { sums, left: source, b, bStep, steps, out });
    }
    for (const address of left) code.increase(address, count * element.bytes);
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
  const { element } = target;
  const of = parametersOf(code, stridedKernelParameters);
  const [a, b, steps] = [of("a"), of("b"), of("steps")];
  const sums = newSums(code, rows, vectors);
  const left = rowAddresses(code, a, of("aRow"), rows);
  const source = (row: number) => code.load(element.splat, left[row] ?? a);
  code.block((out) => {
    code.loop((again) => {
      writeStep(code, target, { sums, left: source, b, bStep: of("bStep"), steps, out });
      for (const address of left) code.increase(address, of("aStep"));
      code.increase(steps, -1);
      code.branchIf(steps, again);
    });
  });
  storeTile(code, element, sums, of("c"), of("cRow"), of("accumulate"));
}

function rowAddresses(
  code: FunctionBuilder,
  first: Value<"i32">,
  stride: Value<"i32">,
  rows: number,
): Value<"i32">[] {
  const addresses = [first];
  for (let row = 1; row < rows; row++) {
    const above = addresses[row - 1] ?? first;
    addresses.push(code.variable("i32", code.op("i32.add", above, stride)));
  }
  return addresses;
}
