import { bytesOf, type DType, isFloat, type Monoid } from "@adjoint/graph";
import type { FunctionBuilder, ModuleBuilder, Value } from "../assembler/index.js";
import { Cells } from "../cells/cells.js";
import { compensatedSum, type Fold, foldOf, foldsTo } from "../cells/folds.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import { beginFunction, type Functions, type LibraryDefinition } from "../library/definition.js";

/** (outer, reduced, inner) to `columns` of (outer, inner) from column `first` on. */
const reduceParameters = ["from", "to", "outer", "reduced", "inner", "first", "columns"] as const;

export const reduceFunctions = {
  sum: reduceParameters,
  prod: reduceParameters,
  max: reduceParameters,
  min: reduceParameters,
  argmax: reduceParameters,
  argmin: reduceParameters,
} as const;

const monoids: readonly Monoid[] = ["sum", "prod", "max", "min", "argmax", "argmin"];

/** Reductions of elements of one dtype to results of another; undefined where that is not done. */
export function reduceLibrary(
  libraries: KernelLibraries,
  monoid: Monoid,
  dtype: DType,
  out: DType,
): Functions<typeof reduceFunctions> | undefined {
  if (isFold(monoid) && !foldsTo(monoid, dtype, out)) return undefined;
  const definition: LibraryDefinition<typeof reduceFunctions> = {
    name: `reduce.${dtype}.${out}`,
    functions: reduceFunctions,
    write({ module }) {
      const cells = new Cells(module);
      for (const one of monoids) addReduce(module, cells, one, dtype, out);
    },
  };
  return libraries.load(definition);
}

function isFold(monoid: Monoid): monoid is Exclude<Monoid, "argmax" | "argmin"> {
  return monoid !== "argmax" && monoid !== "argmin";
}

function addReduce(
  module: ModuleBuilder,
  cells: Cells,
  monoid: Monoid,
  dtype: DType,
  out: DType,
): void {
  const { code, of } = beginFunction(module, monoid, reduceParameters);
  const fold = reductionOf(code, cells, monoid, dtype, out);
  const [bytes, outBytes] = [bytesOf(dtype), bytesOf(out)];
  const step = code.op("i32.mul", of("inner"), bytes);
  const size = code.op("i32.mul", step, of("reduced"));
  const row = code.variable("i32", scaled(code, of("from"), of("first"), bytes));
  const outRow = code.variable("i32", scaled(code, of("to"), of("first"), outBytes));
  code.countUp(code.variable("i32", 0), of("outer"), 1, () => {
    const [column, to] = [code.variable("i32", row), code.variable("i32", outRow)];
    code.countUp(code.variable("i32", 0), of("columns"), 1, () => {
      const from = code.variable("i32", column);
      fold.reset();
      code.countUp(code.variable("i32", 0), of("reduced"), 1, () => {
        fold.add(from);
        code.increase(from, step);
      });
      fold.store(to);
      code.increase(column, bytes);
      code.increase(to, outBytes);
    });
    code.increase(row, size);
    code.increase(outRow, code.op("i32.mul", of("inner"), outBytes));
  });
}

function scaled(
  code: FunctionBuilder,
  base: Value<"i32">,
  index: Value<"i32">,
  bytes: number,
): Value<"i32"> {
  return code.op("i32.add", base, code.op("i32.mul", index, bytes));
}

function reductionOf(
  code: FunctionBuilder,
  cells: Cells,
  monoid: Monoid,
  dtype: DType,
  out: DType,
): Fold {
  if (!isFold(monoid)) return positionFold(code, cells, monoid, dtype, out);
  if (monoid === "sum" && dtype === "float64") return compensatedSum(code, cells, out);
  if (monoid === "sum" && dtype === "bool") return countOfTrue(code, cells, out);
  return foldOf(code, cells, monoid, dtype, out);
}

/** Counted in doubles: a count beyond 2^32 must not wrap to false. */
function countOfTrue(code: FunctionBuilder, cells: Cells, out: DType): Fold {
  const total = code.variable("f64");
  return {
    reset: () => code.assign(total, code.f64(0)),
    add: (from) => code.assign(total, code.op("f64.add", total, cells.load(code, "bool", from))),
    store: (to) => cells.store(code, out, to, total),
  };
}

/**
 * The first position whose element no other one beats: moves on at a strictly better one, or at the
 * first NaN.
 */
function positionFold(
  code: FunctionBuilder,
  cells: Cells,
  monoid: "argmax" | "argmin",
  dtype: DType,
  out: DType,
): Fold {
  const [position, found] = [code.variable("i32"), code.variable("i32")];
  const first = () => code.op("i32.eqz", position);
  const largest = monoid === "argmax";
  const moveIf = (better: Value<"i32">, take: () => void) => {
    code.if(code.op("i32.or", first(), better), () => {
      take();
      code.assign(found, position);
    });
    code.increase(position, 1);
  };
  const [best, bestInt64] = [code.variable("f64"), code.variable("i64")];
  return {
    reset() {
      code.assign(position, 0);
      code.assign(found, 0);
    },
    add(from) {
      if (dtype === "int64") {
        const x = code.load("i64.load", from);
        const better = code.op(largest ? "i64.gt_s" : "i64.lt_s", x, bestInt64);
        moveIf(better, () => code.assign(bestInt64, x));
        return;
      }
      const x = cells.load(code, dtype, from);
      const better = code.op(largest ? "f64.gt" : "f64.lt", x, best);
      const firstNaN = code.op("i32.and", code.op("f64.ne", x, x), code.op("f64.eq", best, best));
      moveIf(isFloat(dtype) ? code.op("i32.or", better, firstNaN) : better, () =>
        code.assign(best, x),
      );
    },
    store: (to) => cells.storeInteger(code, out, to, found),
  };
}
