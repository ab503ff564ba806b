import {
  ArgumentError,
  AttributeError,
  BoundsError,
  DTypeError,
  ShapeError,
  type Value,
} from "@adjoint/graph";
import { fronts } from "../src/index.js";
import {
  evaluate,
  evaluateAll,
  expectDerivatives,
  expectError,
  float32,
  given,
  gradientsOf,
  irregular,
  near,
  type Program,
} from "./support.js";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

describe("fillElement0index", () => {
  const matrix = irregular([3, 2], 1);
  const news = given([7, 8, 9]);

  test("replaces one element of each row, and splits the gradient alike", () => {
    const columns = given([1.9, 0, 1], [3], "float32");
    const ins = [matrix, news, columns] as const;
    const [a, , , d, e] = matrix.data;
    expect(evaluate(fronts.fillElement0index, ...ins).data).toEqual([a, 7, 8, d, e, 9]);
    const head = [1, 2, 3, 4, 5, 6];
    const [toMatrix, toNews] = gradientsOf(fronts.fillElement0index, ins, [head]);
    expect([toMatrix, toNews]).toEqual([
      [1, 0, 0, 4, 5, 0],
      [2, 3, 6],
    ]);
    expectDerivatives(fronts.fillElement0index, ins, { constant: [2] });
  });

  test("leaves rows alone whose column is out of range", () => {
    const outside = given([-1, 2, 1], [3], "int32");
    const result = evaluate(fronts.fillElement0index, matrix, news, outside).data;
    expect(result).toEqual([...matrix.data.slice(0, 5), 9]);
  });

  test("refuses shapes and dtypes that do not fit", () => {
    const act = (...ins: Parameters<typeof evaluate> extends [unknown, ...infer R] ? R : never) =>
      evaluate(fronts.fillElement0index, ...ins);
    expectError(() => act(irregular([3]), news, news), ShapeError, "(rows, columns)");
    expectError(() => act(matrix, given([1, 2]), news), ShapeError, "(2,)");
    expectError(() => act(matrix, float32([1, 2, 3]), news), DTypeError);
  });
});

describe("casts of mixed precision", () => {
  const half = given([1.5], [1], "float16");
  const whole = given([3], [1], "int32");

  test("ampCast converts floats and leaves integers", () => {
    const cast =
      (dtype: "float16" | "float64"): Program =>
      (x) =>
        fronts.ampCast(x, { dtype });
    expect(evaluate(cast("float16"), float32([1.5])).dtype).toBe("float16");
    expect(evaluate(cast("float64"), half).dtype).toBe("float64");
    expect(evaluate(cast("float16"), whole)).toEqual(whole);
    expect(gradientsOf(cast("float16"), [float32([1.5])], [[2]])).toEqual([[2]]);
  });

  test("ampMulticast goes by the widest float, or the narrowest", () => {
    const ins = [half, float32([2]), whole] as const;
    const dtypes = (castNarrow: boolean) =>
      evaluateAll((...xs) => fronts.ampMulticast(...xs, { castNarrow }), ...ins).map(
        ({ dtype }) => dtype,
      );
    expect(dtypes(false)).toEqual(["float32", "float32", "int32"]);
    expect(dtypes(true)).toEqual(["float16", "float16", "int32"]);
    expect(evaluateAll((x) => fronts.ampMulticast(x), whole)).toEqual([whole]);
  });

  test("refuse integers as a target, unknown options and no arrays", () => {
    const toIntegers: Program = (x) => fronts.ampCast(x, { dtype: "int32" });
    expectError(() => evaluate(toIntegers, half), AttributeError, "float16, float32, float64");
    expectError(() => fronts.ampMulticast<Value>(), ArgumentError, "no arrays given");
  });
});

describe("castStorage", () => {
  test("to dense gives the same elements and gradients", () => {
    const program: Program = (x) => fronts.castStorage(x, { stype: "default" });
    expect(evaluate(program, given([1, 2])).data).toEqual([1, 2]);
    expect(gradientsOf(program, [given([1, 2])], [[3, 4]])).toEqual([[3, 4]]);
  });

  test.each(["csr", "row_sparse", undefined])("refuses %s", (stype) => {
    const act = () =>
      evaluate((x) => Reflect.apply(fronts.castStorage, undefined, [x, { stype }]), given([1]));
    expectError(act, AttributeError, "there are no sparse arrays", "allowed: default");
  });
});

describe("several arrays at once", () => {
  const [a, b, empty] = [irregular([2, 3], 1), irregular([4], 2), given([])];

  test("multiSumSq adds the squares of each", () => {
    const square = (x: readonly number[]) => x.reduce((sum, value) => sum + value ** 2, 0);
    const sums = evaluate((...xs) => fronts.multiSumSq(...xs), a, b, empty);
    expect(sums).toEqual(float32([near(square(a.data), 5), near(square(b.data), 5), 0]));
    const [toA, toB] = gradientsOf((x, y) => fronts.multiSumSq(x, y), [a, b], [[1, 2]]);
    expect(toA).toEqual(a.data.map((value) => near(2 * value, 6)));
    expect(toB).toEqual(b.data.map((value) => near(4 * value, 6)));
  });

  test("multiAllFinite finds a NaN or an infinity in any of them", () => {
    const check = (...data: number[]) =>
      evaluate((...xs) => fronts.multiAllFinite(...xs), a, given(data), given([1], [1], "int32"));
    expect([check(1), check(nan), check(1, infinity), check()]).toEqual(
      [1, 0, 0, 1].map((value) => float32([value])),
    );
  });

  test("refuse options and nothing", () => {
    expectError(() => fronts.multiSumSq<Value>(), ArgumentError);
    const act = () =>
      evaluate((x) => Reflect.apply(fronts.multiAllFinite, undefined, [x, { numArrays: 2 }]), a);
    expectError(act, AttributeError, "numArrays is not the number of arrays");
  });
});

describe("concatenate", () => {
  test("joins a list along the first axis, or another", () => {
    const [a, b] = [given([1, 2], [1, 2]), given([3, 4], [1, 2])];
    expect(evaluate((x, y) => fronts.concatenate([x, y]), a, b)).toEqual(
      given([1, 2, 3, 4], [2, 2]),
    );
    expect(evaluate((x, y) => fronts.concatenate([x, y], { axis: -1 }), a, b).shape).toEqual([
      1, 4,
    ]);
    expectDerivatives((x, y) => fronts.concatenate([x, y]), [a, b]);
  });

  test("refuses no list, an empty one, and an axis out of range", () => {
    const a = given([1, 2]);
    const single: Program = (x) => Reflect.apply(fronts.concatenate, undefined, [x]);
    expectError(() => evaluate(single, a), ArgumentError, "first argument is not a list");
    expectError(() => fronts.concatenate<Value>([]), ArgumentError, "no arrays given");
    const beyond: Program = (x) => fronts.concatenate([x], { axis: 1 });
    expectError(() => evaluate(beyond, a), BoundsError);
  });
});

test.each(["int32", "int64", "int8", "uint8"] as const)(
  "hypot and arctan2 of %s are computed in double precision and truncated",
  (dtype) => {
    const [a, b] = [given([3, 5, 1, 0], [4], dtype), given([4, 12, 1, 0], [4], dtype)];
    expect(evaluate(fronts.hypot, a, b)).toEqual(given([5, 13, 1, 0], [4], dtype));
    const angles = a.data.map((y, at) => Math.trunc(Math.atan2(y, b.data[at] ?? 0)));
    expect(evaluate(fronts.arctan2, a, b)).toEqual(given(angles, [4], dtype));
  },
);
