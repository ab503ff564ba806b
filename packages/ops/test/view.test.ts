import { ArgumentError, AttributeError, BoundsError, ShapeError } from "@adjoint/graph";
import fc from "fast-check";
import { fronts } from "../src/index.js";
import { padWith, sliceAt } from "../src/view/slice.js";
import {
  counting,
  evaluate,
  expectDerivatives,
  expectError,
  given,
  gradientsOf,
  irregular,
  type Program,
} from "./support.js";

const { broadcastAxis, broadcastLike, broadcastTo, depthToSpace, diag, expandDims } = fronts;
const { flatten, flip, moveaxis, repeat, reshape, reshapeLike, slice, sliceAxis } = fronts;
const { sliceLike, spaceToDepth, split, splitV2, squeeze, swapaxes, tile, transpose } = fronts;

describe("reshape codes", () => {
  test.each([
    [[6], [2, 3], [2, 3]],
    [
      [2, 3, 4],
      [6, -1],
      [6, 4],
    ],
    [
      [2, 3, 4],
      [0, -1],
      [2, 12],
    ],
    [
      [2, 3, 4],
      [4, 0, 2],
      [4, 3, 2],
    ],
    [[2, 3, 4], [-2], [2, 3, 4]],
    [
      [2, 3, 4],
      [-2, 1, 1],
      [2, 3, 4, 1, 1],
    ],
    [
      [2, 3, 4],
      [-3, 4],
      [6, 4],
    ],
    [
      [2, 3, 4, 5],
      [-3, -3],
      [6, 20],
    ],
    [
      [2, 3, 4],
      [-4, 1, 2, -2],
      [1, 2, 3, 4],
    ],
    [
      [2, 3, 4],
      [2, -4, -1, 3, -2],
      [2, 1, 3, 4],
    ],
    [
      [0, 3],
      [0, -1],
      [0, 0],
    ],
  ])("%j as %j is %j", (from, shape, to) => {
    expect(evaluate((v) => reshape(v, { shape }), counting(from))).toEqual(counting(to));
    expect(evaluate((v) => reshape(v, shape), counting(from))).toEqual(counting(to));
  });

  test("reverse reads axes and codes from the back", () => {
    const x = counting([10, 5, 4]);
    expect(evaluate((v) => reshape(v, { shape: [-1, 0], reverse: true }), x).shape).toEqual([
      50, 4,
    ]);
    expect(evaluate((v) => reshape(v, { shape: [-1, 0] }), x).shape).toEqual([40, 5]);
    const splits = { shape: [0, -4, -1, 2], reverse: true };
    expect(evaluate((v) => reshape(v, splits), counting([3, 4])).shape).toEqual([3, 2, 2]);
  });

  test("reshapeLike replaces all axes, or a range of them", () => {
    const [x, like] = [counting([30, 7]), counting([15, 2, 4])];
    const range = { lhsEnd: 1, rhsEnd: 2 };
    expect(evaluate((v, w) => reshapeLike(v, w, range), x, like).shape).toEqual([15, 2, 7]);
    expect(evaluate((v, w) => reshapeLike(v, w), counting([6]), counting([2, 3])).shape).toEqual([
      2, 3,
    ]);
  });
});

