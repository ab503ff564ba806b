import {
  ArgumentError,
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
  counting,
  evaluate,
  expectDerivatives,
  expectError,
  type Given,
  given,
  gradientsOf,
  irregular,
  type Program,
  record,
} from "./support.js";

const { BilinearSampler, Crop, GridGenerator, SpatialTransformer } = fronts;
const { AdaptiveAvgPooling2D, BilinearResize2D } = fronts.contrib;

const image = irregular([1, 1, 3, 3]);
const grid = irregular([1, 2, 2, 2], 2);
const affine = { transformType: "affine" } as const;
const transform = { ...affine, samplerType: "bilinear", targetShape: [2, 3] } as const;

describe("GridGenerator", () => {
  test("affine: matrices applied to a grid from -1 to 1", () => {
    const matrices = irregular([2, 6]);
    const result = evaluate((x) => GridGenerator(x, { ...affine, targetShape: [3, 4] }), matrices);
    const expected = each([2, 2, 3, 4], (n, c, y, x) => {
      const [a = 0, b = 0, shift = 0] = matrices.data.slice(6 * n + 3 * c);
      return a * ((2 * x) / 3 - 1) + b * (y - 1) + shift;
    });
    expectValues(result, [2, 2, 3, 4], expected);
  });

  test("warp: each pixel's own place, shifted, from -1 to 1", () => {
    const flow = irregular([2, 2, 3, 4]);
    const result = evaluate((x) => GridGenerator(x, { transformType: "warp" }), flow);
    const expected = each(flow.shape, (n, c, y, x) => {
      const shifted = at(flow, [n, c, y, x]) + (c === 0 ? x : y);
      return shifted / (c === 0 ? 1.5 : 1) - 1;
    });
    expectValues(result, flow.shape, expected);
  });

  test("a grid with one row or column has finite coordinates", () => {
    const matrix = given([1, 2, 3, 4, 5, 6], [1, 6]);
    const options = { ...affine, targetShape: [1, 2] };
    const points = evaluate((x) => GridGenerator(x, options), matrix);
    expect(points.data).toEqual([2, 4, 2, 10]);
    const flow = given([0.5, 0.25, 1, 2], [1, 2, 1, 2]);
    const moved = evaluate((x) => GridGenerator(x, { transformType: "warp" }), flow);
    expect(moved.data).toEqual([0, 1.5, 1, 2]);
  });

  test("wrong arguments are refused", () => {
    const generate = (shape: Shape, options: Partial<fronts.GridGeneratorOptions>) => () =>
      record(
        (x) => GridGenerator(x, { ...affine, targetShape: [2, 2], ...options }),
        [irregular(shape)],
      );
    expectError(generate([1, 5], {}), ShapeError, "(1, 5)", "(batch, 6)");
    expectError(generate([1, 3, 2, 2], { transformType: "warp" }), ShapeError, "(1, 3, 2, 2)");
    expectError(generate([1, 6], { targetShape: [0, 2] }), AttributeError, "targetShape");
    expectError(generate([1, 6], { targetShape: [2] }), AttributeError, "[height, width]");
    const untyped = JSON.parse('{ "transformType": "shear" }');
    expectError(generate([1, 6], untyped), AttributeError, '"shear"', "affine, warp");
    expectError(
      () => record((x) => GridGenerator(x, JSON.parse("{}")), [irregular([1, 6])]),
      AttributeError,
      "transformType is missing",
    );
    const integers = irregular([1, 6], 1, "int32");
    const options = { ...affine, targetShape: [2, 2] };
    expectError(() => record((x) => GridGenerator(x, options), [integers]), DTypeError, "int32");
  });
});

