import { ShapeError, type Value } from "@adjoint/graph";
import { type ConvAttrs, conv, convData, convWeight } from "../src/window/conv.js";
import { poolMax } from "../src/window/poolMax.js";
import { type PoolAttrs, poolSum, poolSumAdjoint } from "../src/window/poolSum.js";
import {
  evaluate,
  evaluateAll,
  expectDerivatives,
  expectError,
  given,
  gradientsOf,
  irregular,
} from "./support.js";

interface ConvCase {
  readonly data: readonly number[];
  readonly weight: readonly number[];
  readonly attrs: ConvAttrs;
}

function convAttrs(axes: number, attrs: Partial<ConvAttrs> = {}): ConvAttrs {
  const filled = (value: number) => new Array<number>(axes).fill(value);
  return {
    stride: filled(1),
    dilate: filled(1),
    padLow: filled(0),
    padHigh: filled(0),
    groups: 1,
    ...attrs,
  };
}

const convCases: Readonly<Record<string, ConvCase>> = {
  "one axis": { data: [2, 2, 5], weight: [3, 2, 2], attrs: convAttrs(1) },
  "unused cells behind the last window": {
    data: [1, 1, 6],
    weight: [1, 1, 2],
    attrs: convAttrs(1, { stride: [3] }),
  },
  "uneven padding and dilation": {
    data: [1, 2, 4, 3],
    weight: [2, 2, 2, 2],
    attrs: convAttrs(2, { padLow: [1, 0], padHigh: [0, 2], dilate: [2, 1], stride: [1, 2] }),
  },
  groups: { data: [1, 4, 3], weight: [2, 2, 2], attrs: convAttrs(1, { groups: 2 }) },
  "three axes": { data: [1, 1, 2, 3, 2], weight: [2, 1, 2, 2, 1], attrs: convAttrs(3) },
};

describe("conv", () => {
  test("correlates: the kernel is not turned around", () => {
    const y = evaluate(
      (x, w) => conv(x, w, convAttrs(1)),
      given([1, 2, 3, 4], [1, 1, 4]),
      given([10, 1], [1, 1, 2]),
    ).data;
    expect(y).toEqual([12, 23, 34]);
  });

  test("dilated, padded, strided windows read the cells that the formula names", () => {
    const attrs = convAttrs(1, { stride: [2], dilate: [2], padLow: [1], padHigh: [2] });
    const y = evaluate(
      (x, w) => conv(x, w, attrs),
      given([1, 2, 3, 4], [1, 1, 4]),
      given([10, 1], [1, 1, 2]),
    ).data;
    expect(y).toEqual([2, 24, 40]);
  });

  test.each(Object.entries(convCases))(
    "%s: derivatives to second order",
    (_, { data, weight, attrs }) => {
      expectDerivatives((x, w) => conv(x, w, attrs), [irregular(data, 1), irregular(weight, 2)]);
    },
  );

  test.each(Object.entries(convCases))(
    "%s: three operators of one trilinear form",
    (_, { data, weight, attrs }) => {
      const [x, w] = [irregular(data, 1), irregular(weight, 2)];
      const [y = given([], [])] = evaluateAll((a, b) => conv(a, b, attrs), x, w);
      const h = irregular(y.shape, 3);
      const dataAttrs = { ...attrs, spatial: data.slice(2) };
      const weightAttrs = { ...attrs, kernel: weight.slice(2) };
      const product = (a: readonly number[], b: readonly number[]) =>
        a.reduce((sum, value, index) => sum + value * (b[index] ?? Number.NaN), 0);
      const form = product(y.data, h.data);
      expect(product(evaluate((a, b) => convData(a, b, dataAttrs), h, w).data, x.data)).toBeCloseTo(
        form,
        10,
      );
      expect(
        product(evaluate((a, b) => convWeight(a, b, weightAttrs), x, h).data, w.data),
      ).toBeCloseTo(form, 10);
    },
  );

  test("a weight that does not fit is refused with the shape expected", () => {
    const run = () =>
      evaluate((x, w) => conv(x, w, convAttrs(1)), irregular([1, 2, 5]), irregular([1, 3, 2]));
    expectError(run, ShapeError, "(filters, 2, kernel)");
  });

  test("a window larger than the padded data is refused", () => {
    const attrs = convAttrs(1, { padLow: [1], padHigh: [1], dilate: [3] });
    const run = () =>
      evaluate((x, w) => conv(x, w, attrs), irregular([1, 1, 1]), irregular([1, 1, 2]));
    expect(run).toThrow("4 cells over 3");
  });

  test("data without or with four spatial axes is refused", () => {
    const flat = () =>
      evaluate((x, w) => conv(x, w, convAttrs(0)), irregular([1, 2]), irregular([1, 2]));
    const deep = [1, 1, 1, 1, 1, 1];
    const run = () =>
      evaluate((x, w) => conv(x, w, convAttrs(4)), irregular(deep), irregular(deep));
    expect(flat).toThrow("1 to 3 spatial axes");
    expect(run).toThrow("1 to 3 spatial axes");
  });
});

