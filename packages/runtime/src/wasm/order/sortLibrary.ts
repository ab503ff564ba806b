import { bytesOf, type DType } from "@adjoint/graph";
import type { FunctionBuilder, ModuleBuilder, Value } from "../assembler/index.js";
import { Cells } from "../cells/cells.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import { beginFunction, type Functions, type LibraryDefinition } from "../library/definition.js";
import { moveCell } from "../move/moveLibrary.js";
import { cellWidth } from "../move/stridedCopy.js";
import { addMergeSort, addressOf, type KeyType, storeKey } from "./mergeSort.js";

export const sortFunctions = {
  /**
   * Sorts `lines` lines of `length` elements, `inner` elements apart, of an array (outer, length,
   * inner), from line `first` on: values, and positions as int32. Scratch memory:
   * `sortScratchBytes`.
   */
  sort: [
    "from",
    "values",
    "positions",
    "first",
    "lines",
    "length",
    "inner",
    "ascending",
    "scratch",
  ],
} as const;

/** Keys and positions, twice each. */
export function sortScratchBytes(length: number): number {
  return 2 * (8 + 4) * length;
}

/** Stable sorting of elements of one dtype, NaN last. */
export function sortLibrary(
  libraries: KernelLibraries,
  dtype: DType,
): Functions<typeof sortFunctions> {
  const definition: LibraryDefinition<typeof sortFunctions> = {
    name: `sort.${dtype}`,
    functions: sortFunctions,
    write: ({ module }) => addSort(module, dtype),
  };
  return libraries.load(definition);
}

function addSort(module: ModuleBuilder, dtype: DType): void {
  const keyType: KeyType = dtype === "int64" ? "i64" : "f64";
  const mergeSort = addMergeSort(module, keyType);
  const { code, of } = beginFunction(module, "sort", sortFunctions.sort);
  const [length, inner] = [of("length"), of("inner")];
  const bytes = bytesOf(dtype);
  const keys = of("scratch");
  const order = code.op("i32.add", keys, code.op("i32.mul", length, 16));
  const outerStep = code.op("i32.mul", length, inner);
  const line = code.variable("i32", of("first"));
  const end = code.op("i32.add", line, of("lines"));
  const step = code.op("i32.mul", inner, bytes);
  code.countUp(line, end, 1, () => {
    const item = code.op("i32.div_u", line, inner);
    const column = code.op("i32.rem_u", line, inner);
    const start = code.op("i32.add", code.op("i32.mul", item, outerStep), column);
    const source = code.op("i32.add", of("from"), code.op("i32.mul", start, bytes));
    const count = code.variable("i32");
    const cells = new Cells(module);
    readKeys(code, cells, dtype, keyType, {
      source,
      step,
      length,
      keys,
      order,
      count,
      ascending: of("ascending"),
    });
    code.call(mergeSort, keys, order, length, count);
    const value = code.variable("i32", addressOf(code, of("values"), start, bytes));
    const position = code.variable("i32", addressOf(code, of("positions"), start, 4));
    const found = code.variable("i32", order);
    code.countUp(code.variable("i32", 0), length, 1, () => {
      const from = code.load("i32.load", found);
      const element = code.op("i32.add", source, code.op("i32.mul", from, step));
      moveCell(code, cellWidth(dtype), element, value);
      code.store("i32.store", position, from);
      code.increase(found, 4);
      code.increase(value, step);
      code.increase(position, code.op("i32.mul", inner, 4));
    });
  });
}

interface KeyPlaces {
  readonly source: Value<"i32">;
  readonly step: Value<"i32">;
  readonly length: Value<"i32">;
  readonly keys: Value<"i32">;
  readonly order: Value<"i32">;
  /** Becomes the number of keys that are not NaN. */
  readonly count: Value<"i32">;
  readonly ascending: Value<"i32">;
}

/**
 * Keys whose ascending order is wanted, with their positions. NaN have no keys: their positions, in
 * order, are the last ones.
 */
function readKeys(
  code: FunctionBuilder,
  cells: Cells,
  dtype: DType,
  keyType: KeyType,
  { source, step, length, keys, order, count, ascending }: KeyPlaces,
): void {
  const read = () =>
    keyType === "i64" ? code.load("i64.load", from) : cells.load(code, dtype, from);
  const from = code.variable("i32", source);
  const at = code.variable("i32", 0);
  code.assign(count, 0);
  code.countUp(at, length, 1, () => {
    const key = read();
    const isNumber = key.type === "f64" ? code.op("f64.eq", key, key) : code.i32(1);
    code.if(isNumber, () => {
      const place = addressOf(code, keys, count, 8);
      storeKey(code, keyType, place, ordered(code, key, ascending));
      code.store("i32.store", addressOf(code, order, count, 4), at);
      code.increase(count, 1);
    });
    code.increase(from, step);
  });
  if (keyType === "i64") return;
  const last = code.variable("i32", count);
  code.assign(at, 0);
  code.assign(from, source);
  code.if(code.op("i32.lt_s", count, length), () => {
    code.countUp(at, length, 1, () => {
      const key = cells.load(code, dtype, from);
      code.if(code.op("f64.ne", key, key), () => {
        code.store("i32.store", addressOf(code, order, last, 4), at);
        code.increase(last, 1);
      });
      code.increase(from, step);
    });
  });
}

/** The key where the order ascends, else one that is smaller for larger keys. */
function ordered(
  code: FunctionBuilder,
  key: Value<"f64"> | Value<"i64">,
  ascending: Value<"i32">,
): Value<"f64"> | Value<"i64"> {
  if (key.type === "f64") return code.select(ascending, key, code.op("f64.neg", key));
  // -1 - x, as the smallest integer has no negative.
  return code.select(ascending, key, code.op("i64.sub", code.i64(-1n), key));
}