describe("BilinearSampler", () => {
  test("values within, beside and far outside of the images", () => {
    const data = irregular([2, 3, 4, 5]);
    const points = irregular([2, 2, 3, 6], 2);
    const expected = each([2, 3, 3, 6], (n, c, y, x) =>
      bilinear(
        data,
        n,
        c,
        (at(points, [n, 1, y, x]) + 1) * 1.5,
        (at(points, [n, 0, y, x]) + 1) * 2,
      ),
    );
    expectValues(evaluate(BilinearSampler, data, points), [2, 3, 3, 6], expected);
  });

  test("what lies outside of the images counts as 0, also beside the border", () => {
    const line = given([10, 20, 30], [1, 1, 1, 3]);
    const along = (...xs: number[]) => given([...xs, ...xs.map(() => 0)], [1, 2, 1, xs.length]);
    const result = evaluate(BilinearSampler, line, along(-1, 1, -1.5, 1.25, -2, 3, 1e30, -1e30));
    expect(result.data).toEqual([10, 30, 5, 22.5, 0, 0, 0, 0]);
  });

  test("a coordinate that is not finite gives NaN, and no gradient to the data", () => {
    const points = given([Number.NaN, Infinity, 0, 0, 0, Number.NaN], [1, 2, 1, 3]);
    expect(evaluate(BilinearSampler, image, points).data).toEqual([NaN, NaN, NaN]);
    const [toData = []] = gradientsOf(BilinearSampler, [image, points]);
    expect(toData).toEqual(image.data.map(() => 0));
  });

  test("at a pixel the gradient to the grid is the slope towards the next one", () => {
    const line = given([1, 3, 4], [1, 1, 1, 3]);
    const points = given([-1, 0, 1, 0, 0, 0], [1, 2, 1, 3]);
    const [, toGrid = []] = gradientsOf(BilinearSampler, [line, points]);
    expect(toGrid.slice(0, 3)).toEqual([2, 1, -4]);
  });

  test("derivatives to second order, to data and grid", () => {
    expectDerivatives(BilinearSampler, [irregular([2, 2, 2, 3]), irregular([2, 2, 1, 3], 3)]);
  });

  test("float32 and float16 keep their dtype", () => {
    for (const dtype of ["float32", "float16"] as const) {
      const data = irregular([1, 1, 2, 2], 1, dtype);
      expect(evaluate(BilinearSampler, data, irregular([1, 2, 1, 1], 1, dtype)).dtype).toBe(dtype);
    }
  });

  test("wrong arguments are refused", () => {
    const sample = (data: Given, points: Given) => () => record(BilinearSampler, [data, points]);
    expectError(sample(image, irregular([1, 3, 2, 2])), ShapeError, "(1, 3, 2, 2)");
    expectError(sample(image, irregular([2, 2, 2, 2])), ShapeError, "(1, 2, height, width)");
    expectError(sample(image, irregular([2, 2])), ShapeError, "grid must have 2 spatial axes");
    expectError(sample(irregular([3, 3]), grid), ShapeError, "data must have 2 spatial axes");
    expectError(sample(image, irregular([1, 2, 2, 2], 1, "float32")), DTypeError, "float64");
    expectError(
      () =>
        record(
          (x, y) => Reflect.apply(BilinearSampler, undefined, [x, y, { cudnnOff: true }]),
          [image, grid],
        ),
      AttributeError,
      "cudnnOff",
    );
  });

  test("the number of nodes does not depend on the sizes", () => {
    const nodes = (data: Given, points: Given) =>
      nodesOf(runPasses(record(BilinearSampler, [data, points]), [lower], { registry }).graph);
    const many = nodes(irregular([2, 3, 9, 7]), irregular([2, 2, 8, 9]));
    expect(many.length).toBe(nodes(image, grid).length);
  });
});

describe("SpatialTransformer", () => {
  test("is the sampler at the affine grid", () => {
    const data = irregular([2, 2, 3, 4]);
    const loc = irregular([2, 6], 3);
    const apart: Program = (x, m) =>
      BilinearSampler(x, GridGenerator(m, { ...affine, targetShape: [2, 3] }));
    const together: Program = (x, m) => SpatialTransformer(x, m, transform);
    expect(evaluate(together, data, loc)).toEqual(evaluate(apart, data, loc));
    expect(gradientsOf(together, [data, loc])).toEqual(gradientsOf(apart, [data, loc]));
  });

  test("the identity gives the images back", () => {
    const identity = given([1, 0, 0, 0, 1, 0], [1, 6]);
    const options = { ...transform, targetShape: [3, 3] };
    const result = evaluate((x, m) => SpatialTransformer(x, m, options), image, identity);
    expectValues(result, image.shape, image.data);
  });

  test("wrong arguments are refused", () => {
    const apply = (options: string, loc: Shape) => () =>
      record(
        (x, m) => SpatialTransformer(x, m, { ...transform, ...JSON.parse(options) }),
        [image, irregular(loc)],
      );
    expectError(apply("{}", [2, 6]), ShapeError, "(2, 6)", "(1, 6)");
    expectError(apply("{}", [1, 2, 3]), ShapeError, "(1, 2, 3)", "(batch, 6)");
    expectError(apply('{ "samplerType": "nearest" }', [1, 6]), AttributeError, "bilinear");
    expectError(apply('{ "transformType": "warp" }', [1, 6]), AttributeError, "affine");
    expectError(apply('{ "targetShape": [0, 0] }', [1, 6]), AttributeError, "targetShape");
  });
});

