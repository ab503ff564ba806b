/**
 * Writes the Q (rows, columns) with orthonormal rows and the lower triangular L (rows, rows) of
 * A = L Q for an A that is at least as wide as high and is overwritten. Householder reflections
 * from the right, with LAPACK's signs: G. H. Golub, C. F. Van Loan, Matrix Computations, 5.2.
 */
export function lqFactors(
  a: Float64Array,
  q: Float64Array,
  l: Float64Array,
  rows: number,
  columns: number,
): void {
  const scales = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const diagonal = i * columns + i;
    const vector = a.subarray(diagonal, (i + 1) * columns);
    const [scale, pivot] = reflection(vector);
    scales[i] = scale;
    for (let row = i + 1; row < rows; row++) reflect(a, row * columns + i, vector, scale);
    l.set(a.subarray(i * columns, diagonal), i * rows);
    l[i * rows + i] = pivot;
    l.fill(0, i * rows + i + 1, (i + 1) * rows);
  }
  q.fill(0);
  for (let i = 0; i < rows; i++) q[i * columns + i] = 1;
  for (let i = rows - 1; i >= 0; i--) {
    const vector = a.subarray(i * columns + i, (i + 1) * columns);
    for (let row = i; row < rows; row++) reflect(q, row * columns + i, vector, scales[i] ?? 0);
  }
}

/**
 * Overwrites x with the v of the reflection I - scale v vᵀ that makes x a multiple of the first
 * unit vector; v starts with 1. Gives the scale and the multiple. Nothing is reflected where x is
 * such a multiple already.
 */
function reflection(x: Float64Array): readonly [scale: number, multiple: number] {
  const head = x[0] ?? 0;
  let rest = 0;
  for (let i = 1; i < x.length; i++) rest += (x[i] ?? 0) ** 2;
  x[0] = 1;
  if (rest === 0) return [0, head];
  const norm = Math.sqrt(head * head + rest);
  const multiple = head >= 0 ? -norm : norm;
  for (let i = 1; i < x.length; i++) x[i] = (x[i] ?? 0) / (head - multiple);
  return [(multiple - head) / multiple, multiple];
}

/** Applies I - scale v vᵀ to the elements of `target` from `offset` on, as many as v has. */
function reflect(target: Float64Array, offset: number, v: Float64Array, scale: number): void {
  if (scale === 0) return;
  let product = 0;
  for (let i = 0; i < v.length; i++) product += (target[offset + i] ?? 0) * (v[i] ?? 0);
  for (let i = 0; i < v.length; i++) {
    target[offset + i] = (target[offset + i] ?? 0) - scale * product * (v[i] ?? 0);
  }
}
