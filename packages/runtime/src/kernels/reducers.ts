import { type DType, isFloat, type Monoid } from "@adjoint/graph";

/**
 * One monoid over rows of doubles: `accumulate` folds `rows` rows of `count` columns, the first of
 * which has position `from` along the reduced axes, into `accumulator`; `extra` is a second number
 * per column.
 */
export interface Reducer {
  readonly identity: number;
  accumulate(
    block: Float64Array,
    rows: number,
    count: number,
    from: number,
    accumulator: Float64Array,
    extra: Float64Array,
  ): void;
  finish(accumulator: Float64Array, extra: Float64Array, count: number): void;
}

const keep = () => {};

/** The reducer for elements of `dtype`. */
export function reducerOf(monoid: Monoid, dtype: DType): Reducer {
  switch (monoid) {
    case "sum":
      if (dtype === "float64") return compensatedSum;
      return isFloat(dtype) || dtype === "bool" ? plainSum : wrappingSum;
    case "prod":
      return isFloat(dtype) ? plainProduct : wrappingProduct;
    case "max":
      return { ...maximum, identity: lowest[dtype] };
    case "min":
      return { ...minimum, identity: highest[dtype] };
    case "argmax":
      return positionOf(1);
    case "argmin":
      return positionOf(-1);
    default:
      return monoid satisfies never;
  }
}

/** The maximum of nothing: -inf, or the smallest integer of the dtype. */
export const lowest: { readonly [D in DType]: number } = {
  float32: -Infinity,
  float64: -Infinity,
  float16: -Infinity,
  int32: -(2 ** 31),
  int64: -(2 ** 63),
  int8: -128,
  uint8: 0,
  bool: 0,
};

/** The minimum of nothing. */
export const highest: { readonly [D in DType]: number } = {
  float32: Infinity,
  float64: Infinity,
  float16: Infinity,
  int32: 2 ** 31 - 1,
  int64: 2 ** 63,
  int8: 127,
  uint8: 255,
  bool: 1,
};

/** Of float32 elements: a double holds the exact sum of 2^29 of them that are of one size. */
const plainSum: Reducer = {
  identity: 0,
  accumulate(block, rows, count, _from, sum) {
    if (count === 1) {
      let total = sum[0] ?? 0;
      for (let i = 0; i < rows; i++) total += block[i] ?? 0;
      sum[0] = total;
      return;
    }
    for (let row = 0; row < rows; row++) {
      const base = row * count;
      for (let i = 0; i < count; i++) sum[i] = (sum[i] ?? 0) + (block[base + i] ?? 0);
    }
  },
  finish: keep,
};

/**
 * A. Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen, ZAMM 54
 * (1974).
 */
const compensatedSum: Reducer = {
  identity: 0,
  accumulate(block, rows, count, _from, sum, lost) {
    for (let row = 0; row < rows; row++) {
      const base = row * count;
      for (let i = 0; i < count; i++) {
        const x = block[base + i] ?? 0;
        const before = sum[i] ?? 0;
        const after = before + x;
        const error = Math.abs(before) >= Math.abs(x) ? before - after + x : x - after + before;
        sum[i] = after;
        lost[i] = (lost[i] ?? 0) + error;
      }
    }
  },
  finish(sum, lost, count) {
    // Of an infinite sum the correction is NaN, and the sum itself is right.
    for (let i = 0; i < count; i++) {
      const total = sum[i] ?? 0;
      if (Number.isFinite(total)) sum[i] = total + (lost[i] ?? 0);
    }
  },
};

const wrappingSum: Reducer = {
  identity: 0,
  accumulate(block, rows, count, _from, sum) {
    for (let row = 0; row < rows; row++) {
      const base = row * count;
      for (let i = 0; i < count; i++) sum[i] = ((sum[i] ?? 0) + (block[base + i] ?? 0)) | 0;
    }
  },
  finish: keep,
};

const plainProduct: Reducer = {
  identity: 1,
  accumulate(block, rows, count, _from, product) {
    for (let row = 0; row < rows; row++) {
      const base = row * count;
      for (let i = 0; i < count; i++) product[i] = (product[i] ?? 0) * (block[base + i] ?? 0);
    }
  },
  finish: keep,
};

const wrappingProduct: Reducer = {
  identity: 1,
  accumulate(block, rows, count, _from, product) {
    for (let row = 0; row < rows; row++) {
      const base = row * count;
      for (let i = 0; i < count; i++) {
        product[i] = Math.imul(product[i] ?? 0, block[base + i] ?? 0);
      }
    }
  },
  finish: keep,
};

const maximum: Reducer = {
  identity: -Infinity,
  accumulate(block, rows, count, _from, best) {
    for (let row = 0; row < rows; row++) {
      const base = row * count;
      for (let i = 0; i < count; i++) best[i] = Math.max(best[i] ?? 0, block[base + i] ?? 0);
    }
  },
  finish: keep,
};

const minimum: Reducer = {
  identity: Infinity,
  accumulate(block, rows, count, _from, best) {
    for (let row = 0; row < rows; row++) {
      const base = row * count;
      for (let i = 0; i < count; i++) best[i] = Math.min(best[i] ?? 0, block[base + i] ?? 0);
    }
  },
  finish: keep,
};

/**
 * The first position whose element no other one beats, as MXNet's loop finds it: it starts with the
 * first element and moves on at a strictly better one. So NaN wins where it is first, and loses
 * elsewhere.
 */
function positionOf(sign: 1 | -1): Reducer {
  return {
    identity: 0,
    accumulate(block, rows, count, from, position, best) {
      for (let row = 0; row < rows; row++) {
        const base = row * count;
        for (let i = 0; i < count; i++) {
          const x = sign * (block[base + i] ?? 0);
          const held = best[i] ?? 0;
          // The first NaN is beyond all numbers: nothing is larger than it, and it is larger than they.
          if (from + row === 0 || x > held || (Number.isNaN(x) && !Number.isNaN(held))) {
            best[i] = x;
            position[i] = from + row;
          }
        }
      }
    },
    finish: keep,
  };
}
