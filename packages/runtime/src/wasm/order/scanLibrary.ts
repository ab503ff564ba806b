import { bytesOf, type DType } from "@adjoint/graph";
import type { ModuleBuilder } from "../assembler/index.js";
import { Cells } from "../cells/cells.js";
import { type FoldMonoid, foldMonoids, foldOf, foldsTo } from "../cells/folds.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import { beginFunction, type Functions, type LibraryDefinition } from "../library/definition.js";
import { addressOf } from "./mergeSort.js";

/** Lines as `sort` has them; each is walked from its end where `reverse`. */
const scanParameters = ["from", "to", "first", "lines", "length", "inner", "reverse"] as const;

export const scanFunctions = {
  sum: scanParameters,
  prod: scanParameters,
  max: scanParameters,
  min: scanParameters,
} as const;

/** Running monoids of elements of one dtype; undefined where results can't have the other one. */
export function scanLibrary(
  libraries: KernelLibraries,
  monoid: FoldMonoid,
  dtype: DType,
  out: DType,
): Functions<typeof scanFunctions> | undefined {
  if (!foldsTo(monoid, dtype, out)) return undefined;
  const definition: LibraryDefinition<typeof scanFunctions> = {
    name: `scan.${dtype}.${out}`,
    functions: scanFunctions,
    write({ module }) {
      const cells = new Cells(module);
      for (const one of foldMonoids) addScan(module, cells, one, dtype, out);
    },
  };
  return libraries.load(definition);
}

function addScan(
  module: ModuleBuilder,
  cells: Cells,
  monoid: FoldMonoid,
  dtype: DType,
  out: DType,
): void {
  const { code, of } = beginFunction(module, monoid, scanParameters);
  const fold = foldOf(code, cells, monoid, dtype, out);
  const [length, inner] = [of("length"), of("inner")];
  const step = code.variable("i32", inner);
  const offset = code.variable("i32", 0);
  code.if(of("reverse"), () => {
    code.assign(offset, code.op("i32.mul", code.op("i32.sub", length, 1), inner));
    code.assign(step, code.op("i32.sub", 0, inner));
  });
  const fromStep = code.op("i32.mul", step, bytesOf(dtype));
  const toStep = code.op("i32.mul", step, bytesOf(out));
  const line = code.variable("i32", of("first"));
  const end = code.op("i32.add", line, of("lines"));
  code.countUp(line, end, 1, () => {
    const item = code.op("i32.mul", code.op("i32.div_u", line, inner), length);
    const start = code.op("i32.add", code.op("i32.mul", item, inner), offset);
    const place = code.op("i32.add", start, code.op("i32.rem_u", line, inner));
    const from = code.variable("i32", addressOf(code, of("from"), place, bytesOf(dtype)));
    const to = code.variable("i32", addressOf(code, of("to"), place, bytesOf(out)));
    fold.reset();
    code.countUp(code.variable("i32", 0), length, 1, () => {
      fold.add(from);
      fold.store(to);
      code.increase(from, fromStep);
      code.increase(to, toStep);
    });
  });
}
