import type { Monoid } from "@adjoint/graph";

/** A monoid of 64-bit integers. */
export interface Int64Fold {
  readonly identity: bigint;
  fold(a: bigint, b: bigint): bigint;
}

/** Sums and products are taken modulo 2^64. */
export const int64Folds: {
  readonly [M in Exclude<Monoid, "argmax" | "argmin">]: Int64Fold;
} = {
  sum: { identity: 0n, fold: (a, b) => BigInt.asIntN(64, a + b) },
  prod: { identity: 1n, fold: (a, b) => BigInt.asIntN(64, a * b) },
  max: { identity: -(2n ** 63n), fold: larger },
  min: { identity: 2n ** 63n - 1n, fold: smaller },
};

function larger(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

function smaller(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}
