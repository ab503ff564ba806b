import type { Shape, Value } from "@adjoint/graph";
import { add, fronts, mul } from "@adjoint/ops";
import { definite } from "../domains.js";
import type { Sketch } from "../sketch.js";
import { each, type Maker, type Makers } from "./maker.js";

const product =
  (batched: boolean): Maker =>
  (sketch) => {
    const { choices } = sketch;
    const rank = batched ? 3 : 2;
    const a = sketch.array({ ranks: [rank, rank], domain: "moderate" });
    const { dtype, shape } = a.type;
    const [transposeA, transposeB] = [choices.chance(0.4), choices.chance(0.4)];
    const inner = shape.at(transposeA ? -2 : -1) ?? 1;
    const right = transposeB ? [sketch.length(), inner] : [inner, sketch.length()];
    const b = sketch.like({ dtype, shape: [...shape.slice(0, -2), ...right] }, "moderate");
    return { ins: [a, b], attrs: { transposeA, transposeB } };
  };

function side(shape: Shape): number {
  return shape.at(-1) ?? 0;
}

/** Symmetric positive definite matrices: new ones, or x xᵀ plus multiples of the identity. */
function definiteMatrices(sketch: Sketch): Value {
  const { choices, style } = sketch;
  const accept = (shape: Shape) => shape.at(-1) === shape.at(-2);
  const dtypes = sketch.reals;
  if (style === "wild" && choices.chance(0.3))
    return sketch.array({ dtypes, ranks: [2, 3], accept });
  if (choices.chance(0.5)) {
    const count = choices.between(0, 3);
    const shape = [...sketch.shape(0, 1), count, count];
    return sketch.fresh({ dtype: sketch.dtype(dtypes), shape }, definite);
  }
  const x = sketch.array({ dtypes, ranks: [2, 3], accept, domain: "unit" });
  const ones = fronts.onesLike(fronts.linalg.extractdiag(x));
  return add(fronts.linalg.syrk(x), mul(fronts.linalg.makediag(ones), 2));
}

/** Matrices whose rows are far from depending on each other; at least as many columns. */
function fullRank(sketch: Sketch): Value {
  const a = definiteMatrices(sketch);
  if (sketch.choices.chance(0.5)) return a;
  const { dtype, shape } = a.type;
  const more = sketch.like({ dtype, shape: [...shape.slice(0, -1), sketch.length()] });
  return fronts.concat(a, more, { dim: shape.length - 1 });
}

/** Half the sum with the transpose: what reads one triangle only, depends on the other one too. */
function symmetric(x: Value): Value {
  const axes = x.type.shape.map((_, axis) => axis);
  const [row = 0, column = 1] = axes.splice(-2);
  return mul(add(x, fronts.transpose(x, { axes: [...axes, column, row] })), 0.5);
}

const onSymmetric: Maker = (sketch) => {
  const x = definiteMatrices(sketch);
  return { ins: [sketch.style === "smooth" ? symmetric(x) : x], attrs: {} };
};

const onDefinite: Maker = (sketch) => ({ ins: [definiteMatrices(sketch)], attrs: {} });

/** Operators of linear algebra. */
export const productMakers: Makers = {
  dot: product(false),
  batchDot: product(true),
  ...each(onSymmetric, "potrf", "syevd"),
  ...each(onDefinite, "inverse", "slogdet", "det"),
  gelqf: (sketch) => {
    if (sketch.style === "smooth") return { ins: [fullRank(sketch)], attrs: {} };
    const accept = (shape: Shape) => (shape.at(-2) ?? 0) <= (shape.at(-1) ?? 0);
    return { ins: [sketch.array({ dtypes: sketch.reals, ranks: [2, 3], accept })], attrs: {} };
  },
  trsm: (sketch) => {
    const { choices } = sketch;
    const a = definiteMatrices(sketch);
    const { dtype, shape } = a.type;
    const rightSide = choices.chance(0.5);
    const matrix = rightSide ? [sketch.length(), side(shape)] : [side(shape), sketch.length()];
    const b = sketch.like({ dtype, shape: [...shape.slice(0, -2), ...matrix] });
    const attrs = { lower: choices.chance(0.5), transpose: choices.chance(0.5), rightSide };
    return { ins: [a, b], attrs };
  },
};
