import { type ContractKernel, isFloat, type TypedArray } from "@adjoint/graph";
import { load, requireDTypes, store } from "../storage.js";
import { prepareInt64Contract } from "./int64/contract.js";
import { at, type Execute, type Signature } from "./prepare.js";

/**
 * Steps of the inner dimension handled at a time, so that the block of the second matrix stays in
 * the cache.
 */
const blockDepth = 64;

/**
 * Batched matrix products. Floating point is accumulated in double precision, in the order of the
 * inner dimension up to groups of four; int64 wraps modulo 2^64, other
 * integers modulo 2^32.
 */
export function prepareContract(kernel: ContractKernel, signature: Signature): Execute {
  const { batch, m, n, k } = kernel;
  const [a, b] = [at(signature.ins, 0), at(signature.ins, 1)];
  const out = at(signature.outs, 0);
  const dtypes = [a.dtype, b.dtype, out.dtype];
  if (dtypes.every((dtype) => dtype === "int64")) return prepareInt64Contract(kernel);
  requireDTypes(signature, dtypes);
  const addProduct = isFloat(out.dtype) ? addProductOfDoubles : addProductOfIntegers;
  return (ins, outs) => {
    const sum = new Float64Array(m * n);
    const left = new Float64Array(m * Math.min(k, blockDepth));
    const right = new Float64Array(n * Math.min(k, blockDepth));
    for (let item = 0; item < batch; item++) {
      sum.fill(0);
      for (let from = 0; from < k; from += blockDepth) {
        const depth = Math.min(blockDepth, k - from);
        // The left block is stored (m, depth), the right one (depth, n).
        const aLayout = { base: item * m * k, rows: m, transposed: kernel.transposeA };
        loadBlock(at(ins, 0), a.dtype, aLayout, k, from, depth, left);
        const bLayout = { base: item * k * n, rows: n, transposed: !kernel.transposeB };
        loadBlock(at(ins, 1), b.dtype, bLayout, k, from, depth, right);
        addProduct(left, right, m, n, depth, sum);
      }
      store(at(outs, 0).subarray(item * m * n, (item + 1) * m * n), out.dtype, 0, sum, m * n);
    }
  };
}

/**
 * A matrix of `rows` vectors of the inner dimension: each contiguous, or (`transposed`) a column.
 */
interface BlockLayout {
  readonly base: number;
  readonly rows: number;
  readonly transposed: boolean;
}

/** Reads `depth` steps of the inner dimension, one after another for each of the rows. */
function loadBlock(
  data: TypedArray,
  dtype: Parameters<typeof load>[1],
  { base, rows, transposed }: BlockLayout,
  k: number,
  from: number,
  depth: number,
  to: Float64Array,
): void {
  for (let row = 0; row < rows; row++) {
    const start = transposed ? base + from * rows + row : base + row * k + from;
    load(data, dtype, start, transposed ? rows : 1, to, row * depth, depth);
  }
}

/** sum[i, j] += left[i] . right[j], both blocks holding `depth` neighbouring elements per row. */
function addProductOfDoubles(
  left: Float64Array,
  right: Float64Array,
  m: number,
  n: number,
  depth: number,
  sum: Float64Array,
): void {
  for (let i = 0; i < m; i++) {
    const a = i * depth;
    let j = 0;
    // Four columns at a time: independent sums, and one read of the left element for all.
    for (; j + 4 <= n; j += 4) {
      const b0 = j * depth;
      const b1 = b0 + depth;
      const b2 = b1 + depth;
      const b3 = b2 + depth;
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      for (let p = 0; p < depth; p++) {
        const x = left[a + p] ?? 0;
        s0 += x * (right[b0 + p] ?? 0);
        s1 += x * (right[b1 + p] ?? 0);
        s2 += x * (right[b2 + p] ?? 0);
        s3 += x * (right[b3 + p] ?? 0);
      }
      const at = i * n + j;
      sum[at] = (sum[at] ?? 0) + s0;
      sum[at + 1] = (sum[at + 1] ?? 0) + s1;
      sum[at + 2] = (sum[at + 2] ?? 0) + s2;
      sum[at + 3] = (sum[at + 3] ?? 0) + s3;
    }
    for (; j < n; j++) {
      let s = 0;
      for (let p = 0; p < depth; p++) s += (left[a + p] ?? 0) * (right[j * depth + p] ?? 0);
      sum[i * n + j] = (sum[i * n + j] ?? 0) + s;
    }
  }
}

function addProductOfIntegers(
  left: Float64Array,
  right: Float64Array,
  m: number,
  n: number,
  depth: number,
  sum: Float64Array,
): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let s = sum[i * n + j] ?? 0;
      for (let p = 0; p < depth; p++) {
        s = (s + Math.imul(left[i * depth + p] ?? 0, right[j * depth + p] ?? 0)) | 0;
      }
      sum[i * n + j] = s;
    }
  }
}