describe("values", () => {
  const x = counting([2, 3]);
  test.each<[string, Program, readonly number[], readonly number[]]>([
    ["flatten", (v) => flatten(expandDims(v, { axis: 1 })), [2, 3], [1, 2, 3, 4, 5, 6]],
    ["expandDims at the end", (v) => expandDims(v, { axis: -1 }), [2, 3, 1], [1, 2, 3, 4, 5, 6]],
    ["squeeze", (v) => squeeze(reshape(v, [1, 6, 1])), [6], [1, 2, 3, 4, 5, 6]],
    [
      "squeeze of one axis",
      (v) => squeeze(reshape(v, [1, 6, 1]), { axis: -1 }),
      [1, 6],
      [1, 2, 3, 4, 5, 6],
    ],
    ["transpose", (v) => transpose(v), [3, 2], [1, 4, 2, 5, 3, 6]],
    ["swapaxes", (v) => swapaxes(v, { dim1: 0, dim2: -1 }), [3, 2], [1, 4, 2, 5, 3, 6]],
    ["moveaxis", (v) => moveaxis(v, { source: 0, destination: 1 }), [3, 2], [1, 4, 2, 5, 3, 6]],
    ["flip", (v) => flip(v, { axis: 1 }), [2, 3], [3, 2, 1, 6, 5, 4]],
    ["flip of all axes", (v) => flip(v, { axis: [0, 1] }), [2, 3], [6, 5, 4, 3, 2, 1]],
    ["slice", (v) => slice(v, { begin: [null, 1], end: [null, null] }), [2, 2], [2, 3, 5, 6]],
    ["sliceAxis", (v) => sliceAxis(v, { axis: 1, begin: -2, end: -1 }), [2, 1], [2, 5]],
    [
      "repeat",
      (v) => repeat(v, { repeats: 2, axis: 0 }),
      [4, 3],
      [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6],
    ],
    [
      "tile",
      (v) => tile(sliceAxis(v, { axis: 0, begin: 1 }), { reps: 2 }),
      [1, 6],
      [4, 5, 6, 4, 5, 6],
    ],
    [
      "tile with new axes",
      (v) => tile(v, { reps: [2, 1, 1] }),
      [2, 2, 3],
      [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6],
    ],
    ["diag of a matrix", (v) => diag(v, { k: 1 }), [2], [2, 6]],
    ["diag below", (v) => diag(v, { k: -1 }), [1], [4]],
    ["diag outside", (v) => diag(v, { k: 5 }), [0], []],
    ["diag of a vector", (v) => diag(diag(v), { k: -1 }), [3, 3], [0, 0, 0, 1, 0, 0, 0, 5, 0]],
    ["split", (v) => split(v, { numOutputs: 3, squeezeAxis: true })[1] ?? v, [2], [2, 5]],
    [
      "splitV2",
      (v) => splitV2(v, { indicesOrSections: [1], axis: 1 })[1] ?? v,
      [2, 2],
      [2, 3, 5, 6],
    ],
  ])("%s", (_, program, shape, data) => {
    expect(evaluate(program, x)).toEqual(given(data, shape));
  });

  test("a full squeeze leaves one axis", () => {
    expect(evaluate((v) => squeeze(v), counting([1, 1]))).toEqual(given([1]));
  });

  test("moveaxis moves several axes at once", () => {
    const moved = evaluate(
      (v) => moveaxis(v, { source: [0, 1], destination: [-1, 0] }),
      counting([2, 3, 4]),
    );
    expect(moved.shape).toEqual([3, 4, 2]);
  });

  test("broadcasting stretches axes of length 1 only", () => {
    const column = counting([2, 1]);
    const wide = given([1, 1, 1, 2, 2, 2], [2, 3]);
    expect(evaluate((v) => broadcastTo(v, { shape: [0, 3] }), column)).toEqual(wide);
    expect(evaluate((v) => broadcastAxis(v, { axis: 1, size: 3 }), column)).toEqual(wide);
    const axes = { lhsAxes: [1], rhsAxes: [0] };
    expect(evaluate((v, w) => broadcastLike(v, w, axes), column, counting([3, 9]))).toEqual(wide);
    expect(() => evaluate((v) => broadcastTo(v, [3, 1]), column)).toThrow(ShapeError);
    expect(() => evaluate((v) => broadcastTo(v, [0, 2, 1]), column)).toThrow("no axis to keep");
    expect(() => evaluate((v) => broadcastAxis(v, { axis: 0, size: 4 }), column)).toThrow(
      ShapeError,
    );
  });

  test("sliceLike cuts the axes named to the other array's lengths", () => {
    const [x, like] = [counting([4, 5]), counting([2, 9])];
    expect(evaluate((v, w) => sliceLike(v, w, { axes: [0] }), x, like).shape).toEqual([2, 5]);
    expect(() => evaluate((v, w) => sliceLike(v, w), x, like)).toThrow(BoundsError);
  });

  test("spaceToDepth undoes depthToSpace", () => {
    const x = counting([2, 8, 2, 3]);
    const options = { blockSize: 2 };
    expect(evaluate((v) => depthToSpace(v, options), x).shape).toEqual([2, 2, 4, 6]);
    expect(evaluate((v) => spaceToDepth(depthToSpace(v, options), options), x)).toEqual(x);
    expect(() => evaluate((v) => depthToSpace(v, { blockSize: 3 }), x)).toThrow(ShapeError);
  });
});

const position = fc.option(fc.integer({ min: -8, max: 8 }));

/** What `begin:end:step` takes from 0 .. length - 1, one element after the other. */
function walk(length: number, begin: number | null, end: number | null, step: number): number[] {
  const inside = (at: number) => (at < 0 ? at + length : at);
  const taken: number[] = [];
  const last = end === null ? (step > 0 ? length : -1) : inside(end);
  const start = begin === null ? (step > 0 ? 0 : length - 1) : inside(begin);
  const first = step > 0 ? Math.max(start, 0) : Math.min(start, length - 1);
  for (let at = first; step > 0 ? at < last : at > last; at += step) {
    if (at >= 0 && at < length) taken.push(at + 1);
  }
  return taken;
}

