/** A row-major matrix of doubles. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/**
 * Overwrites a symmetric matrix, of which the lower half is read, with its lower Cholesky factor;
 * the upper half becomes 0. Gives false where it is not positive definite. G. H. Golub, C. F. Van
 * Loan, Matrix Computations, 4.2.
 */
export function cholesky(a: Float64Array, n: number): boolean {
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let rest = a[i * n + j] ?? 0;
      for (let k = 0; k < j; k++) rest -= (a[i * n + k] ?? 0) * (a[j * n + k] ?? 0);
      if (i > j) a[i * n + j] = rest / (a[j * n + j] ?? 0);
      else if (rest > 0) a[j * n + j] = Math.sqrt(rest);
      else return false;
    }
    a.fill(0, j * n + j + 1, (j + 1) * n);
  }
  return true;
}

/**
 * Overwrites B with the X of op(A) X = B; A is triangular (`lower`), op transposes where
 * `transpose`. With `columnwise` B and X are taken as their transposes. The other half of A is not
 * read.
 */
export function solveTriangular(
  { data: a, rows: n }: Matrix,
  { data: b, rows, columns }: Matrix,
  lower: boolean,
  transpose: boolean,
  columnwise: boolean,
): void {
  const [aRow, aColumn] = transpose ? [1, n] : [n, 1];
  const [bRow, bColumn] = columnwise ? [1, columns] : [columns, 1];
  const forward = lower !== transpose;
  const sides = columnwise ? rows : columns;
  for (let step = 0; step < n; step++) {
    const i = forward ? step : n - 1 - step;
    const from = forward ? 0 : i + 1;
    const to = forward ? i : n;
    const pivot = a[i * aRow + i * aColumn] ?? 0;
    for (let c = 0; c < sides; c++) {
      let rest = b[i * bRow + c * bColumn] ?? 0;
      for (let k = from; k < to; k++) {
        rest -= (a[i * aRow + k * aColumn] ?? 0) * (b[k * bRow + c * bColumn] ?? 0);
      }
      b[i * bRow + c * bColumn] = rest / pivot;
    }
  }
}

/**
 * Overwrites a matrix with its inverse by Gauss-Jordan elimination with row pivots. Gives false
 * where it is singular.
 */
export function invert(a: Float64Array, n: number): boolean {
  const swaps = new Int32Array(n);
  for (let k = 0; k < n; k++) {
    const pivotRow = largestBelow(a, n, k);
    swaps[k] = pivotRow;
    swapRows(a, n, k, pivotRow);
    const pivot = a[k * n + k] ?? 0;
    if (pivot === 0) return false;
    a[k * n + k] = 1;
    for (let j = 0; j < n; j++) a[k * n + j] = (a[k * n + j] ?? 0) / pivot;
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = a[i * n + k] ?? 0;
      a[i * n + k] = 0;
      subtractRow(a, n, i, k, factor, 0);
    }
  }
  for (let k = n - 1; k >= 0; k--) swapColumns(a, n, k, swaps[k] ?? 0);
  return true;
}

/**
 * Sign and log of the absolute determinant, by elimination that overwrites the matrix: (0, -inf)
 * where it is singular.
 */
export function logDeterminant(a: Float64Array, n: number): readonly [number, number] {
  let sign = 1;
  let logarithm = 0;
  for (let k = 0; k < n; k++) {
    const pivotRow = largestBelow(a, n, k);
    if (pivotRow !== k) sign = -sign;
    swapRows(a, n, k, pivotRow);
    const pivot = a[k * n + k] ?? 0;
    if (pivot === 0) return [0, -Infinity];
    if (pivot < 0) sign = -sign;
    logarithm += Math.log(Math.abs(pivot));
    for (let i = k + 1; i < n; i++) subtractRow(a, n, i, k, (a[i * n + k] ?? 0) / pivot, k);
  }
  return [sign, logarithm];
}

/** The row from k on with the largest element in column k. */
function largestBelow(a: Float64Array, n: number, k: number): number {
  let best = k;
  for (let i = k + 1; i < n; i++) {
    if (Math.abs(a[i * n + k] ?? 0) > Math.abs(a[best * n + k] ?? 0)) best = i;
  }
  return best;
}

/** Subtracts `factor` times row k from row i, from column `from` on. */
function subtractRow(
  a: Float64Array,
  n: number,
  i: number,
  k: number,
  factor: number,
  from: number,
): void {
  for (let j = from; j < n; j++) {
    a[i * n + j] = (a[i * n + j] ?? 0) - factor * (a[k * n + j] ?? 0);
  }
}

function swapRows(a: Float64Array, n: number, i: number, k: number): void {
  if (i === k) return;
  for (let j = 0; j < n; j++) swap(a, i * n + j, k * n + j);
}

function swapColumns(a: Float64Array, n: number, i: number, k: number): void {
  if (i === k) return;
  for (let j = 0; j < n; j++) swap(a, j * n + i, j * n + k);
}

function swap(a: Float64Array, i: number, k: number): void {
  const kept = a[i] ?? 0;
  a[i] = a[k] ?? 0;
  a[k] = kept;
}
