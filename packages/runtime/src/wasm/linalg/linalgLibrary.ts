import { bytesOf } from "@adjoint/graph";
import type { FunctionBuilder, FunctionRef } from "../assembler/index.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import { emitRefusal } from "../refusals.js";
import {
  beginFunction,
  type Functions,
  type LibraryContext,
  type LibraryDefinition,
} from "../library/definition.js";
import { OutOfLine } from "../math/outOfLine.js";
import { emitUnary } from "../math/vectorMath.js";
import {
  addCholesky,
  addInverse,
  addLogDeterminant,
  addSolveTriangular,
} from "./factorisations.js";
import { addTransfers, type Int, type Transfers } from "./matrixCode.js";
import { addLqFactors, addSymmetricEigen } from "./orthogonal.js";

export type MatrixDType = "float32" | "float64";

/**
 * All work on `batch` contiguous matrices; `refused` is the word that becomes `refusal` where one
 * is refused.
 */
export const linalgFunctions = {
  potrf: ["from", "to", "batch", "n", "scratch", "refused", "refusal"],
  inverse: ["from", "to", "batch", "n", "scratch", "refused", "refusal"],
  trsm: [
    "a",
    "b",
    "to",
    "batch",
    "n",
    "rows",
    "columns",
    "transpose",
    "forward",
    "rightSide",
    "scratch",
  ],
  slogdet: ["from", "sign", "logarithm", "batch", "n", "scratch"],
  gelqf: ["from", "q", "l", "batch", "rows", "columns", "scratch"],
  syevd: ["from", "vectors", "values", "batch", "n", "scratch"],
} as const;

export type LinalgFunctions = Functions<typeof linalgFunctions>;

/** Factorisations and solves of matrices of one dtype, computed in doubles. */
export function linalgLibrary(libraries: KernelLibraries, dtype: MatrixDType): LinalgFunctions {
  const definition: LibraryDefinition<typeof linalgFunctions> = {
    name: `linalg.${dtype}`,
    functions: linalgFunctions,
    write(context) {
      const parts = { ...context, transfers: addTransfers(context.module, dtype), dtype };
      addInPlace(parts, "potrf", addCholesky(context.module));
      addInPlace(parts, "inverse", addInverse(context.module));
      addTrsm(parts);
      addSlogdet(parts);
      addGelqf(parts);
      addSyevd(parts);
    },
  };
  return libraries.load(definition);
}

interface Parts extends LibraryContext {
  readonly transfers: Transfers;
  readonly dtype: MatrixDType;
}

/** Moves addresses on by a number of elements of the dtype. */
function advance(code: FunctionBuilder, dtype: MatrixDType, count: Int, ...addresses: Int[]) {
  for (const address of addresses) {
    code.increase(address, code.op("i32.mul", count, bytesOf(dtype)));
  }
}

/** The address behind `count` doubles. */
function behind(code: FunctionBuilder, address: Int, count: Int): Int {
  return code.op("i32.add", address, code.op("i32.shl", count, 3));
}

function addInPlace(
  { module, transfers, dtype }: Parts,
  name: "potrf" | "inverse",
  factor: FunctionRef,
) {
  const { code, of } = beginFunction(module, name, linalgFunctions[name]);
  const [n, scratch] = [of("n"), of("scratch")];
  const size = code.op("i32.mul", n, n);
  const failed = behind(code, scratch, size);
  const swaps = code.op("i32.add", failed, 8);
  code.store("i32.store", failed, 0);
  code.countUp(code.variable("i32", 0), of("batch"), 1, () => {
    code.call(transfers.read, of("from"), size, scratch);
    if (name === "potrf") code.call(factor, scratch, n, failed);
    else code.call(factor, scratch, n, swaps, failed);
    code.call(transfers.write, scratch, size, of("to"));
    advance(code, dtype, size, of("from"), of("to"));
  });
  code.if(code.load("i32.load", failed), () => {
    emitRefusal(code, of("refused"), of("refusal"));
  });
}

