import type { FunctionBuilder, Label } from "../assembler/index.js";
import { parametersOf } from "./parameters.js";
import { addStep, neverLeave, newSums, type StepSource, storeTile, type Target } from "./tile.js";

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
  const runSteps = (count: number, out: Label, again: Label) => {
    for (let step = 0; step < count; step++) {
      const source: StepSource = {
        left: (row) => code.load(element.splat, a, step * leftStep + row * element.bytes),
        right: (vector) => code.load("v128.load", b, vector * 16),
      };
      const leave = () => neverLeave(code, steps, out, 0);
      addStep(code, target, sums, source, shape.rowExits ? leave : () => {});
      code.increase(b, bStep);
    }
    code.increase(a, count * leftStep);
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
