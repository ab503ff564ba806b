import {
  AttributeError,
  DTypeError,
  lower,
  nodesOf,
  runPasses,
  type Shape,
  ShapeError,
} from "@adjoint/graph";
import { fronts, registry } from "../src/index.js";
import { at, bilinear, each, expectValues } from "./images.js";
import {
  evaluate,
  expectError,
  type Given,
  given,
  gradientsOf,
  irregular,
  type Program,
  record,
} from "./support.js";

const { Correlation, ROIPooling } = fronts;
const { ROIAlign } = fronts.contrib;

const image = irregular([1, 1, 3, 3]);

describe("ROIPooling", () => {
  const program: Program = (x, rois) =>
    ROIPooling(x, rois, { pooledSize: [2, 3], spatialScale: 0.5 });

  /** Bins as the definition has them, the first of equal maxima; no pixels give 0. */
  function pool(data: Given, rois: Given, scale: number, rows: number, columns: number) {
    const [batch = 0, channels = 0, height = 0, width = 0] = data.shape;
    const round = (x: number) => Math.sign(x) * Math.round(Math.abs(x));
    const bin = (low: number, high: number, i: number, bins: number, length: number) => {
      const [first, last] = [round(low * scale), round(high * scale)];
      const size = Math.max(last - first + 1, 1) / bins;
      const within = (x: number) => Math.min(Math.max(x + first, 0), length);
      return [within(Math.floor(i * size)), within(Math.ceil((i + 1) * size))] as const;
    };
    const gradient = data.data.map(() => 0);
    const regions = rois.shape[0] ?? 0;
    const values = each([regions, channels, rows, columns], (r, c, y, x) => {
      const [n = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0] = rois.data.slice(5 * r);
      const [top, bottom] = bin(y1, y2, y, rows, height);
      const [left, right] = bin(x1, x2, x, columns, width);
      let best: number | undefined;
      for (let i = top; i < bottom; i++) {
        for (let j = left; j < right; j++) {
          const flat = ((n * channels + c) * height + i) * width + j;
          if (best === undefined || (data.data[flat] ?? 0) > (data.data[best] ?? 0)) best = flat;
        }
      }
      if (best === undefined || n < 0 || n >= batch) return 0;
      gradient[best] = (gradient[best] ?? 0) + 1;
      return data.data[best] ?? 0;
    });
    return { values, gradient };
  }

  const rois = given(
    [
      [0, 0, 0, 9, 7],
      [1, 3, 1, 6, 3],
      [1, -5, -3, 3, 30],
      [0, 6, 6, 2, 2],
      [1, 20, 20, 30, 30],
    ].flat(),
    [5, 5],
  );

  test("values and gradients, with regions that leave the image or have no extent", () => {
    const data = irregular([2, 2, 4, 5]);
    const { values, gradient } = pool(data, rois, 0.5, 2, 3);
    expectValues(evaluate(program, data, rois), [5, 2, 2, 3], values);
    const [toData, toRois] = gradientsOf(program, [data, rois]);
    expect(toData).toEqual(gradient);
    expect(toRois).toEqual(rois.data.map(() => 0));
  });

  test("of equal pixels the first one, row by row, gets the gradient", () => {
    const data = given([0, 2, 0, 2, 2, 0], [1, 1, 2, 3]);
    const one: Program = (x, r) => ROIPooling(x, r, { pooledSize: [1, 1], spatialScale: 1 });
    const [toData] = gradientsOf(one, [data, given([0, 0, 0, 2, 1], [1, 5])]);
    expect(toData).toEqual([0, 1, 0, 0, 0, 0]);
  });

  test("NaN and -inf lose, and images that do not exist give 0", () => {
    const data = given([NaN, -Infinity, -3, NaN], [1, 1, 2, 2]);
    const one: Program = (x, r) => ROIPooling(x, r, { pooledSize: [1, 1], spatialScale: 1 });
    const regions = [
      [0, 0, 0, 1, 1],
      [0, 1, 0, 1, 0],
      [-1, 0, 0, 1, 1],
      [1, 0, 0, 1, 1],
    ];
    const result = evaluate(one, data, given(regions.flat(), [4, 5]));
    expect(result.data).toEqual([-3, -Infinity, 0, 0]);
  });

  test("the number of nodes does not depend on the sizes", () => {
    const nodes = (data: Shape, regions: Shape) => {
      const graph = record(program, [irregular(data), irregular(regions)]);
      return nodesOf(runPasses(graph, [lower], { registry }).graph).length;
    };
    expect(nodes([2, 3, 9, 11], [7, 5])).toBe(nodes([1, 1, 2, 2], [1, 5]));
  });

  test("wrong arguments are refused", () => {
    const apply = (options: string, regions: Given) => () =>
      record((x, r) => ROIPooling(x, r, JSON.parse(options)), [image, regions]);
    const good = '{ "pooledSize": [1, 1], "spatialScale": 1 }';
    expectError(apply(good, irregular([2, 4])), ShapeError, "(2, 4)", "(regions, 5)");
    expectError(apply(good, irregular([2, 5], 1, "float32")), DTypeError, "float32");
    expectError(apply('{ "spatialScale": 1 }', rois), AttributeError, "pooledSize is missing");
    expectError(apply('{ "pooledSize": [1, 1] }', rois), AttributeError, "spatialScale is missing");
    const large = '{ "pooledSize": [1, 1], "spatialScale": 2 }';
    expectError(apply(large, rois), AttributeError, "0 to 1");
  });
});

