import { readFileSync } from "node:fs";
import { type DType, ShapeError, type TypedArray, tensorType } from "@adjoint/graph";
import { formatArray } from "../src/printing/formatArray.js";
import { formatNDArray } from "../src/printing/formatNDArray.js";
import { printingCases } from "./printingCases.js";

type Data = readonly (number | bigint)[];

const store: { readonly [D in DType]: (values: Data) => TypedArray } = {
  float32: (values) => Float32Array.from(values, Number),
  float64: (values) => Float64Array.from(values, Number),
  float16: (bits) => Uint16Array.from(bits, Number),
  int32: (values) => Int32Array.from(values, Number),
  int64: (values) => BigInt64Array.from(values, BigInt),
  int8: (values) => Int8Array.from(values, Number),
  uint8: (values) => Uint8Array.from(values, Number),
  bool: (values) => Uint8Array.from(values, Number),
};

interface GoldenCase {
  readonly id: string;
  readonly array: {
    readonly shape: readonly number[];
    readonly dtype: DType;
    /** NaN and infinities are strings. */
    readonly data: readonly (number | string)[];
  };
  readonly print: string;
  readonly numpy: string;
}

const goldenFile = new URL("../../../test/golden/printing.json", import.meta.url);
const golden: readonly GoldenCase[] = JSON.parse(readFileSync(goldenFile, "utf8"));

/** Bits of the half nearest to a decimal of the golden data; those are positive and not subnormal. */
function bitsOf(value: number): number {
  const size = (bits: number) => (1024 + (bits & 1023)) * 2 ** ((bits >> 10) - 25);
  let nearest = 1024;
  for (let bits = 1024; bits < 31 << 10; bits++) {
    if (Math.abs(size(bits) - value) < Math.abs(size(nearest) - value)) nearest = bits;
  }
  return nearest;
}

describe("arrays as MXNet prints them", () => {
  test("there are 75 of them", () => {
    expect(golden).toHaveLength(75);
  });

  test.each(golden.map((one) => [one.id, one] as const))("%s", (_, { array, numpy, print }) => {
    const type = tensorType(array.dtype, array.shape);
    const numbers = array.data.map(Number);
    const data = store[array.dtype](array.dtype === "float16" ? numbers.map(bitsOf) : numbers);
    expect(formatArray(data, type)).toBe(numpy);
    expect(`${formatNDArray(data, type)}\n`).toBe(print);
  });
});

describe("formatArray", () => {
  test.each(printingCases)("%s: %s", (_, dtype, shape, values, text) => {
    expect(formatArray(store[dtype](values), tensorType(dtype, shape))).toBe(text);
  });

  test("refuses data that does not fill the shape", () => {
    const type = tensorType("float32", [2, 2]);
    expect(() => formatArray(Float32Array.of(1, 2, 3), type)).toThrow(ShapeError);
  });
});

describe("formatNDArray", () => {
  test("leaves the sizes of a scalar out, as MXNet does", () => {
    const text = formatNDArray(Float32Array.of(5), tensorType("float32", []));
    expect(text).toBe("\n5.0\n<NDArray  @cpu(0)>");
  });

  test("keeps the shape of an empty array", () => {
    const text = formatNDArray(new Float32Array(0), tensorType("float32", [0, 4]));
    expect(text).toBe("\n[]\n<NDArray 0x4 @cpu(0)>");
  });
});
