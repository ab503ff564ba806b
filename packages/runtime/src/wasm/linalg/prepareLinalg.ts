import { bytesOf, type LinalgKernel, sizeOf, type TensorType } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import { callOf, type LibraryCall, operandAt, type PreparedKernel } from "../libraryCall.js";
import type { KernelOrigin } from "../refusals.js";
import { type Span, splitSpan } from "../spans.js";
import { type LinalgFunctions, linalgLibrary, type MatrixDType } from "./linalgLibrary.js";

/** Matrices of a batch, and how the addresses of one of them are found. */
interface Batch {
  readonly items: Span;
  readonly scratch: { readonly scratch: number };
  /** The first matrix of this part of an operand. */
  operand(position: number): ReturnType<typeof operandAt>;
  /** Arguments for refusing a matrix. */
  refuse(problem: string): { readonly refused: number; readonly refusal: number };
}

/**
 * Factorisations and solves, cut between matrices. Operands: arguments, then results. Matrices that
 * are refused are reported by `checkRefusals` of the libraries. Undefined for dtypes that the
 * interpreter refuses, and for mixed ones.
 */
export function prepareLinalg(
  kernel: LinalgKernel,
  ins: readonly TensorType[],
  outs: readonly TensorType[],
  libraries: KernelLibraries,
  origin: KernelOrigin,
): PreparedKernel | undefined {
  const operands = [...ins, ...outs];
  const { dtype, shape } = at(ins, 0);
  if (!isMatrixDType(dtype) || operands.some((type) => type.dtype !== dtype)) return undefined;
  const batch = sizeOf(shape.slice(0, -2));
  if (batch === 0) return undefined;
  const functions = linalgLibrary(libraries, dtype);
  const bytesPerItem = operands.map((type) => (sizeOf(type.shape) / batch) * bytesOf(dtype));
  const part = (items: Span): PreparedKernel => ({
    calls: [
      callFor(kernel, operands, functions, {
        items,
        scratch: { scratch: 0 },
        operand: (position) => operandAt(position, items.from * at(bytesPerItem, position)),
        refuse: (problem) => ({
          refused: libraries.refusals.address,
          refusal: libraries.refusals.numberOf({ ...origin, problem }),
        }),
      }),
    ],
    scratchBytes: scratchBytes(ins),
    mayRefuse: kernel.form === "potrf" || kernel.form === "inverse",
    split: (parts) =>
      splitSpan(items.to - items.from, parts).map(({ from, to }) =>
        part({ from: items.from + from, to: items.from + to }),
      ),
  });
  return part({ from: 0, to: batch });
}

function isMatrixDType(dtype: TensorType["dtype"]): dtype is MatrixDType {
  return dtype === "float32" || dtype === "float64";
}

/** Enough for the hungriest form: four matrices and a few vectors of doubles. */
function scratchBytes(ins: readonly TensorType[]): number {
  const sides = ins.flatMap(({ shape }) => shape.slice(-2));
  const side = Math.max(1, ...sides);
  return 8 * (4 * side * side + 4 * side + 4);
}

function callFor(
  kernel: LinalgKernel,
  operands: readonly TensorType[],
  functions: LinalgFunctions,
  { items, scratch, operand, refuse }: Batch,
): LibraryCall {
  const batch = items.to - items.from;
  const [rows = 0, columns = 0] = at(operands, 0).shape.slice(-2);
  const common = { batch, n: rows, scratch };
  const [first, second, third] = [
    operand(0),
    operand(1),
    operand(Math.min(2, operands.length - 1)),
  ];
  switch (kernel.form) {
    case "potrf":
      return callOf(functions.potrf, {
        ...common,
        ...refuse("matrix is not positive definite"),
        from: first,
        to: second,
      });
    case "inverse":
      return callOf(functions.inverse, {
        ...common,
        ...refuse("matrix is singular"),
        from: first,
        to: second,
      });
    case "trsm": {
      const [bRows = 0, bColumns = 0] = at(operands, 1).shape.slice(-2);
      // X op(A) = B is op(A)ᵀ Xᵀ = Bᵀ.
      const transpose = kernel.transpose !== kernel.rightSide;
      return callOf(functions.trsm, {
        ...common,
        a: first,
        b: second,
        to: third,
        rows: bRows,
        columns: bColumns,
        transpose: transpose ? 1 : 0,
        forward: kernel.lower !== transpose ? 1 : 0,
        rightSide: kernel.rightSide ? 1 : 0,
      });
    }
    case "slogdet":
      return callOf(functions.slogdet, { ...common, from: first, sign: second, logarithm: third });
    case "gelqf":
      return callOf(functions.gelqf, {
        batch,
        rows,
        columns,
        scratch,
        from: first,
        q: second,
        l: third,
      });
    case "syevd":
      return callOf(functions.syevd, { ...common, from: first, vectors: second, values: third });
    default:
      return kernel satisfies never;
  }
}