describe("Crop", () => {
  const data = counting([1, 2, 3, 4]);

  test("a rectangle from an offset, from the middle, and as large as another array", () => {
    const corner = evaluate((x) => Crop(x, { hW: [2, 2], offset: [1, 2] }), data);
    expectValues(corner, [1, 2, 2, 2], [7, 8, 11, 12, 19, 20, 23, 24]);
    const middle = evaluate((x) => Crop(x, { hW: [2, 1], centerCrop: true, offset: [9, 9] }), data);
    expectValues(middle, [1, 2, 2, 1], [2, 6, 14, 18]);
    const like: Program = (x, y) => Crop(x, y, { offset: [2, 0], numArgs: 2 });
    expectValues(evaluate(like, data, irregular([5, 1, 1, 2])), [1, 2, 1, 2], [9, 10, 21, 22]);
  });

  test("the gradient is the head within the rectangle, and none goes to the second array", () => {
    const program: Program = (x, y) => Crop(x, y, { offset: [1, 0] });
    const [toData, toLike] = gradientsOf(program, [counting([1, 1, 2, 2]), counting([1, 1, 1, 2])]);
    expect(toData).toEqual([0, 0, 1, 1]);
    expect(toLike).toEqual([0, 0]);
  });

  test("wrong arguments are refused", () => {
    const crop = (options: Partial<fronts.CropOptions>) => () =>
      record((x) => Crop(x, options), [data]);
    expectError(crop({}), AttributeError, "hW");
    expectError(crop({ hW: [4, 1] }), ShapeError, "4 x 1", "3 x 4");
    expectError(crop({ hW: [2, 2], offset: [2, 0] }), AttributeError, "[2, 0]", "[1, 2]");
    expectError(crop({ hW: [2, 2], offset: [-1, 0] }), AttributeError, "offset");
    expectError(crop({ hW: [2, 2], numArgs: 2 }), ArgumentError, "2, as numArgs says");
    expectError(() => record((x) => Crop(x, x, x), [data]), ArgumentError, "1 or 2");
    expectError(
      () => record((x, y) => Crop(x, y), [data, counting([1, 1, 4, 4])]),
      ShapeError,
      "4 x 4",
      "3 x 4",
    );
  });
});

describe("AdaptiveAvgPooling2D", () => {
  const sizes = [
    [[5, 7], 3],
    [
      [5, 7],
      [2, 9],
    ],
    [
      [6, 4],
      [3, 4],
    ],
    [[3, 8], []],
    [
      [2, 3],
      [5, 7],
    ],
  ] as const;

  test.each(sizes)("%j to %j: means of windows that cover the images", ([height, width], size) => {
    const data = irregular([2, 2, height, width]);
    const list: readonly number[] = typeof size === "number" ? [size, size] : size;
    const [rows = 1, columns = 1] = list;
    const result = evaluate((x) => AdaptiveAvgPooling2D(x, { outputSize: size }), data);
    const expected = each([2, 2, rows, columns], (n, c, y, x) => {
      let [sum, count] = [0, 0];
      for (let i = Math.floor((y * height) / rows); i < ((y + 1) * height) / rows; i++) {
        for (let j = Math.floor((x * width) / columns); j < ((x + 1) * width) / columns; j++) {
          sum += at(data, [n, c, i, j]);
          count++;
        }
      }
      return sum / count;
    });
    expectValues(result, [2, 2, rows, columns], expected);
  });

  test("a pixel that is no number is seen by its own windows only", () => {
    const data = given([1, NaN, 3, 4, 5, Infinity, 7], [1, 1, 1, 7]);
    const result = evaluate((x) => AdaptiveAvgPooling2D(x, { outputSize: [1, 3] }), data);
    expect(result.data).toEqual([NaN, 4, Infinity]);
  });

  test("wrong arguments are refused", () => {
    const pool = (data: Given, size: string) => () =>
      record((x) => AdaptiveAvgPooling2D(x, { outputSize: JSON.parse(size) }), [data]);
    for (const size of ["0", "[1, 2, 3]", '"large"', "[2, 1.5]", "null"]) {
      expectError(pool(image, size), AttributeError, "outputSize");
    }
    expectError(pool(irregular([3, 3]), "1"), ShapeError, "(3, 3)");
    expectError(pool(irregular([1, 1, 0, 3]), "1"), ShapeError, "no pixels");
    expectError(pool(irregular([1, 1, 2, 2], 1, "int32"), "1"), DTypeError, "int32");
  });
});