function addTrsm({ module, transfers, dtype }: Parts): void {
  const solve = addSolveTriangular(module);
  const { code, of } = beginFunction(module, "trsm", linalgFunctions.trsm);
  const [n, rows, columns, scratch] = [of("n"), of("rows"), of("columns"), of("scratch")];
  const [aSize, bSize] = [code.op("i32.mul", n, n), code.op("i32.mul", rows, columns)];
  const b = behind(code, scratch, aSize);
  const one = code.i32(1);
  const either = (condition: Int, first: Int, second: Int) => code.select(condition, first, second);
  const [transpose, right] = [of("transpose"), of("rightSide")];
  const [aRow, aColumn] = [either(transpose, one, n), either(transpose, n, one)];
  const [bRow, bColumn] = [either(right, one, columns), either(right, columns, one)];
  const sides = either(right, rows, columns);
  code.countUp(code.variable("i32", 0), of("batch"), 1, () => {
    code.call(transfers.read, of("a"), aSize, scratch);
    code.call(transfers.read, of("b"), bSize, b);
    code.call(solve, scratch, n, aRow, aColumn, b, sides, bRow, bColumn, of("forward"));
    code.call(transfers.write, b, bSize, of("to"));
    advance(code, dtype, aSize, of("a"));
    advance(code, dtype, bSize, of("b"), of("to"));
  });
}

function addSlogdet({ module, transfers, dtype, constants, engine }: Parts): void {
  const outOfLine = new OutOfLine(module);
  const determinant = addLogDeterminant(module, ({ code }, x) => {
    const context = { code, constants, features: engine.features, outOfLine };
    const lanes = emitUnary(context, "log", "f64x2", code.op("f64x2.splat", x));
    return code.lane("f64x2.extract_lane", 0, lanes);
  });
  const { code, of } = beginFunction(module, "slogdet", linalgFunctions.slogdet);
  const [n, scratch, one] = [of("n"), of("scratch"), code.i32(1)];
  const size = code.op("i32.mul", n, n);
  const sign = behind(code, scratch, size);
  const logarithm = code.op("i32.add", sign, 8);
  code.countUp(code.variable("i32", 0), of("batch"), 1, () => {
    code.call(transfers.read, of("from"), size, scratch);
    code.call(determinant, scratch, n, sign, logarithm);
    code.call(transfers.write, sign, one, of("sign"));
    code.call(transfers.write, logarithm, one, of("logarithm"));
    advance(code, dtype, size, of("from"));
    advance(code, dtype, one, of("sign"), of("logarithm"));
  });
}

function addGelqf({ module, transfers, dtype }: Parts): void {
  const factor = addLqFactors(module);
  const { code, of } = beginFunction(module, "gelqf", linalgFunctions.gelqf);
  const [rows, columns, scratch] = [of("rows"), of("columns"), of("scratch")];
  const [size, lSize] = [code.op("i32.mul", rows, columns), code.op("i32.mul", rows, rows)];
  const q = behind(code, scratch, size);
  const l = behind(code, q, size);
  const scales = behind(code, l, lSize);
  code.countUp(code.variable("i32", 0), of("batch"), 1, () => {
    code.call(transfers.read, of("from"), size, scratch);
    code.call(factor, scratch, q, l, rows, columns, scales);
    code.call(transfers.write, q, size, of("q"));
    code.call(transfers.write, l, lSize, of("l"));
    advance(code, dtype, size, of("from"), of("q"));
    advance(code, dtype, lSize, of("l"));
  });
}

function addSyevd({ module, transfers, dtype }: Parts): void {
  const eigen = addSymmetricEigen(module);
  const { code, of } = beginFunction(module, "syevd", linalgFunctions.syevd);
  const [n, scratch] = [of("n"), of("scratch")];
  const size = code.op("i32.mul", n, n);
  const rows = behind(code, scratch, size);
  const vectors = behind(code, rows, size);
  const values = behind(code, vectors, size);
  const order = behind(code, values, n);
  code.countUp(code.variable("i32", 0), of("batch"), 1, () => {
    code.call(transfers.read, of("from"), size, scratch);
    code.call(eigen, scratch, n, rows, order, vectors, values);
    code.call(transfers.write, vectors, size, of("vectors"));
    code.call(transfers.write, values, n, of("values"));
    advance(code, dtype, size, of("from"), of("vectors"));
    advance(code, dtype, n, of("values"));
  });
}
