import {
  BoundsError,
  type DType,
  type IndexKernel,
  type TensorType,
  type TypedArray,
} from "@adjoint/graph";
import { load } from "../storage.js";
import type { Signature } from "./prepare.js";

/**
 * `count` indices from position `from` on, truncated and brought into 0 ... length - 1: `clip`
 * takes the nearest, `wrap` the remainder; NaN is 0. Throws a BoundsError where there are indices
 * but nothing to point at, and with `raise` for one that is out of range.
 */
export function positions(
  data: TypedArray,
  dtype: DType,
  from: number,
  count: number,
  length: number,
  mode: IndexKernel["mode"],
  { op, site }: Signature,
): Int32Array {
  if (length === 0 && count > 0) {
    throw new BoundsError({
      op,
      problem: "indices into an empty axis",
      received: `${count} indices`,
      allowed: "none",
      site,
    });
  }
  const numbers = new Float64Array(count);
  load(data, dtype, from, 1, numbers, 0, count);
  const result = new Int32Array(count);
  if (mode === "raise") checkRange(numbers, length, { op, site });
  for (let i = 0; i < count; i++) {
    const index = Math.trunc(numbers[i] ?? 0);
    if (mode !== "wrap") result[i] = Math.min(Math.max(index, 0), length - 1);
    else {
      const rest = index % length;
      result[i] = rest < 0 ? rest + length : rest;
    }
  }
  return result;
}

/** Refuses indices below 0 or at `length` and beyond; NaN is neither in range. */
function checkRange(
  indices: Float64Array,
  length: number,
  { op, site }: Pick<Signature, "op" | "site">,
): void {
  const wrong = indices.find((index) => !(index >= 0 && index < length));
  if (wrong === undefined) return;
  throw new BoundsError({
    op,
    problem: "index is out of range",
    received: String(wrong),
    allowed: `0 to ${length - 1}`,
    site,
  });
}

/**
 * For `gatherNd`: the flat offset that each column of `indices` (M, ...rest) names in an array of
 * `shape`, in units of whole blocks of the axes from M on.
 */
export function blockPositions(
  data: TypedArray,
  indices: TensorType,
  shape: readonly number[],
  mode: IndexKernel["mode"],
  signature: Signature,
): Int32Array {
  const depth = indices.shape[0] ?? 0;
  const count = depth === 0 ? 1 : data.length / depth;
  const offsets = new Int32Array(count);
  for (let axis = 0; axis < depth; axis++) {
    const length = shape[axis] ?? 1;
    const along = positions(data, indices.dtype, axis * count, count, length, mode, signature);
    for (let i = 0; i < count; i++) offsets[i] = (offsets[i] ?? 0) * length + (along[i] ?? 0);
  }
  return offsets;
}