describe("BilinearResize2D", () => {
  const data = irregular([2, 1, 3, 5]);
  const sizes = [
    [5, 3],
    [1, 7],
    [3, 2],
    [4, 1],
  ] as const;

  describe.each([true, false])("aligned corners: %s", (alignCorners) => {
    const source = (position: number, length: number, count: number) => {
      if (count === 1) return 0;
      if (alignCorners) return (position * (length - 1)) / (count - 1);
      return Math.max(((position + 0.5) * length) / count - 0.5, 0);
    };

    test.each(sizes)("to %i x %i", (height, width) => {
      const expected = each([2, 1, height, width], (n, c, y, x) => {
        const [high, wide] = [source(y, 3, height), source(x, 5, width)];
        const clamped = (i: number, j: number) => at(data, [n, c, Math.min(i, 2), Math.min(j, 4)]);
        const [i, j] = [Math.floor(high), Math.floor(wide)];
        const [p, q] = [high - i, wide - j];
        const top = clamped(i, j) * (1 - q) + clamped(i, j + 1) * q;
        const bottom = clamped(i + 1, j) * (1 - q) + clamped(i + 1, j + 1) * q;
        return top * (1 - p) + bottom * p;
      });
      const options = { height, width, alignCorners };
      const result = evaluate((x) => BilinearResize2D(x, options), data);
      expectValues(result, [2, 1, height, width], expected);
    });
  });

  test("each mode has its sizes", () => {
    const sizeFor = (height: number, width: number, options: object) =>
      evaluate((x) => BilinearResize2D(x, options), irregular([1, 1, height, width])).shape.slice(
        2,
      );
    expect(sizeFor(3, 5, {})).toEqual([1, 1]);
    expect(sizeFor(3, 5, { scaleHeight: 2.5, scaleWidth: 0.6 })).toEqual([7, 3]);
    const odd = { mode: "odd_scale", scaleHeight: 2.5, scaleWidth: 0.6 };
    expect(sizeFor(5, 4, odd)).toEqual([11, 2]);
    expect(sizeFor(4, 7, odd)).toEqual([10, 4]);
    expect(sizeFor(3, 4, { mode: "to_even_down" })).toEqual([2, 4]);
    expect(sizeFor(3, 4, { mode: "to_even_up" })).toEqual([4, 4]);
    expect(sizeFor(3, 4, { mode: "to_odd_down" })).toEqual([3, 3]);
    expect(sizeFor(3, 4, { mode: "to_odd_up" })).toEqual([3, 5]);
  });

  test("like: as large as a second array, which gets no gradient", () => {
    const program: Program = (x, y) => BilinearResize2D(x, y, { mode: "like" });
    const like = irregular([4, 2, 2, 3]);
    expect(evaluate(program, data, like).shape).toEqual([2, 1, 2, 3]);
    expect(gradientsOf(program, [data, like])[1]).toEqual(like.data.map(() => 0));
  });

  test("the same size gives the same pixels, whatever they are", () => {
    const pixels = given([1, Infinity, -Infinity, 4], [1, 1, 2, 2]);
    const result = evaluate((x) => BilinearResize2D(x, { height: 2, width: 2 }), pixels);
    expect(result.data).toEqual(pixels.data);
  });

  test("wrong arguments are refused", () => {
    const resize = (options: object) => () => record((x) => BilinearResize2D(x, options), [data]);
    expectError(resize({ mode: "simple" }), AttributeError, "simple", "to_odd_up");
    expectError(resize({ mode: "like" }), ArgumentError, "without an array");
    expectError(resize({ scaleHeight: 2 }), AttributeError, "scaleWidth is missing");
    expectError(resize({ mode: "odd_scale" }), AttributeError, "scaleHeight is missing");
    expectError(resize({ scaleHeight: 2, scaleWidth: -1 }), AttributeError, "scaleWidth");
    expectError(resize({ height: 0 }), AttributeError, "height");
    expectError(resize({ heigth: 2 }), AttributeError, "heigth");
    expectError(
      () => record((x, y) => BilinearResize2D(x, y), [data, image]),
      ArgumentError,
      "without mode like",
    );
    expectError(
      () => record((x) => BilinearResize2D(x, { height: 2 }), [irregular([1, 1, 0, 2])]),
      ShapeError,
      "no pixels",
    );
  });
});