function poolAttrs(kernel: readonly number[], attrs: Partial<PoolAttrs> = {}): PoolAttrs {
  const [ones, zeros] = [kernel.map(() => 1), kernel.map(() => 0)];
  return { kernel, stride: ones, padLow: zeros, padHigh: zeros, ...attrs };
}

describe("poolSum", () => {
  test("adds the cells of each window; cells outside count 0", () => {
    const attrs = poolAttrs([3], { stride: [2], padLow: [1], padHigh: [1] });
    expect(evaluate((x) => poolSum(x, attrs), given([1, 2, 3, 4], [1, 1, 4])).data).toEqual([3, 9]);
  });

  test("its adjoint spreads a value over the window, adding where windows overlap", () => {
    const spread = (head: Value) => poolSumAdjoint(head, { ...poolAttrs([2]), spatial: [3] });
    expect(evaluate(spread, given([1, 10], [1, 1, 2])).data).toEqual([1, 11, 10]);
  });

  test("derivatives to second order", () => {
    const attrs = poolAttrs([2, 3], { stride: [1, 2], padLow: [1, 0], padHigh: [0, 1] });
    expectDerivatives((x) => poolSum(x, attrs), [irregular([1, 2, 3, 4])]);
  });
});

describe("poolMax", () => {
  test("positions count in the flattened spatial axes", () => {
    const [y, positions] = evaluateAll(
      (x) => poolMax(x, poolAttrs([2, 2], { stride: [2, 2] })),
      given([1, 5, 2, 3, 4, 0, 9, 8], [1, 1, 2, 4]),
    );
    expect(y?.data).toEqual([5, 9]);
    expect(positions).toEqual(given([1, 6], [1, 1, 1, 2], "int32"));
  });

  test("of equal cells the first wins and gets the whole gradient", () => {
    const first = (x: Value) => poolMax(x, poolAttrs([2]))[0];
    expect(gradientsOf(first, [given([1, 1, 1, 1], [1, 1, 4])])).toEqual([[1, 1, 1, 0]]);
  });

  test("padding never wins, not even against negative cells", () => {
    const attrs = poolAttrs([2], { padLow: [1], padHigh: [1] });
    expect(evaluate((x) => poolMax(x, attrs)[0], given([-3, -5], [1, 1, 2])).data).toEqual([
      -3, -3, -5,
    ]);
  });

  test("NaN wins", () => {
    const first = (x: Value) => poolMax(x, poolAttrs([2]))[0];
    expect(evaluate(first, given([Number.NaN, 1, 2], [1, 1, 3])).data).toEqual([Number.NaN, 2]);
  });

  test("overlapping windows add their gradients at one maximum; to second order", () => {
    const attrs = poolAttrs([2, 2], { padLow: [1, 0], padHigh: [0, 1] });
    expectDerivatives((x) => poolMax(x, attrs)[0], [irregular([2, 1, 3, 3])]);
  });

  test("a window wholly within the padding is refused", () => {
    const attrs = poolAttrs([2], { padLow: [2], padHigh: [0] });
    expect(() => evaluate((x) => poolMax(x, attrs), irregular([1, 1, 4]))).toThrow(ShapeError);
  });
});
