import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import { addBlockKernel, directRows } from "./blockKernel.js";
import { blocking } from "./kernelShape.js";
import type { Packers } from "./packPanels.js";
import { functionOf, parametersOf } from "./parameters.js";
import type { Target } from "./tile.js";
import { addTileKernels, thinWidths, type TileKernels } from "./tileKernels.js";

/**
 * `c (m, n) = a b`, or `+=` where `accumulate`. Strides in bytes, any; the elements of a row of c
 * are adjacent. `scratch`: as many bytes as `gemmScratchBytes` says.
 */
export const gemmParameters = [
  "m",
  "n",
  "k",
  "a",
  "aRow",
  "aColumn",
  "b",
  "bRow",
  "bColumn",
  "c",
  "cRow",
  "accumulate",
  "scratch",
] as const;

/** As `gemm`, for each of `batch` matrices, the given numbers of bytes apart. */
export const batchGemmParameters = [
  "batch",
  "aBatch",
  "bBatch",
  "cBatch",
  ...gemmParameters,
] as const;

export interface Gemm {
  readonly gemm: FunctionRef;
  readonly batchGemm: FunctionRef;
}

export function addGemm(module: ModuleBuilder, target: Target, packers: Packers): Gemm {
  const kernels = addTileKernels(module, target);
  const block = addBlockKernel(module, target, kernels, packers);
  const gemm = module.function("gemm", functionOf(gemmParameters));
  writeGemm(gemm, target, kernels, block);
  const batchGemm = module.function("batchGemm", functionOf(batchGemmParameters));
  writeBatchGemm(batchGemm, gemm);
  return { gemm, batchGemm };
}

/**
 * Handles what has no products, and cuts the inner dimension: each part adds to the parts before.
 */
function writeGemm(
  code: FunctionBuilder,
  target: Target,
  kernels: TileKernels,
  block: FunctionRef,
): void {
  const of = parametersOf(code, gemmParameters);
  const { bytes } = target.element;
  const [m, n, k, accumulate] = [of("m"), of("n"), of("k"), of("accumulate")];
  const nothing = code.op("i32.or", code.op("i32.eqz", m), code.op("i32.eqz", n));
  code.if(nothing, () => code.return());
  code.if(code.op("i32.eqz", k), () => {
    code.if(accumulate, () => code.return());
    clearRows(code, of("c"), of("cRow"), m, code.op("i32.mul", n, bytes));
    code.return();
  });
  const direct = directRows(code, target, n, k);
  code.loop((again) => {
    const steps = stepsOfNextBlock(code, k);
    const part = { a: of("a"), b: of("b"), steps, accumulate };
    const thin = code.op(
      "i32.and",
      code.op("i32.le_s", m, thinWidths.length),
      code.op("i32.eq", of("bColumn"), bytes),
    );
    const left = [of("a"), of("aRow"), of("aColumn")];
    const done = code.variable("i32", 0);
    code.if(thin, () => writeThinTiles(code, target, kernels, part, done));
    code.countUp(done, n, blocking.columns, () => {
      const rest = code.op("i32.sub", n, done);
      const isLast = code.op("i32.lt_s", rest, blocking.columns);
      const columns = code.select(isLast, rest, code.i32(blocking.columns));
      const b = code.op("i32.add", of("b"), code.op("i32.mul", done, of("bColumn")));
      const c = code.op("i32.add", of("c"), code.op("i32.mul", done, bytes));
      const right = [b, of("bRow"), of("bColumn")];
      const result = [c, of("cRow"), accumulate, of("scratch"), direct];
      code.call(block, m, columns, steps, ...left, ...right, ...result);
    });
    code.increase(of("a"), code.op("i32.mul", steps, of("aColumn")));
    code.increase(of("b"), code.op("i32.mul", steps, of("bRow")));
    code.assign(accumulate, 1);
    code.increase(k, code.op("i32.sub", 0, steps));
    code.branchIf(k, again);
  });
}

function clearRows(
  code: FunctionBuilder,
  c: Value<"i32">,
  cRow: Value<"i32">,
  rows: Value<"i32">,
  bytes: Value<"i32">,
): void {
  code.countUp(code.variable("i32", 0), rows, 1, () => {
    code.clear(c, bytes);
    code.increase(c, cRow);
  });
}

/**
 * Steps of the next block where `rest` are left: the last two of equal length, so that none is
 * short.
 */
export function stepsOfNextBlock(code: FunctionBuilder, rest: Value<"i32">): Value<"i32"> {
  const steps = code.variable("i32", rest);
  code.if(code.op("i32.gt_s", rest, blocking.depth), () => {
    code.assign(steps, blocking.depth);
    code.if(code.op("i32.lt_s", rest, 2 * blocking.depth), () => {
      code.assign(steps, code.op("i32.shr_u", code.op("i32.add", rest, 1), 1));
    });
  });
  return steps;
}

interface Part {
  readonly a: Value<"i32">;
  readonly b: Value<"i32">;
  readonly steps: Value<"i32">;
  readonly accumulate: Value<"i32">;
}

/** One or two rows: wide tiles while columns last; `done` becomes the columns that are finished. */
function writeThinTiles(
  code: FunctionBuilder,
  target: Target,
  kernels: TileKernels,
  { a, b, steps, accumulate }: Part,
  done: Value<"i32">,
): void {
  const of = parametersOf(code, gemmParameters);
  const { bytes, lanes } = target.element;
  for (const { rows, vectors } of thinWidths) {
    const columns = vectors * lanes;
    code.if(code.op("i32.eq", of("m"), rows), () => {
      code.countUp(done, code.op("i32.sub", of("n"), columns - 1), columns, () => {
        const offset = code.op("i32.mul", done, bytes);
        const [from, to] = [code.op("i32.add", b, offset), code.op("i32.add", of("c"), offset)];
        const left = [a, of("aRow"), of("aColumn")];
        const result = [to, of("cRow"), steps, accumulate];
        code.call(kernels.strided(rows, vectors), ...left, from, of("bRow"), ...result);
      });
    });
  }
}

function writeBatchGemm(code: FunctionBuilder, gemm: FunctionRef): void {
  const of = parametersOf(code, batchGemmParameters);
  code.countUp(code.variable("i32", 0), of("batch"), 1, () => {
    code.call(gemm, ...gemmParameters.map(of));
    code.increase(of("a"), of("aBatch"));
    code.increase(of("b"), of("bBatch"));
    code.increase(of("c"), of("cBatch"));
  });
}
