import { ArgumentError, type DType } from "@adjoint/graph";
import { describe } from "@adjoint/ops";
import { NDArray } from "../array/ndarray.js";

/** What can be saved: one array, several, or several by name. */
export type SavedArrays = NDArray | readonly NDArray[] | Readonly<Record<string, NDArray>>;

/** What is loaded: several arrays, or several by name, in a record without a prototype. */
export type LoadedArrays = NDArray[] | Record<string, NDArray>;

/** Numbers of the file format, from `src/ndarray/ndarray.cc` of MXNet 1.9.1. */
export const listMagic = 0x112n;
export const arrayMagic = 0xf993fac9;
/** Of arrays saved under `mx.npx.set_np()`, which may have no axes. */
export const numpyArrayMagic = 0xf993faca;
/** Kinds of storage by their numbers. */
export const storages = ["dense", "row_sparse", "csr"] as const;

export const dtypeCodes: { readonly [D in DType]: number } = {
  float32: 0,
  float64: 1,
  float16: 2,
  uint8: 3,
  int32: 4,
  int8: 5,
  int64: 6,
  bool: 7,
};

/** More axes and longer ones than any array has: beyond them a file is damaged. */
export const maxAxes = 32;
export const maxLength = 2 ** 31 - 1;

/**
 * Names and arrays of what is to be saved; no names for a list. Throws an ArgumentError for
 * anything else.
 */
export function namedArrays(
  op: string,
  data: SavedArrays,
): { readonly names: readonly string[] | undefined; readonly arrays: readonly NDArray[] } {
  if (data instanceof NDArray) return { names: undefined, arrays: [data] };
  const given: unknown = data;
  if (typeof given !== "object" || given === null) throw notArrays(op, given);
  const arrays = Object.values(data);
  const stranger: unknown = arrays.find((one: unknown) => !(one instanceof NDArray));
  if (stranger !== undefined) throw notArrays(op, stranger);
  return { names: Array.isArray(data) ? undefined : Object.keys(data), arrays };
}

function notArrays(op: string, received: unknown): ArgumentError {
  return new ArgumentError({
    op,
    problem: "only arrays can be saved",
    received: describe(received),
    allowed: "an array, a list of arrays, a record of arrays",
  });
}

/** A record of arrays by name that has no other properties, not even inherited ones. */
export function recordOf(
  names: readonly string[],
  arrays: readonly NDArray[],
): Record<string, NDArray> {
  const record: Record<string, NDArray> = Object.create(null);
  for (const [index, name] of names.entries()) {
    const array = arrays[index];
    if (array !== undefined) record[name] = array;
  }
  return record;
}

/** The first name that comes twice. */
export function duplicateOf(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}