describe("ROIAlign", () => {
  const data = irregular([2, 4, 4, 5]);
  const rois = given(
    [
      [0, 0.2, 0.4, 3.7, 2.9],
      [1, -3, -2.5, 2.25, 9],
      [1, 1, 1, 0, 0.5],
      [0, -30, 1, 40, 2],
    ].flat(),
    [4, 5],
  );

  /** Samples one by one. */
  function align(ratio: number, centred: boolean, ownChannels: boolean) {
    const [rows, columns] = [2, 2];
    const kept = ownChannels ? 1 : 4;
    return each([4, kept, rows, columns], (r, c, ph, pw) => {
      const [n = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0] = rois.data.slice(5 * r);
      const samples = (low: number, high: number, i: number, bins: number, length: number) => {
        const start = low - (centred ? 0.5 : 0);
        const size = (centred ? high - low : Math.max(high - low, 1)) / bins;
        const count = ratio > 0 ? ratio : Math.max(Math.ceil(size), 1);
        return Array.from({ length: count }, (_, k) => start + (i + (k + 0.5) / count) * size).map(
          (x) => (x < -1 || x > length ? undefined : Math.min(Math.max(x, 0), length - 1)),
        );
      };
      const ys = samples(y1, y2, ph, rows, 4);
      const xs = samples(x1, x2, pw, columns, 5);
      const channel = ownChannels ? ph * columns + pw : c;
      let sum = 0;
      for (const y of ys) {
        for (const x of xs) {
          if (x !== undefined && y !== undefined) sum += bilinear(data, n, channel, y, x);
        }
      }
      return sum / (ys.length * xs.length);
    });
  }

  const settings = [
    [-1, false, false],
    [-1, true, false],
    [2, false, false],
    [3, true, false],
    [0, false, true],
    [1, true, true],
  ] as const;
  test.each(settings)("ratio %i, aligned %s, position sensitive %s", (ratio, aligned, own) => {
    const options = { pooledSize: [2, 2], spatialScale: 1, aligned, positionSensitive: own };
    const program: Program = (x, r) => ROIAlign(x, r, { ...options, sampleRatio: ratio });
    const result = evaluate(program, data, rois);
    expectValues(result, [4, own ? 1 : 4, 2, 2], align(ratio, aligned, own));
    expect(gradientsOf(program, [data, rois])[1]).toEqual(rois.data.map(() => 0));
  });

  const one = { pooledSize: [1, 1], spatialScale: 1 };

  test("a pixel that is no number is seen only where it is sampled", () => {
    const pixels = given([1, 2, 3, 4, 5, 6, 7, 8, NaN], [1, 1, 3, 3]);
    const regions = given([0, 0, 0, 1, 1, 0, 1, 1, 2, 2], [2, 5]);
    expect(evaluate((x, r) => ROIAlign(x, r, one), pixels, regions).data).toEqual([3, NaN]);
  });

  test("regions of images that do not exist are 0", () => {
    const regions = given([-1, 0, 0, 1, 1, 1, 0, 0, 1, 1], [2, 5]);
    expect(evaluate((x, r) => ROIAlign(x, r, one), image, regions).data).toEqual([0, 0]);
  });

  test("wrong arguments are refused", () => {
    const apply = (options: object) => () =>
      record((x, r) => ROIAlign(x, r, { ...one, ...options }), [data, rois]);
    const sensitive = { positionSensitive: true, pooledSize: [3, 1] };
    expectError(apply(sensitive), ShapeError, "(2, 4, 4, 5)", "a multiple of 3");
    expectError(apply({ sampleRatio: 0.5 }), AttributeError, "sampleRatio");
    expectError(apply({ pooledSize: [0, 1] }), AttributeError, "pooledSize");
  });
});

