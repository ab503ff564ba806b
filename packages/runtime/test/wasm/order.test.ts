import { type OrderKernel, sizeOf, type TensorType } from "@adjoint/graph";
import fc from "fast-check";
import { createTensor } from "../../src/index.js";
import { anyDType, compare, mixed, shapes, upTo, wild } from "./compareKernels.js";

const lines = fc.record({
  before: shapes(2, 3),
  length: fc.oneof(upTo(10), upTo(70)),
  after: shapes(1, 3),
  dtype: anyDType,
  parts: upTo(4, 1),
});

function sortOf(axis: number, ascending: boolean): OrderKernel {
  return { kind: "order", form: "sort", axis, ascending };
}

function sortTypes(type: TensorType): TensorType[] {
  return [type, { dtype: "int32", shape: type.shape }];
}

describe("sorting", () => {
  test("is stable, NaN last, in both directions, of any dtype", () => {
    fc.assert(
      fc.property(lines, fc.boolean(), (of, ascending) => {
        const { before, length, after, dtype, parts } = of;
        const type = { dtype, shape: [...before, length, ...after] };
        for (const data of [mixed(type), wild(type)]) {
          compare(sortOf(before.length, ascending), [data], sortTypes(type), parts);
        }
      }),
    );
  });

  test("long lines with many equal keys", () => {
    const type = { dtype: "float32", shape: [3000] } as const;
    const data = createTensor(
      type,
      Array.from({ length: 3000 }, (_, i) => (i * 7919) % 97),
    );
    compare(sortOf(0, true), [data], sortTypes(type));
    compare(sortOf(0, false), [data], sortTypes(type));
  });

  test("the smallest and the largest integers of 64 bits", () => {
    const type = { dtype: "int64", shape: [5] } as const;
    const data = createTensor(
      type,
      BigInt64Array.of(-(2n ** 63n), 0n, 2n ** 63n - 1n, -1n, 2n ** 53n + 1n),
    );
    compare(sortOf(0, true), [data], sortTypes(type));
    compare(sortOf(0, false), [data], sortTypes(type));
  });
});

describe("scans", () => {
  const monoids = fc.constantFrom("sum" as const, "prod" as const, "max" as const, "min" as const);

  test("both directions, any dtype and axis", () => {
    fc.assert(
      fc.property(lines, monoids, fc.boolean(), (of, monoid, reverse) => {
        const { before, length, after, dtype, parts } = of;
        const type = { dtype, shape: [...before, length, ...after] };
        const kernel = {
          kind: "order",
          form: "scan",
          monoid,
          axis: before.length,
          reverse,
        } as const;
        expect(sizeOf(type.shape)).toBeLessThan(100_000);
        for (const data of [mixed(type), wild(type)]) compare(kernel, [data], [type], parts);
      }),
    );
  });
});