describe("slice and pad", () => {
  test("slice takes what Python's slices take", () => {
    fc.assert(
      fc.property(fc.nat(6), position, position, fc.integer({ min: -3, max: 3 }), (n, b, e, s) => {
        fc.pre(s !== 0);
        const options = { begin: [b], end: [e], step: [s] };
        const taken = evaluate((v) => slice(v, options), counting([n]));
        expect(taken.data).toEqual(walk(n, b, e, s));
      }),
    );
  });

  test("the gradient of a slice puts each head gradient where its element came from", () => {
    fc.assert(
      fc.property(fc.nat(6), position, position, fc.integer({ min: -3, max: 3 }), (n, b, e, s) => {
        fc.pre(s !== 0 && n > 0);
        const program: Program = (v) => slice(v, { begin: [b], end: [e], step: [s] });
        const taken = walk(n, b, e, s);
        const expected = counting([n]).data.map((number) => (taken.includes(number) ? 1 : 0));
        expect(gradientsOf(program, [counting([n])])[0]).toEqual(expected);
      }),
    );
  });

  test("pad puts cells between and around the elements, and negative borders cut", () => {
    const x = counting([3]);
    const padding = { low: [1], high: [-1], interior: [1], value: 9 };
    expect(evaluate((v) => padWith(v, padding), x)).toEqual(given([9, 1, 9, 2, 9]));
    expect(evaluate((v) => padWith(v, { low: [-4], high: [3] }), x)).toEqual(given([0, 0]));
  });

  test("a block of a matrix backwards", () => {
    const x = counting([3, 4]);
    expect(evaluate((v) => sliceAt(v, [2, 3], [2, 2], [-2, -1]), x)).toEqual(
      given([12, 11, 4, 3], [2, 2]),
    );
  });
});

describe("derivatives agree with difference quotients, to second order", () => {
  test.each<[string, Program]>([
    ["slice", (v) => slice(v, { begin: [2, 3], end: [null, 0], step: [-2, -1] })],
    ["slice of nothing", (v) => slice(v, { begin: [2], end: [1] })],
    ["pad", (v) => padWith(v, { low: [1, -2], high: [-1, 2], interior: [2, 1] })],
    ["flip", (v) => flip(v, { axis: 0 })],
    ["transpose", (v) => transpose(v)],
    ["tile", (v) => tile(v, { reps: [2, 2] })],
    ["repeat", (v) => repeat(v, { repeats: 2 })],
    ["diag", (v) => diag(v, { k: -1 })],
    ["diag of a vector", (v) => diag(reshape(v, [12]), { k: 1 })],
  ])("%s", (_, program) => {
    const cubed: Program = (v) =>
      fronts.multiply(program(v), fronts.multiply(program(v), program(v)));
    expectDerivatives(cubed, [irregular([3, 4])]);
  });
});

describe("errors", () => {
  test.each<[string, Program, typeof AttributeError, string]>([
    [
      "another number of elements",
      (v) => reshape(v, [4]),
      ShapeError,
      "number of elements changes",
    ],
    ["two lengths to infer", (v) => reshape(v, [-1, -1]), ShapeError, "more than one -1"],
    ["a length that does not fit", (v) => reshape(v, [4, -1]), ShapeError, "divisors of 6"],
    ["an unknown code", (v) => reshape(v, [-5]), ShapeError, "unknown code"],
    ["no shape", (v) => reshape(v, Object({})), AttributeError, "shape is not a list"],
    ["no axis", (v) => expandDims(v, Object({})), AttributeError, "axis is not valid"],
    ["an axis of another length", (v) => squeeze(v, { axis: 0 }), ShapeError, "not of length 1"],
    ["an axis out of range", (v) => flip(v, { axis: 2 }), BoundsError, "axis is out of range"],
    ["step 0", (v) => slice(v, { begin: [0], end: [1], step: [0] }), AttributeError, "step is 0"],
    [
      "too many positions",
      (v) => slice(v, { begin: [0, 0, 0], end: [] }),
      BoundsError,
      "at most 2",
    ],
    ["an uneven split", (v) => split(v, { numOutputs: 2 })[0] ?? v, ShapeError, "3 into 2"],
    ["no permutation", (v) => transpose(v, { axes: [0, 0] }), AttributeError, "not a permutation"],
    ["an unknown option", (v) => transpose(v, Object({ axis: [0] })), AttributeError, "axes"],
    ["one axis twice", (v) => diag(v, { axis2: 0 }), AttributeError, "same axis"],
    ["a fraction", (v) => repeat(v, { repeats: 1.5 }), AttributeError, "repeats is not valid"],
    ["no array", () => flatten(Object(3)), ArgumentError, "flatten: argument 1 is not an array"],
  ])("%s is refused", (_, program, error, message) => {
    expectError(() => evaluate(program, counting([2, 3])), error, message);
  });
});
