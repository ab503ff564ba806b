import { rowMajorStrides, sizeOf } from "@adjoint/graph";
import fc from "fast-check";
import { at } from "../../src/kernels/prepare.js";
import { anyDType, compare, mixed, shapes, upTo } from "./compareKernels.js";

describe("views", () => {
  const axes = fc.array(
    fc.record({ length: upTo(5, 1), stride: upTo(4, -4), repeated: fc.boolean() }),
    { maxLength: 8 },
  );

  test("any strides, of any dtype, are the interpreter's", () => {
    fc.assert(
      fc.property(axes, anyDType, upTo(4, 1), (of, dtype, parts) => {
        const shape = of.map(({ length }) => length);
        const strides = of.map(({ stride, repeated }) => (repeated ? 0 : stride));
        const reach = (sign: 1 | -1) =>
          strides.reduce(
            (sum, stride, k) => sum + Math.max(0, sign * stride) * (at(shape, k) - 1),
            0,
          );
        const source = mixed({ dtype, shape: [reach(1) + reach(-1) + 1] });
        const kernel = { kind: "view", offset: reach(-1), strides } as const;
        compare(kernel, [source], [{ dtype, shape }], parts);
      }),
    );
  });

  test("transposes with long rows", () => {
    for (const dtype of ["float32", "int8", "float64"] as const) {
      const source = mixed({ dtype, shape: [70, 90] });
      const kernel = { kind: "view", offset: 0, strides: [1, 90] } as const;
      compare(kernel, [source], [{ dtype, shape: [90, 70] }]);
    }
  });

  test("nothing is copied of an empty array", () => {
    const source = mixed({ dtype: "float32", shape: [0, 3] });
    const kernel = { kind: "view", offset: 0, strides: [1, 3] } as const;
    compare(kernel, [source], [{ dtype: "float32", shape: [3, 0] }]);
  });
});

test("concatenations along any axis are the interpreter's", () => {
  const cases = fc.record({
    before: shapes(2, 3),
    after: shapes(2, 40),
    lengths: fc.array(upTo(5), { minLength: 1, maxLength: 4 }),
    dtype: anyDType,
    parts: upTo(5, 1),
  });
  fc.assert(
    fc.property(cases, ({ before, after, lengths, dtype, parts }) => {
      const shapeOf = (length: number) => [...before, length, ...after];
      const ins = lengths.map((length, arg) => mixed({ dtype, shape: shapeOf(length) }, arg));
      const total = lengths.reduce((sum, length) => sum + length, 0);
      const kernel = { kind: "pack", form: "concat", axis: before.length } as const;
      compare(kernel, ins, [{ dtype, shape: shapeOf(total) }], parts);
    }),
  );
});

test("padding, inside and outside, and cutting are the interpreter's", () => {
  const axis = fc.record({
    length: upTo(6),
    low: upTo(3, -3),
    high: upTo(3, -3),
    interior: upTo(2),
  });
  const cases = fc.record({
    axes: fc.array(axis, { maxLength: 3 }),
    value: fc.constantFrom(0, 1.5, -3, Number.NaN, 300),
    dtype: anyDType,
    parts: upTo(4, 1),
  });
  fc.assert(
    fc.property(cases, ({ axes, value, dtype, parts }) => {
      const shape = axes.map(({ length }) => length);
      const outShape = axes.map(({ length, low, high, interior }) => {
        const spread = length === 0 ? 0 : length + (length - 1) * interior;
        return Math.max(0, spread + low + high);
      });
      const kernel = {
        kind: "pack",
        form: "pad",
        low: axes.map(({ low }) => low),
        high: axes.map(({ high }) => high),
        interior: axes.map(({ interior }) => interior),
        value,
      } as const;
      expect(rowMajorStrides(outShape).length).toBe(axes.length);
      fc.pre(sizeOf(outShape) < 10_000);
      compare(kernel, [mixed({ dtype, shape })], [{ dtype, shape: outShape }], parts);
    }),
  );
});
