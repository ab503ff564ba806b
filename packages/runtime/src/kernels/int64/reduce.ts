import type { DType, Monoid, TypedArray } from "@adjoint/graph";
import { int64sOf, store } from "../../storage.js";
import type { Split } from "../splitAxes.js";
import { int64Folds } from "./folds.js";

/** Reduces int64 elements exactly; `out` holds elements of dtype `outDType`. */
export function reduceInt64(
  monoid: Monoid,
  split: Split,
  data: TypedArray,
  out: TypedArray,
  outDType: DType,
): void {
  const elements = int64sOf(data);
  if (monoid === "argmax" || monoid === "argmin") {
    findPositions(monoid === "argmax", split, elements, out, outDType);
  } else {
    foldElements(monoid, split, elements, int64sOf(out));
  }
}

function foldElements(
  monoid: keyof typeof int64Folds,
  { outer, reduced, inner }: Split,
  data: BigInt64Array,
  out: BigInt64Array,
): void {
  const { identity, fold } = int64Folds[monoid];
  for (let item = 0; item < outer; item++) {
    for (let column = 0; column < inner; column++) {
      const first = item * reduced * inner + column;
      let total = identity;
      for (let row = 0; row < reduced; row++) total = fold(total, data[first + row * inner] ?? 0n);
      out[item * inner + column] = total;
    }
  }
}

/** The first position of the largest or smallest element. */
function findPositions(
  largest: boolean,
  { outer, reduced, inner }: Split,
  data: BigInt64Array,
  out: TypedArray,
  outDType: DType,
): void {
  const position = new Float64Array(1);
  for (let item = 0; item < outer; item++) {
    for (let column = 0; column < inner; column++) {
      const first = item * reduced * inner + column;
      let [best, found] = [data[first] ?? 0n, 0];
      for (let row = 1; row < reduced; row++) {
        const x = data[first + row * inner] ?? 0n;
        if (largest ? x > best : x < best) [best, found] = [x, row];
      }
      position[0] = found;
      store(out, outDType, item * inner + column, position, 1);
    }
  }
}
