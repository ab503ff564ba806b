import type { ContractKernel } from "@adjoint/graph";
import type { ContractLibrary } from "./contractModule.js";
import { callOf, type LibraryCall, operandAt, type PreparedKernel } from "../libraryCall.js";
import { type Span, splitSpan } from "../spans.js";
import { gemmScratchBytes } from "./scratch.js";
import { splitGemm } from "./splitGemm.js";

/**
 * Where a batch of matrices begins after the address that is given, and bytes from an element to
 * its neighbours.
 */
interface Layout {
  readonly offset: number;
  readonly batch: number;
  readonly row: number;
  readonly column: number;
}

/** A batch of products c (m, n) = a (m, k) b (k, n). */
interface Product {
  readonly form: "gemm" | "dots";
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Layout;
  readonly b: Layout;
  readonly c: Layout;
  /** Which operands a and b are. */
  readonly operands: readonly [a: number, b: number];
}

/**
 * How many contiguous vectors are multiplied with many others one by one, before a matrix is packed
 * rather.
 */
const fewVectors = 3;

/**
 * A matrix product with all its sizes and strides, for the functions of `library`. Operands: a, b,
 * result.
 *
 * @example
 * ```ts
 * const run = bindCalls(prepareContract(kernel, library));
 * run([aAddress, bAddress, cAddress], scratchAddress);
 * ```
 */
export function prepareContract(kernel: ContractKernel, library: ContractLibrary): PreparedKernel {
  return prepareProduct(productOf(kernel, library.element.bytes), library);
}

/** What the kernel computes, in the form that suits it. */
function productOf(kernel: ContractKernel, bytes: number): Product {
  const { batch, m, n, k, transposeA, transposeB } = kernel;
  const matrix = (rows: number, columns: number, transposed: boolean): Layout => {
    const [row, column] = transposed ? [bytes, rows * bytes] : [columns * bytes, bytes];
    return { offset: 0, batch: rows * columns * bytes, row, column };
  };
  const [a, b] = [matrix(m, k, transposeA), matrix(k, n, transposeB)];
  const product = { batch, m, n, k, a, b, c: matrix(m, n, false) };
  const straight = { ...product, operands: [0, 1] as const };
  const contiguous = a.column === bytes && b.row === bytes && (n === 1 || b.column !== bytes);
  if (contiguous && Math.min(m, n) <= fewVectors) return { ...straight, form: "dots" };
  // A result of one column is one row of the transposed product, whose right matrix has contiguous
  // rows.
  if (n === 1 && a.row === bytes) return { ...transposed(product), form: "gemm" };
  return { ...straight, form: "gemm" };
}

function transposed(product: Omit<Product, "form" | "operands">): Omit<Product, "form"> {
  const { m, n, a, b, c } = product;
  const turn = (of: Layout): Layout => ({ ...of, row: of.column, column: of.row });
  return { ...product, m: n, n: m, a: turn(b), b: turn(a), c: turn(c), operands: [1, 0] };
}

function prepareProduct(product: Product, library: ContractLibrary): PreparedKernel {
  const { form, n, k } = product;
  const isTransposed = product.operands[0] !== 0;
  return {
    scratchBytes: form === "dots" ? 0 : gemmScratchBytes(library, n, k),
    calls: [form === "dots" ? dotsCall(product, library) : gemmCall(product, library)],
    split: (parts) =>
      splitProduct(product, library, parts).map((part) => prepareProduct(part, library)),
    rows: isTransposed
      ? undefined
      : (spans) => spans.map((span) => prepareProduct(rowsOf(product, span), library)),
  };
}

/** The arguments that both functions take. */
function commonArguments({ m, n, k, a, b, c, operands: [left, right] }: Product) {
  return {
    m,
    n,
    k,
    a: operandAt(left, a.offset),
    aRow: a.row,
    b: operandAt(right, b.offset),
    bColumn: b.column,
    c: operandAt(2, c.offset),
    cRow: c.row,
    accumulate: 0,
  };
}

function batchArguments({ batch, a, b, c }: Product) {
  return { batch, aBatch: a.batch, bBatch: b.batch, cBatch: c.batch };
}

function gemmCall(product: Product, { functions }: ContractLibrary): LibraryCall {
  const strides = { aColumn: product.a.column, bRow: product.b.row, scratch: { scratch: 0 } };
  const args = { ...commonArguments(product), ...strides };
  if (product.batch === 1) return callOf(functions.gemm, args);
  return callOf(functions.batchGemm, { ...batchArguments(product), ...args });
}

function dotsCall(product: Product, { functions }: ContractLibrary): LibraryCall {
  const args = { ...commonArguments(product), ...batchArguments(product) };
  return callOf(functions.dots, { ...args, cColumn: product.c.column });
}

/** By items of the batch where there are enough, else by rectangles of each result. */
function splitProduct(product: Product, library: ContractLibrary, parts: number): Product[] {
  const { batch, m, n } = product;
  if (batch >= parts) return splitSpan(batch, parts).map((span) => itemsOf(product, span));
  return splitGemm(library, m, n, parts).map(({ rows, columns }) =>
    regionOf(product, rows, columns),
  );
}

function rowsOf(product: Product, { from, to }: Span): Product {
  const { batch, m, n } = product;
  if (batch > 1) return itemsOf(product, { from: from / m, to: to / m });
  return regionOf(product, { from, to }, { from: 0, to: n });
}

function itemsOf(product: Product, { from, to }: Span): Product {
  const move = (of: Layout): Layout => ({ ...of, offset: of.offset + from * of.batch });
  const { a, b, c } = product;
  return { ...product, batch: to - from, a: move(a), b: move(b), c: move(c) };
}

function regionOf(product: Product, rows: Span, columns: Span): Product {
  const { a, b, c } = product;
  const move = (of: Layout, row: number, column: number): Layout => ({
    ...of,
    offset: of.offset + row * of.row + column * of.column,
  });
  return {
    ...product,
    m: rows.to - rows.from,
    n: columns.to - columns.from,
    a: move(a, rows.from, 0),
    b: move(b, 0, columns.from),
    c: move(c, rows.from, columns.from),
  };
}
