import type { Attrs, Value } from "@adjoint/graph";
import { fronts } from "../../src/index.js";
import { type Given, given, irregular } from "../support.js";
import { type Example, type Examples, withEach } from "./example.js";

const cube = [irregular([2, 3, 2])];
const reductions = [
  { axes: [0, 2], keepdims: false },
  { axes: [1], keepdims: true },
  { axes: [0, 1, 2], keepdims: false },
  { axes: [], keepdims: false },
];
const reduced = withEach(cube, ...reductions);

function matrices(shape: readonly number[], seed = 1): Given {
  const { data } = irregular(shape, seed);
  const side = shape.at(-1) ?? 1;
  const shift = (at: number) => ((at % (side * side)) % (side + 1) === 0 ? 4 : 0);
  return given(
    data.map((value, at) => value + shift(at)),
    shape,
  );
}

/** x xᵀ + I: symmetric positive definite for any x. */
function definite(x?: Value): readonly Value[] {
  if (x === undefined) throw new Error("definite: no argument");
  const { linalg } = fronts;
  const ones = fronts.onesLike(linalg.extractdiag(x));
  return [fronts.add(linalg.syrk(x), linalg.makediag(ones))];
}

const flags = [false, true].flatMap((transposeA) =>
  [false, true].map((transposeB) => ({ transposeA, transposeB })),
);
const dots = flags.map((attrs) => ({
  ins: [
    irregular(attrs.transposeA ? [3, 2] : [2, 3], 1),
    irregular(attrs.transposeB ? [2, 3] : [3, 2], 2),
  ],
  attrs,
}));
const batchDots = flags.map((attrs) => ({
  ins: [
    irregular(attrs.transposeA ? [2, 2, 1] : [2, 1, 2], 1),
    irregular(attrs.transposeB ? [2, 3, 2] : [2, 2, 3], 2),
  ],
  attrs,
}));

const triangles = [false, true].flatMap((lower) =>
  [false, true].flatMap((transpose) =>
    [false, true].map((rightSide) => ({
      ins: [matrices([2, 2, 2]), irregular(rightSide ? [2, 1, 2] : [2, 2, 1], 2)],
      attrs: { lower, transpose, rightSide },
    })),
  ),
);

const strided = { stride: [2], dilate: [2], padLow: [1], padHigh: [2], groups: 1 };
const grouped = { stride: [1], dilate: [1], padLow: [0], padHigh: [0], groups: 2 };
const plane = { stride: [1, 2], dilate: [2, 1], padLow: [1, 0], padHigh: [0, 2], groups: 1 };
const convolutions: readonly { shapes: readonly (readonly number[])[]; attrs: Attrs }[] = [
  {
    shapes: [
      [1, 2, 5],
      [2, 2, 2],
      [1, 2, 3],
    ],
    attrs: strided,
  },
  {
    shapes: [
      [2, 4, 3],
      [2, 2, 2],
      [2, 2, 2],
    ],
    attrs: grouped,
  },
  {
    shapes: [
      [1, 1, 3, 2],
      [2, 1, 2, 2],
      [1, 2, 2, 2],
    ],
    attrs: plane,
  },
];

/** Examples of a convolution with two of data, weight and result as arguments. */
function convolved(first: 0 | 2, second: 1 | 2, left?: "spatial" | "kernel"): readonly Example[] {
  return convolutions.map(({ shapes, attrs }) => {
    const [data = [], weight = []] = shapes;
    const lengths = (left === "spatial" ? data : weight).slice(2);
    return {
      ins: [irregular(shapes[first] ?? [], 1), irregular(shapes[second] ?? [], 2)],
      attrs: left === undefined ? attrs : { ...attrs, [left]: lengths },
    };
  });
}

const pool = { kernel: [2, 3], stride: [1, 2], padLow: [1, 0], padHigh: [0, 1] };
const indices = given([2, 0, 2], [3], "int32");
const places = given([0, 2, 2, 1, 1, 0], [2, 3], "int32");
const positions = given([3, 1, 0], [1, 3], "int32");

