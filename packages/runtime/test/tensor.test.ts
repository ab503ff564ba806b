import { ShapeError } from "@adjoint/graph";
import { decodeHalf, encodeHalf } from "../src/half.js";
import { allocate, createTensor, tensorOf, toNumbers } from "../src/index.js";

describe("createTensor", () => {
  test("gives zeros without data", () => {
    expect(createTensor({ dtype: "int8", shape: [2, 2] }).data).toEqual(new Int8Array(4));
  });
  test("takes a typed array of the dtype without a copy", () => {
    const data = Float32Array.of(1, 2);
    expect(createTensor({ dtype: "float32", shape: [2] }, data).data).toBe(data);
  });
  test("converts other numbers as a cast does", () => {
    const type = { dtype: "uint8", shape: [3] } as const;
    expect(createTensor(type, [300, -1.7, NaN]).data).toEqual(Uint8Array.of(44, 255, 0));
    const bool = { dtype: "bool", shape: [3] } as const;
    expect(createTensor(bool, [0, NaN, 0.5]).data).toEqual(Uint8Array.of(0, 1, 1));
  });
  test("refuses data that does not fill the shape", () => {
    const make = () => createTensor({ dtype: "float32", shape: [2, 3] }, [1]);
    expect(make).toThrow(ShapeError);
    expect(make).toThrow(/1 elements for float32\[2,3\]/);
  });
});

describe("tensorOf", () => {
  test("takes its shape from the nesting", () => {
    const tensor = tensorOf(
      [
        [[1], [2]],
        [[3], [4]],
      ],
      "float64",
    );
    expect(tensor.type.shape).toEqual([2, 2, 1]);
    expect(toNumbers(tensor)).toEqual([1, 2, 3, 4]);
  });
  test("makes a scalar of a number and an empty axis of []", () => {
    expect(tensorOf(5, "int32").type.shape).toEqual([]);
    expect(tensorOf([], "int32").type.shape).toEqual([0]);
  });
  test.each([[[[1, 2], [3]]], [[[1], 2]], [[1, [2]]]])("refuses ragged rows %j", (values) => {
    expect(() => tensorOf(values, "float32")).toThrow(ShapeError);
  });
});

test("int64 holds what a double can't tell apart", () => {
  const data = allocate("int64", 1);
  data[0] = 2n ** 53n + 1n;
  expect(createTensor({ dtype: "int64", shape: [1] }, data).data[0]).toBe(9007199254740993n);
});

test("toNumbers decodes float16 and int64", () => {
  expect(toNumbers(tensorOf([1.5, -2], "float16"))).toEqual([1.5, -2]);
  expect(toNumbers(tensorOf([7.9, -7.9], "int64"))).toEqual([7, -7]);
});

describe("float16", () => {
  test("every one of the 65536 halves survives decoding and encoding", () => {
    for (let half = 0; half < 65536; half++) {
      const value = decodeHalf(half);
      const again = encodeHalf(value);
      if (Number.isNaN(value) ? again !== 0x7e00 : again !== half) throw new Error(`${half}`);
    }
  });
  test.each([
    [1 + 2 ** -11, 1, "a tie goes to the even neighbour below"],
    [1 + 3 * 2 ** -11, 1 + 2 ** -9, "a tie goes to the even neighbour above"],
    [65519, 65504, "the largest half"],
    [65520, Infinity, "half way beyond the largest half"],
    [2 ** -25, 0, "a tie with zero"],
    [1.5 * 2 ** -25, 2 ** -24, "the smallest half"],
    [2 ** -14 - 2 ** -26, 2 ** -14, "a carry out of the subnormals"],
    [1.9999, 2, "a carry into the exponent"],
    [-0, -0, "minus zero"],
  ])("%d is rounded to %d: %s", (value, expected) => {
    expect(decodeHalf(encodeHalf(value))).toBe(expected);
  });
});
