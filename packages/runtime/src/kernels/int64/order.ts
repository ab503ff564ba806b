import type { OrderKernel } from "@adjoint/graph";
import { int64sOf, store } from "../../storage.js";
import { linesOf } from "../lines.js";
import { at, type Execute, type Signature } from "../prepare.js";
import { int64Folds } from "./folds.js";

type Sort = OrderKernel & { form: "sort" };
type Scan = OrderKernel & { form: "scan" };

/** Sorts the lines of an int64 array, stably. */
export function prepareInt64Sort({ axis, ascending }: Sort, { ins, outs }: Signature): Execute {
  const { count, length, inner, start } = linesOf(at(ins, 0), axis);
  const positionType = outs[1]?.dtype ?? "int32";
  return (arrays, results) => {
    const source = int64sOf(arrays[0]);
    const values = int64sOf(results[0]);
    const order = new Int32Array(length);
    const position = new Float64Array(1);
    for (let row = 0; row < count; row++) {
      const first = start(row);
      const compare = comparison(source, first, inner, ascending);
      for (let i = 0; i < length; i++) order[i] = i;
      order.sort(compare);
      for (const [i, from] of order.entries()) {
        values[first + i * inner] = source[first + from * inner] ?? 0n;
        position[0] = from;
        store(at(results, 1), positionType, first + i * inner, position, 1);
      }
    }
  };
}

/** Compares positions along a line by their elements. */
function comparison(source: BigInt64Array, first: number, inner: number, ascending: boolean) {
  const sign = ascending ? 1 : -1;
  return (i: number, j: number): number => {
    const [a, b] = [source[first + i * inner] ?? 0n, source[first + j * inner] ?? 0n];
    return a === b ? 0 : a < b ? -sign : sign;
  };
}

/** Replaces each element of a line by the monoid of all up to it, or from it on. */
export function prepareInt64Scan({ axis, monoid, reverse }: Scan, { ins }: Signature): Execute {
  const { count, length, inner, start } = linesOf(at(ins, 0), axis);
  const { identity, fold } = int64Folds[monoid];
  return (arrays, results) => {
    const source = int64sOf(arrays[0]);
    const target = int64sOf(results[0]);
    for (let row = 0; row < count; row++) {
      const first = start(row);
      let total = identity;
      for (let step = 0; step < length; step++) {
        const position = first + (reverse ? length - 1 - step : step) * inner;
        total = fold(total, source[position] ?? 0n);
        target[position] = total;
      }
    }
  };
}
