import { sizeOf, type Shape, type WindowGeometry, type WindowKernel } from "@adjoint/graph";
import { createTensor, type Tensor, tensorOf } from "../src/index.js";
import { runKernel, runOne } from "./testOps.js";

interface Case extends WindowGeometry {
  readonly data: Shape;
  readonly filters: number;
  readonly groups: number;
}

const cases: [string, Case][] = [
  [
    "1-D",
    {
      data: [2, 3, 9],
      filters: 4,
      groups: 1,
      kernel: [3],
      stride: [2],
      dilate: [1],
      padLow: [1],
      padHigh: [2],
    },
  ],
  [
    "2-D",
    {
      data: [2, 2, 5, 6],
      filters: 3,
      groups: 1,
      kernel: [3, 2],
      stride: [1, 2],
      dilate: [1, 1],
      padLow: [1, 0],
      padHigh: [1, 1],
    },
  ],
  [
    "dilated",
    {
      data: [1, 1, 7, 8],
      filters: 2,
      groups: 1,
      kernel: [2, 3],
      stride: [2, 1],
      dilate: [3, 2],
      padLow: [2, 1],
      padHigh: [0, 3],
    },
  ],
  [
    "grouped",
    {
      data: [1, 4, 4, 4],
      filters: 6,
      groups: 2,
      kernel: [3, 3],
      stride: [1, 1],
      dilate: [1, 1],
      padLow: [1, 1],
      padHigh: [1, 1],
    },
  ],
  [
    "depthwise",
    {
      data: [2, 3, 5, 5],
      filters: 3,
      groups: 3,
      kernel: [2, 2],
      stride: [2, 2],
      dilate: [1, 1],
      padLow: [0, 0],
      padHigh: [0, 0],
    },
  ],
  [
    "3-D",
    {
      data: [1, 2, 3, 4, 5],
      filters: 2,
      groups: 1,
      kernel: [2, 2, 3],
      stride: [1, 2, 1],
      dilate: [1, 1, 2],
      padLow: [0, 1, 1],
      padHigh: [1, 0, 1],
    },
  ],
  [
    "padding wider than the window",
    {
      data: [1, 1, 3],
      filters: 1,
      groups: 1,
      kernel: [2],
      stride: [1],
      dilate: [1],
      padLow: [4],
      padHigh: [4],
    },
  ],
];

function resultSpace({ data, kernel, stride, dilate, padLow, padHigh }: Case): number[] {
  return data.slice(2).map((length, k) => {
    const reach = ((kernel[k] ?? 0) - 1) * (dilate[k] ?? 0) + 1;
    return (
      Math.floor((length + (padLow[k] ?? 0) + (padHigh[k] ?? 0) - reach) / (stride[k] ?? 1)) + 1
    );
  });
}

function filled(shape: Shape, factor: number): Tensor {
  const values = Array.from({ length: sizeOf(shape) }, (_, i) => ((i * factor) % 13) - 6);
  return createTensor({ dtype: "float64", shape }, values);
}

function* positions(shape: Shape): Generator<number[]> {
  for (let flat = 0; flat < sizeOf(shape); flat++) {
    const position = new Array<number>(shape.length);
    let rest = flat;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position[axis] = rest % (shape[axis] ?? 1);
      rest = Math.floor(rest / (shape[axis] ?? 1));
    }
    yield position;
  }
}

/** The element at a position, 0 outside. */
function element({ data, type }: Tensor, position: number[]): number {
  let flat = 0;
  for (const [axis, length] of type.shape.entries()) {
    const p = position[axis] ?? 0;
    if (p < 0 || p >= length) return 0;
    flat = flat * length + p;
  }
  return Number(data[flat]);
}

/** Straight from the definition. */
function naiveConvolution(c: Case, data: Tensor, weight: Tensor): number[] {
  const channelsPer = (c.data[1] ?? 0) / c.groups;
  const filtersPer = c.filters / c.groups;
  const results: number[] = [];
  for (const [n = 0, filter = 0, ...out] of positions([
    c.data[0] ?? 0,
    c.filters,
    ...resultSpace(c),
  ])) {
    let sum = 0;
    for (const [channel = 0, ...tap] of positions([channelsPer, ...c.kernel])) {
      const from = tap.map(
        (k, a) => (out[a] ?? 0) * (c.stride[a] ?? 0) + k * (c.dilate[a] ?? 0) - (c.padLow[a] ?? 0),
      );
      const first = Math.floor(filter / filtersPer) * channelsPer;
      sum +=
        element(data, [n, first + channel, ...from]) * element(weight, [filter, channel, ...tap]);
    }
    results.push(sum);
  }
  return results;
}