/** The operators that reduce, move, pick, order, multiply and solve. */
export const arrayExamples: Examples = {
  sum: reduced,
  mean: reduced,
  prod: [
    ...reduced,
    { ins: [given([0, 2, 0, 3])], attrs: { axes: [0], keepdims: false }, order: 3 },
  ],
  max: reduced,
  min: reduced,
  nansum: reduced,
  nanprod: reduced,
  norm: [1, 2].flatMap((ord) => withEach(cube, ...reductions.map((one) => ({ ...one, ord })))),
  moments: reduced,
  broadcastTo: [
    { ins: [irregular([2, 1])], attrs: { shape: [3, 2, 4] } },
    { ins: [irregular([])], attrs: { shape: [2] } },
  ],
  barrier: withEach(cube, {}),
  reshape: withEach(cube, { shape: [3, 4] }, { shape: [12] }, { shape: [1, 2, 3, 1, 2] }),
  transpose: withEach(cube, { axes: [2, 0, 1] }, { axes: [0, 2, 1] }),
  slice: [
    { ins: [irregular([3, 4])], attrs: { starts: [2, 0], sizes: [2, 2], steps: [-2, 3] } },
    { ins: [irregular([3])], attrs: { starts: [1], sizes: [1], steps: [5] } },
  ],
  pad: [
    {
      ins: [irregular([3, 4])],
      attrs: { low: [1, -2], high: [-1, 2], interior: [2, 1], value: 0.5 },
    },
    { ins: [irregular([1])], attrs: { low: [2], high: [0], interior: [3], value: 0 } },
  ],
  concat: [
    { ins: [irregular([2, 1]), irregular([2, 3], 2)], attrs: { axis: 1 } },
    { ins: [irregular([3])], attrs: { axis: 0 } },
  ],
  take: [
    ...withEach([irregular([2, 3]), indices], { axis: 1, mode: "clip" }),
    ...withEach([irregular([2]), given([-1, 5, 0, 1], [2, 2], "int32")], { axis: 0, mode: "wrap" }),
  ],
  takeAdjoint: withEach([irregular([2, 3]), indices], { axis: 1, mode: "clip", length: 4 }),
  takeAlong: withEach([irregular([2, 3]), places], { axis: 1, mode: "clip" }),
  takeAlongAdjoint: withEach([irregular([2, 3]), places], { axis: 1, mode: "wrap", length: 3 }),
  gatherNd: [{ ins: [irregular([3, 3]), places] }, { ins: [irregular([4, 2]), positions] }],
  gatherNdAdjoint: withEach([irregular([3, 2]), positions], { shape: [4, 2] }),
  scatterNd: [
    ...withEach([irregular([3, 2]), positions], { shape: [4, 2] }),
    ...withEach([irregular([3]), given([1, 2, 1], [1, 3], "int32")], { shape: [4] }),
  ],
  sort: withEach([irregular([3, 3])], { axis: 0, ascending: true }, { axis: 1, ascending: false }),
  cumsum: withEach([irregular([2, 3])], { axis: 1, reverse: false }, { axis: 0, reverse: true }),
  cumprod: withEach(
    [given([0.5, 0, -1.2, 2, 0.7, 0], [2, 3])],
    { axis: 1, reverse: false },
    { axis: 0, reverse: true },
  ),
  dot: dots,
  batchDot: batchDots,
  conv: convolved(0, 1),
  convData: convolved(2, 1, "spatial"),
  convWeight: convolved(0, 2, "kernel"),
  poolSum: withEach([irregular([1, 2, 3, 4])], pool),
  poolSumAdjoint: withEach([irregular([1, 2, 3, 2])], { ...pool, spatial: [3, 4] }),
  poolMax: withEach([irregular([1, 2, 3, 4])], pool),
  potrf: [
    { ins: [irregular([2, 2], 3)], prepare: definite },
    { ins: [irregular([2, 2, 2], 4)], prepare: definite },
  ],
  trsm: triangles,
  inverse: [{ ins: [matrices([2, 2, 2])] }, { ins: [matrices([1, 1])] }],
  slogdet: [{ ins: [matrices([2, 2, 2])] }, { ins: [matrices([3, 3])] }],
  gelqf: [{ ins: [matrices([2, 2, 2])] }, { ins: [irregular([2, 3], 2)] }],
  syevd: [
    { ins: [irregular([3, 3], 3)], prepare: definite },
    { ins: [irregular([2, 2, 2], 4)], prepare: definite },
  ],
  det: [{ ins: [matrices([2, 2, 2])] }, { ins: [irregular([3, 3], 3)] }],
};
