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
  const of = parametersOf(code, packedKernelParameters);
  const [a, b, bStep, steps] = [of("a"), of("b"), of("bStep"), of("steps")];
  const { element, shape } = target;
  const sums = newSums(code, rows, shape.vectors);
  writeSteps(code, target, sums, steps, {
    left: (row, step) => code.load(element.splat, a, (step * shape.rows + row) * element.bytes),
    right: (vector) => code.load("v128.load", b, vector * 16),
    afterStep: () => code.increase(b, bStep),
    afterSteps: (count) => code.increase(a, count * shape.rows * element.bytes),
  });
  storeTile(code, element, sums, of("c"), of("cRow"), of("accumulate"));
}

/** `panel`: where the columns that are read are packed. */
export const packingKernelParameters = [...packedKernelParameters, "panel"] as const;

/** As the packed kernel for a full tile. */
export function writePackingKernel(code: FunctionBuilder, target: Target): void {
  const of = parametersOf(code, packingKernelParameters);
  const [a, b, bStep, steps, panel] = [of("a"), of("b"), of("bStep"), of("steps"), of("panel")];
  const { element, shape } = target;
  const sums = newSums(code, shape.rows, shape.vectors);
  writeSteps(code, target, sums, steps, {
    left: (row, step) => code.load(element.splat, a, (step * shape.rows + row) * element.bytes),
    right: (vector) => code.load("v128.load", b, vector * 16),
    // Loads lie together, and so do stores, in which form neighbours are merged into wider ones.
    seen(right, step) {
      for (const [vector, value] of right.entries()) {
        code.store("v128.store", panel, value, (step * shape.vectors + vector) * 16);
      }
    },
    afterStep: () => code.increase(b, bStep),
    afterSteps(count) {
      code.increase(a, count * shape.rows * element.bytes);
      code.increase(panel, count * shape.vectors * 16);
    },
  });
  storeTile(code, element, sums, of("c"), of("cRow"), of("accumulate"));
}

/** Where the steps of one turn of the innermost loop are read from, and how addresses go on. */
interface StepsSource {
  left(row: number, step: number): Value<"v128">;
  right(vector: number): Value<"v128">;
  seen?(right: readonly Value<"v128">[], step: number): void;
  afterStep(): void;
  afterSteps(count: number): void;
}

/** As many steps in a turn as the shape asks for, then single ones. */
function writeSteps(
  code: FunctionBuilder,
  target: Target,
  sums: TileSums,
  steps: Value<"i32">,
  source: StepsSource,
): void {
  const { unroll, rowExits } = target.shape;
  const runSteps = (count: number, out: Label, again: Label) => {
    for (let step = 0; step < count; step++) {
      const from: StepSource = {
        left: (row) => source.left(row, step),
        right: source.right,
        seen: (right) => source.seen?.(right, step),
      };
      const leave = () => neverLeave(code, steps, out, 0);
      addStep(code, target, sums, from, rowExits ? leave : () => {});
      source.afterStep();
    }
    source.afterSteps(count);
    code.increase(steps, -count);
    code.branchIf(count === 1 ? steps : code.op("i32.ge_s", steps, count), again);
  };
  if (unroll > 1) {
    code.block((out) => {
      code.branchIf(code.op("i32.lt_s", steps, unroll), out);
      code.loop((again) => runSteps(unroll, out, again));
    });
  }
  code.block((out) => {
    if (unroll > 1) code.branchIf(code.op("i32.eqz", steps), out);
    code.loop((again) => runSteps(1, out, again));
  });
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
