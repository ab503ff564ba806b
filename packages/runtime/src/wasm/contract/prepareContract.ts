import type { ContractKernel } from "@adjoint/graph";
import type { ContractLibrary } from "./contractModule.js";
import { type PreparedKernel, type Span, splitSpan } from "./preparedKernel.js";
import { gemmScratchBytes } from "./scratch.js";
import { splitGemm } from "./splitGemm.js";

/** Where a batch of matrices begins after the address that is given, and bytes from an element to its neighbours. */
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
  /** Whether a lies at the second address and b at the first. */
  readonly exchanged: boolean;
}

/** How many contiguous vectors are multiplied with many others one by one, before a matrix is packed rather. */
const fewVectors = 3;

/**
 * A matrix product with all its sizes and strides, for the functions of `library`. Addresses: a, b, result.
 *
 * @example
 * ```ts
 * const product = prepareContract(kernel, library);
 * product.run(aAddress, bAddress, cAddress, scratchAddress);
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
  const product = { batch, m, n, k, a, b, c: matrix(m, n, false), exchanged: false };
  const contiguous = a.column === bytes && b.row === bytes && (n === 1 || b.column !== bytes);
  if (contiguous && Math.min(m, n) <= fewVectors) return { ...product, form: "dots" };
  // A result of one column is one row of the transposed product, whose right matrix has contiguous rows.
  if (n === 1 && a.row === bytes) return { ...transposed(product), form: "gemm" };
  return { ...product, form: "gemm" };
}

function transposed(product: Omit<Product, "form">): Omit<Product, "form"> {
  const { m, n, a, b, c } = product;
  const turn = (of: Layout): Layout => ({ ...of, row: of.column, column: of.row });
  return { ...product, m: n, n: m, a: turn(b), b: turn(a), c: turn(c), exchanged: true };
}

function prepareProduct(product: Product, library: ContractLibrary): PreparedKernel {
  const { form, m, n, k, exchanged } = product;
  const run = form === "dots" ? runDots(product, library) : runGemm(product, library);
  return {
    scratchBytes: form === "dots" ? 0 : gemmScratchBytes(library, m, n, k),
    run: exchanged ? (first, second, third, scratch) => run(second, first, third, scratch) : run,
    split: (parts) =>
      splitProduct(product, library, parts).map((part) => prepareProduct(part, library)),
  };
}

function runGemm({ batch, m, n, k, a, b, c }: Product, { exports }: ContractLibrary) {
  const { gemm, batchGemm } = exports;
  const [aRow, aColumn, bRow, bColumn, cRow] = [a.row, a.column, b.row, b.column, c.row];
  const [left, right, result] = [a.offset, b.offset, c.offset];
  if (batch === 1) {
    return (x: number, y: number, z: number, scratch: number) => {
      const [from, by, to] = [x + left, y + right, z + result];
      gemm(m, n, k, from, aRow, aColumn, by, bRow, bColumn, to, cRow, 0, scratch);
    };
  }
  const [aBatch, bBatch, cBatch] = [a.batch, b.batch, c.batch];
  return (x: number, y: number, z: number, scratch: number) => {
    const [from, by, to] = [x + left, y + right, z + result];
    const items = [batch, aBatch, bBatch, cBatch] as const;
    batchGemm(...items, m, n, k, from, aRow, aColumn, by, bRow, bColumn, to, cRow, 0, scratch);
  };
}

function runDots({ batch, m, n, k, a, b, c }: Product, { exports }: ContractLibrary) {
  const { dots } = exports;
  const [aRow, bColumn, cRow, cColumn] = [a.row, b.column, c.row, c.column];
  const [left, right, result] = [a.offset, b.offset, c.offset];
  if (batch === 1) {
    return (x: number, y: number, z: number) => {
      dots(m, n, k, x + left, aRow, y + right, bColumn, z + result, cRow, cColumn, 0);
    };
  }
  return (x: number, y: number, z: number) => {
    for (let item = 0; item < batch; item++) {
      const [from, by] = [x + left + item * a.batch, y + right + item * b.batch];
      dots(m, n, k, from, aRow, by, bColumn, z + result + item * c.batch, cRow, cColumn, 0);
    }
  };
}

/** By items of the batch where there are enough, else by rectangles of each result. */
function splitProduct(product: Product, library: ContractLibrary, parts: number): Product[] {
  const { batch, m, n } = product;
  if (batch >= parts) return splitSpan(batch, parts).map((span) => itemsOf(product, span));
  return splitGemm(library, m, n, parts).map(({ rows, columns }) =>
    regionOf(product, rows, columns),
  );
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
