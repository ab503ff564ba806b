import { type DType, isFloat } from "@adjoint/graph";
import { highest, lowest } from "../../kernels/reducers.js";
import type { FunctionBuilder, Value } from "../assembler/index.js";
import { type Cells, isSmallInteger } from "./cells.js";

export type FoldMonoid = "sum" | "prod" | "max" | "min";
export const foldMonoids: readonly FoldMonoid[] = ["sum", "prod", "max", "min"];

/** A running value of a monoid, in a variable. */
export interface Fold {
  /** Starts again from nothing. */
  reset(): void;
  /** Takes in the element at an address. */
  add(from: Value<"i32">): void;
  /** Writes what came out to the element at an address. */
  store(to: Value<"i32">): void;
}

/**
 * Folds elements of one dtype as the interpreter does: floating point in doubles, small integers
 * modulo 2^32, int64 modulo 2^64. Maxima of NaN are NaN. Results may have another dtype than the
 * elements, apart from int64.
 */
export function foldOf(
  code: FunctionBuilder,
  cells: Cells,
  monoid: FoldMonoid,
  dtype: DType,
  out: DType,
): Fold {
  if (dtype === "int64") return foldInt64(code, monoid);
  if (isSmallInteger(dtype) && (monoid === "sum" || monoid === "prod")) {
    const total = code.variable("i32");
    const name = monoid === "sum" ? "i32.add" : "i32.mul";
    return {
      reset: () => code.assign(total, monoid === "sum" ? 0 : 1),
      add: (from) => code.assign(total, code.op(name, total, cells.loadInteger(code, dtype, from))),
      store: (to) => cells.storeInteger(code, out, to, total),
    };
  }
  const total = code.variable("f64");
  const { name, identity } = doubleFolds[monoid];
  return {
    reset: () => code.assign(total, code.f64(identity(dtype))),
    add: (from) => code.assign(total, code.op(name, total, cells.load(code, dtype, from))),
    store: (to) => cells.store(code, out, to, total),
  };
}

const doubleFolds = {
  sum: { name: "f64.add", identity: () => 0 },
  prod: { name: "f64.mul", identity: () => 1 },
  max: { name: "f64.max", identity: (dtype: DType) => lowest[dtype] },
  min: { name: "f64.min", identity: (dtype: DType) => highest[dtype] },
} as const;

const int64Identity: { readonly [M in FoldMonoid]: bigint } = {
  sum: 0n,
  prod: 1n,
  max: -(2n ** 63n),
  min: 2n ** 63n - 1n,
};

function foldInt64(code: FunctionBuilder, monoid: FoldMonoid): Fold {
  const total = code.variable("i64");
  return {
    reset: () => code.assign(total, code.i64(int64Identity[monoid])),
    add: (from) =>
      code.assign(total, foldedInt64(code, monoid, total, code.load("i64.load", from))),
    store: (to) => code.store("i64.store", to, total),
  };
}

function foldedInt64(
  code: FunctionBuilder,
  monoid: FoldMonoid,
  a: Value<"i64">,
  b: Value<"i64">,
): Value<"i64"> {
  switch (monoid) {
    case "sum":
      return code.op("i64.add", a, b);
    case "prod":
      return code.op("i64.mul", a, b);
    case "max":
      return code.select(code.op("i64.gt_s", a, b), a, b);
    case "min":
      return code.select(code.op("i64.lt_s", a, b), a, b);
    default:
      return monoid satisfies never;
  }
}

/** A sum of doubles with a correction term: Neumaier's, as the interpreter's. */
export function compensatedSum(code: FunctionBuilder, cells: Cells, out: DType): Fold {
  const [sum, lost] = [code.variable("f64"), code.variable("f64")];
  return {
    reset() {
      code.assign(sum, code.f64(0));
      code.assign(lost, code.f64(0));
    },
    add(from) {
      const x = code.load("f64.load", from);
      const after = code.op("f64.add", sum, x);
      const keepsSum = code.op("f64.ge", code.op("f64.abs", sum), code.op("f64.abs", x));
      const larger = code.select(keepsSum, sum, x);
      const smaller = code.select(keepsSum, x, sum);
      const error = code.op("f64.add", code.op("f64.sub", larger, after), smaller);
      code.assign(sum, after);
      code.assign(lost, code.op("f64.add", lost, error));
    },
    store(to) {
      const total = code.variable("f64", sum);
      // Of an infinite sum the correction is NaN, and the sum itself is right.
      const finite = code.op("f64.lt", code.op("f64.abs", sum), code.f64(Infinity));
      code.if(finite, () => code.assign(total, code.op("f64.add", sum, lost)));
      cells.store(code, out, to, total);
    },
  };
}

/** Whether a fold of elements of one dtype may give results of another. */
export function foldsTo(monoid: FoldMonoid, dtype: DType, out: DType): boolean {
  if (dtype === out) return true;
  if (dtype === "int64" || out === "int64") return false;
  // Doubles become integers without wrapping as JavaScript does it beyond 64 bits.
  if (monoid === "max" || monoid === "min") return true;
  return isFloat(out) || isSmallInteger(dtype);
}