describe("Correlation", () => {
  const [a, b] = [irregular([2, 3, 5, 6]), irregular([2, 3, 5, 6], 2)];
  const settings: readonly Partial<fronts.CorrelationOptions>[] = [
    {},
    { isMultiply: false },
    { kernelSize: 3, maxDisplacement: 2, padSize: 3, stride1: 2 },
    { maxDisplacement: 3, stride2: 2, padSize: 3, isMultiply: false },
    { maxDisplacement: 0, stride1: 3 },
  ];

  test.each(settings)("%j", (options) => {
    const given = { kernelSize: 1, maxDisplacement: 1, stride1: 1, stride2: 1, padSize: 0 };
    const { kernelSize, maxDisplacement, stride1, stride2, padSize } = { ...given, ...options };
    const { isMultiply = true } = options;
    const reach = Math.floor(maxDisplacement / stride2);
    const across = 2 * reach + 1;
    const border = 2 * (padSize - maxDisplacement) - (kernelSize - 1);
    const [rows, columns] = [5, 6].map((length) => Math.ceil((length + border) / stride1));
    const shape = [2, across ** 2, rows ?? 0, columns ?? 0];
    const expected = each(shape, (n, q, i, j) => {
      const dy = (Math.floor(q / across) - reach) * stride2;
      const dx = ((q % across) - reach) * stride2;
      let sum = 0;
      for (let c = 0; c < 3; c++) {
        for (let k = 0; k < kernelSize ** 2; k++) {
          const y = i * stride1 + maxDisplacement - padSize + Math.floor(k / kernelSize);
          const x = j * stride1 + maxDisplacement - padSize + (k % kernelSize);
          const [p, r] = [at(a, [n, c, y, x]), at(b, [n, c, y + dy, x + dx])];
          sum += isMultiply ? p * r : Math.abs(p - r);
        }
      }
      return sum / (3 * kernelSize ** 2);
    });
    expectValues(
      evaluate((x, y) => Correlation(x, y, options), a, b),
      shape,
      expected,
    );
  });

  test("where pixels are equal, the difference has derivative 1 by the first", () => {
    const program: Program = (x, y) => Correlation(x, y, { maxDisplacement: 0, isMultiply: false });
    expect(gradientsOf(program, [given([2], [1, 1, 1, 1]), given([2], [1, 1, 1, 1])])).toEqual([
      [1],
      [-1],
    ]);
  });

  test("wrong arguments are refused", () => {
    const apply =
      (options: object, second = b) =>
      () =>
        record((x, y) => Correlation(x, y, options), [a, second]);
    expectError(apply({ kernelSize: 2 }), AttributeError, "odd");
    expectError(apply({ stride1: 0 }), AttributeError, "stride1");
    expectError(apply({ maxDisplacement: 3 }), ShapeError, "no room", "above 6");
    expectError(apply({}, irregular([2, 3, 5, 5])), ShapeError, "(2, 3, 5, 5)");
    expectError(apply({}, irregular([2, 3, 5, 6], 1, "float32")), DTypeError, "float32");
  });
});