const inner = (a: Tensor["data"], b: Tensor["data"]) =>
  Array.from(a, Number).reduce((sum, x, i) => sum + x * Number(b[i]), 0);

describe.each(cases)("convolution, %s", (_name, c) => {
  const data = filled(c.data, 7);
  const weight = filled([c.filters, (c.data[1] ?? 0) / c.groups, ...c.kernel], 5);
  const head = filled([c.data[0] ?? 0, c.filters, ...resultSpace(c)], 3);
  const kernel = (form: WindowKernel["form"]): WindowKernel => ({
    kind: "window",
    form,
    geometry: c,
    groups: c.groups,
  });
  const result = runOne(kernel("convolve"), [data, weight], head.type);

  test("is what its definition says", () => {
    expect(Array.from(result, Number)).toEqual(naiveConvolution(c, data, weight));
  });
  test("convolveData is its adjoint: <conv(x, w), h> = <x, convData(h, w)>", () => {
    const back = runOne(kernel("convolveData"), [head, weight], data.type);
    expect(inner(data.data, back)).toBe(inner(result, head.data));
  });
  test("convolveWeight is its adjoint: <conv(x, w), h> = <w, convWeight(x, h)>", () => {
    const back = runOne(kernel("convolveWeight"), [data, head], weight.type);
    expect(inner(weight.data, back)).toBe(inner(result, head.data));
  });
  test("poolSum is a depthwise convolution with ones, poolSumAdjoint its adjoint", () => {
    const [batch = 0, channels = 0] = c.data;
    const pooled = { dtype: "float64", shape: [batch, channels, ...resultSpace(c)] } as const;
    const onesShape = [channels, 1, ...c.kernel];
    const onesData = new Float64Array(sizeOf(onesShape)).fill(1);
    const ones = createTensor({ dtype: "float64", shape: onesShape }, onesData);
    const depthwise = { ...c, filters: channels, groups: channels };
    const sums = runOne(kernel("poolSum"), [data], pooled);
    expect(Array.from(sums, Number)).toEqual(naiveConvolution(depthwise, data, ones));
    const h = filled(pooled.shape, 3);
    const back = runOne(kernel("poolSumAdjoint"), [h], data.type);
    expect(inner(data.data, back)).toBe(inner(sums, h.data));
  });
});

describe("poolMax", () => {
  function pool(x: Tensor, geometry: WindowGeometry, shape: Shape) {
    const kernel = { kind: "window", form: "poolMax", geometry, groups: 1 } as const;
    const [best, where] = runKernel(
      kernel,
      [x],
      [
        { dtype: x.type.dtype, shape },
        { dtype: "int32", shape },
      ],
    );
    return [Array.from(best?.data ?? [], Number), Array.from(where?.data ?? [], Number)];
  }
  const geometry = {
    kernel: [2, 2],
    stride: [2, 2],
    dilate: [1, 1],
    padLow: [0, 0],
    padHigh: [0, 0],
  };

  test("finds the first maximum, as a position in the plane", () => {
    const x = tensorOf(
      [
        [
          [
            [1, 5, 5, 5],
            [5, 2, 5, 9],
          ],
        ],
      ],
      "float32",
    );
    expect(pool(x, geometry, [1, 1, 1, 2])).toEqual([
      [5, 9],
      [1, 7],
    ]);
  });
  test("never takes a cell of the padding, though all else is negative", () => {
    const x = tensorOf([[[-3, -Infinity]]], "float32");
    const padded = { kernel: [2], stride: [1], dilate: [1], padLow: [1], padHigh: [0] };
    expect(pool(x, padded, [1, 1, 2])).toEqual([
      [-3, -3],
      [0, 0],
    ]);
  });
  test("of nothing but padding: the lowest value, at no position", () => {
    const x = tensorOf([[[1]]], "float32");
    const far = { kernel: [1], stride: [1], dilate: [1], padLow: [1], padHigh: [0] };
    expect(pool(x, far, [1, 1, 2])).toEqual([
      [-Infinity, 1],
      [-1, 0],
    ]);
  });
  test("NaN is a maximum; minus infinity is found", () => {
    const line = { kernel: [2], stride: [2], dilate: [1], padLow: [0], padHigh: [0] };
    const x = tensorOf([[[1, NaN, -Infinity, -Infinity]]], "float32");
    expect(pool(x, line, [1, 1, 2])).toEqual([
      [NaN, -Infinity],
      [1, 2],
    ]);
  });
});
