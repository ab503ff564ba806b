import { decodeConstant, encodeConstant } from "../constant.js";
import type { DType, TypedArray } from "../dtype.js";
import type { Constant } from "../graph.js";
import { sizeOf, type TensorType } from "../type.js";
import { formatNumber, formatWord } from "./words.js";

/** Constants with more elements are printed by their hash. */
const maxElements = 8;

const special: ReadonlyMap<string, number> = new Map([
  ["nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
]);

/** The number that `formatNumber` wrote. */
export function readNumber(text: string): number {
  return special.get(text) ?? Number(text);
}

const int64Range = 2n ** 63n;

function readInt64(items: readonly string[]): TypedArray | undefined {
  if (!items.every((item) => /^-?\d+$/.test(item))) return undefined;
  const values = items.map((item) => BigInt(item));
  const fit = values.every((value) => value >= -int64Range && value < int64Range);
  return fit ? BigInt64Array.from(values) : undefined;
}

/** The array where it holds just these numbers. */
function exactly(
  data: Int32Array | Int8Array | Uint8Array,
  items: readonly string[],
): TypedArray | undefined {
  return items.every((item, at) => data[at] === Number(item)) ? data : undefined;
}

/** Elements of a constant from their texts; undefined where one is no element of the dtype. */
const readers: { readonly [D in DType]: (items: readonly string[]) => TypedArray | undefined } = {
  float32: (items) => Float32Array.from(items, readNumber),
  float64: (items) => Float64Array.from(items, readNumber),
  // Stored as bits, which no number shows.
  float16: () => undefined,
  int32: (items) => exactly(Int32Array.from(items, Number), items),
  int64: readInt64,
  int8: (items) => exactly(Int8Array.from(items, Number), items),
  uint8: (items) => exactly(Uint8Array.from(items, Number), items),
  bool: (items) => exactly(Uint8Array.from(items, Number), items),
};

/** A constant and its content hash from the texts of its elements; undefined where they are no such constant. */
export function readElements(
  items: readonly string[],
  type: TensorType,
): readonly [string, Constant] | undefined {
  const data = readers[type.dtype](items);
  return data === undefined || data.length !== sizeOf(type.shape)
    ? undefined
    : encodeConstant(data, type);
}

/** The elements of a short constant as texts; undefined for a long one, and for float16. */
function elementsOf(constant: Constant): string[] | undefined {
  if (constant.dtype === "float16" || sizeOf(constant.shape) > maxElements) return undefined;
  return [...decodeConstant(constant)].map((value) =>
    typeof value === "number" ? formatNumber(value) : String(value),
  );
}

/** True where the numbers of a short constant are all of it: a NaN has further bits, and a key may be no hash. */
export function isSaidByElements(key: string, constant: Constant): boolean {
  const elements = elementsOf(constant);
  if (elements === undefined) return false;
  const { dtype, shape, bytes } = constant;
  const [hash, again] = readElements(elements, { dtype, shape }) ?? [];
  return hash === key && again?.bytes === bytes;
}

/** `[0.5,nan]`, or `#` and the key. */
export function formatConstant(key: string, constant: Constant | undefined): string {
  if (constant === undefined) return formatWord(key);
  const elements = elementsOf(constant);
  return elements === undefined ? `#${key}` : `[${elements.join(",")}]`;
}
