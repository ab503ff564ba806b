/** Cyclic Jacobi converges quadratically; ten sweeps are many. */
const mostSweeps = 60;
/** Two elements that differ by less than this share count as equally large. */
const rounding = 1e-9;

/**
 * Writes the eigenvectors, as rows, and the ascending eigenvalues of a symmetric matrix, of which
 * the lower half is read and which is overwritten. The first of the largest elements of each vector
 * is positive. All is NaN where an element is NaN or infinite. Cyclic Jacobi rotations: G. H. Golub,
 * C. F. Van Loan, Matrix Computations, 8.5.
 */
export function symmetricEigen(
  a: Float64Array,
  vectors: Float64Array,
  values: Float64Array,
  n: number,
): void {
  mirrorLower(a, n);
  if (!a.every(Number.isFinite)) {
    vectors.fill(Number.NaN);
    values.fill(Number.NaN);
    return;
  }
  const rows = new Float64Array(n * n);
  for (let i = 0; i < n; i++) rows[i * n + i] = 1;
  for (let count = 0; count < mostSweeps && sweep(a, rows, n); count++);
  const eigenvalues = Float64Array.from({ length: n }, (_, i) => a[i * n + i] ?? 0);
  const order = Array.from(eigenvalues.keys());
  order.sort((i, j) => (eigenvalues[i] ?? 0) - (eigenvalues[j] ?? 0));
  for (const [to, from] of order.entries()) {
    values[to] = eigenvalues[from] ?? 0;
    const row = rows.subarray(from * n, (from + 1) * n);
    const turned = isTurned(row);
    for (let k = 0; k < n; k++) vectors[to * n + k] = turned ? 0 - (row[k] ?? 0) : (row[k] ?? 0);
  }
}

function mirrorLower(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) a[j * n + i] = a[i * n + j] ?? 0;
  }
}

/** Rotates each pair of axes once; gives false where no element off the diagonal counts any more. */
function sweep(a: Float64Array, vectors: Float64Array, n: number): boolean {
  let rotated = false;
  for (let p = 0; p < n; p++) {
    for (let q = p + 1; q < n; q++) {
      const [app, apq, aqq] = [a[p * n + p] ?? 0, a[p * n + q] ?? 0, a[q * n + q] ?? 0];
      if (app + apq === app && aqq + apq === aqq) continue;
      rotated = true;
      const cotangent = (aqq - app) / (2 * apq);
      const magnitude = 1 / (Math.abs(cotangent) + Math.hypot(cotangent, 1));
      const tangent = cotangent < 0 ? -magnitude : magnitude;
      const cosine = 1 / Math.hypot(tangent, 1);
      const sine = tangent * cosine;
      rotate(a, p, q, n, n, cosine, sine);
      rotate(a, p * n, q * n, 1, n, cosine, sine);
      a[p * n + q] = 0;
      a[q * n + p] = 0;
      a[p * n + p] = app - tangent * apq;
      a[q * n + q] = aqq + tangent * apq;
      rotate(vectors, p * n, q * n, 1, n, cosine, sine);
    }
  }
  return rotated;
}

/** Turns two lines of `count` elements, `step` apart, that start at `x` and `y`. */
function rotate(
  a: Float64Array,
  x: number,
  y: number,
  step: number,
  count: number,
  cosine: number,
  sine: number,
): void {
  for (let k = 0; k < count; k++) {
    const [one, other] = [a[x + k * step] ?? 0, a[y + k * step] ?? 0];
    a[x + k * step] = cosine * one - sine * other;
    a[y + k * step] = sine * one + cosine * other;
  }
}

/** Whether the first of the largest elements is negative. */
function isTurned(x: Float64Array): boolean {
  let largest = 0;
  for (const value of x) {
    if (Math.abs(value) > Math.abs(largest) * (1 + rounding)) largest = value;
  }
  return largest < 0;
}
