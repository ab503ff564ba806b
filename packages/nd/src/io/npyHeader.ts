import type { DType, Shape } from "@adjoint/graph";

/** What the header of an `.npy` file says. */
export interface NpyHeader {
  readonly dtype: DType;
  /** Bytes of an element in the file, and whether they are an unsigned integer. */
  readonly width: number;
  readonly unsigned: boolean;
  readonly littleEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: Shape;
}

const typeCodes: { readonly [D in DType]: string } = {
  float16: "f2",
  float32: "f4",
  float64: "f8",
  int8: "i1",
  int32: "i4",
  int64: "i8",
  uint8: "u1",
  bool: "b1",
};

const dtypeOfCode = new Map<string, DType>();
for (const dtype of Object.keys(typeCodes)) {
  if (isKey(dtype)) dtypeOfCode.set(typeCodes[dtype], dtype);
}

/** Integers that have no dtype of their own, and the narrowest that holds them. */
const widened: ReadonlyMap<string, DType> = new Map([
  ["i2", "int32"],
  ["u2", "int32"],
  ["u4", "int64"],
]);

function isKey(name: string): name is DType {
  return Object.hasOwn(typeCodes, name);
}

/** The header as numpy writes it: a Python dictionary, without padding. */
export function formatNpyHeader(dtype: DType, shape: Shape): string {
  const code = typeCodes[dtype];
  const order = code.endsWith("1") ? "|" : "<";
  const lengths = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  return `{'descr': '${order}${code}', 'fortran_order': False, 'shape': (${lengths}), }`;
}

/** One entry of the dictionary: a text, a truth value or a tuple of integers. */
const entry = /\s*(['"])(\w+)\1\s*:\s*(?:(['"])([^'"]*)\3|(True|False)|\(([\d,\s]*)\))\s*(?:,|$)/y;

/**
 * Reads a header; gives what is wrong with it as a text otherwise. The three entries may come in
 * any order.
 */
export function parseNpyHeader(text: string): NpyHeader | string {
  const entries = entriesOf(text.trim());
  if (entries === undefined) return "header is not a dictionary of known form";
  const { descr, fortran_order: order, shape } = Object.fromEntries(entries);
  if (entries.size !== 3 || descr === undefined || order === undefined || shape === undefined) {
    return "header has other entries than descr, fortran_order and shape";
  }
  const code = descr.slice(1);
  const dtype = dtypeOfCode.get(code) ?? widened.get(code);
  const prefix = descr.slice(0, 1);
  const known = dtype !== undefined && ["<", ">", "|"].includes(prefix);
  if (!known || (prefix === "|") !== descr.endsWith("1")) return `dtype ${descr} is not read`;
  const lengths = lengthsOf(shape);
  if (lengths === undefined) return "shape is not a tuple of integers";
  const fortranOrder = order === "True";
  return {
    dtype,
    width: Number(code.slice(1)),
    unsigned: code.startsWith("u"),
    littleEndian: prefix !== ">",
    fortranOrder,
    shape: lengths,
  };
}

/** The dictionary's entries as raw texts, undefined where the text is anything else. */
function entriesOf(text: string): Map<string, string> | undefined {
  if (!text.startsWith("{") || !text.endsWith("}")) return undefined;
  const inner = text.slice(1, -1).trim();
  const entries = new Map<string, string>();
  entry.lastIndex = 0;
  while (entry.lastIndex < inner.length) {
    const found = entry.exec(inner);
    if (found === null) return undefined;
    const [, , key = "", , word, truth, tuple] = found;
    if (entries.has(key)) return undefined;
    entries.set(key, word ?? truth ?? tuple ?? "");
  }
  return entries;
}

/** The integers of a tuple; a single one needs its comma. */
function lengthsOf(tuple: string): number[] | undefined {
  if (tuple.trim() === "") return [];
  const parts = tuple.split(",").map((part) => part.trim());
  if (parts.at(-1) === "") parts.pop();
  else if (parts.length === 1) return undefined;
  return parts.every((part) => /^\d+$/.test(part)) ? parts.map(Number) : undefined;
}
