import { dtypes, type Shape, sizeOf, type Value } from "@adjoint/graph";
import { positions } from "../domains.js";
import type { Call, Sketch } from "../sketch.js";
import { isFilled, type Maker, type Makers } from "./maker.js";

/** Positions along an axis of this length. */
function indices(sketch: Sketch, shape: Shape, length: number): Value {
  const dtype = sketch.dtype(sketch.indexDTypes);
  const known = sketch.pool.filter(
    ({ type }) => type.dtype === dtype && type.shape.join() === shape.join(),
  );
  const used = sketch.choices.chance(0.3) ? sketch.choices.pickAny(known) : undefined;
  return used ?? sketch.fresh({ dtype, shape }, positions(length, dtype));
}

const mode = ({ choices }: Sketch) => choices.pick(["clip", "wrap"]);

function replaced(shape: Shape, axis: number, ...lengths: readonly number[]): number[] {
  return [...shape.slice(0, axis), ...lengths, ...shape.slice(axis + 1)];
}

/** `adjoint`: from what `take` gives back to what it takes. */
const taking =
  (along: boolean, adjoint: boolean): Maker =>
  (sketch) => {
    const data = sketch.array({ ranks: [1, 3], accept: isFilled });
    const { dtype, shape } = data.type;
    const axis = sketch.axis(shape.length);
    const length = shape[axis] ?? 1;
    const picked = along ? replaced(shape, axis, sketch.length()) : sketch.shape(0, 2);
    const at = indices(sketch, picked, length);
    const attrs = { axis, mode: mode(sketch) };
    if (!adjoint) return { ins: [data, at], attrs };
    const head = sketch.like({ dtype, shape: along ? picked : replaced(shape, axis, ...picked) });
    return { ins: [head, at], attrs: { ...attrs, length } };
  };

/** `scatter`: values to positions, instead of from positions. */
const atPositions =
  (scatter: boolean): Maker =>
  (sketch): Call => {
    const data = sketch.array({ ranks: [1, 3], accept: isFilled });
    const { dtype, shape } = data.type;
    const depth = sketch.choices.between(1, shape.length);
    const places = sketch.shape(0, 2);
    const at = indices(sketch, [depth, ...places], Math.min(...shape));
    if (!scatter) return { ins: [data, at], attrs: {} };
    const values = sketch.like({ dtype, shape: [...places, ...shape.slice(depth)] });
    return { ins: [values, at], attrs: { shape } };
  };

/** Sequences along axis 0 or 1 and, perhaps, their lengths. */
const sequence =
  (attrsOf: (sketch: Sketch) => Call["attrs"], filled = false): Maker =>
  (sketch) => {
    const data = sketch.array({ ranks: [2, 3], ...(filled ? { accept: isFilled } : {}) });
    const axis = sketch.choices.between(0, 1);
    const [length = 0, batch = 0] = [data.type.shape[axis], data.type.shape[1 - axis]];
    const attrs = { axis, ...attrsOf(sketch) };
    if (sketch.choices.chance(0.3)) return { ins: [data], attrs };
    const dtype = sketch.dtype(sketch.indexDTypes);
    const from = positions(length, dtype, 0);
    const ends = sketch.fresh({ dtype, shape: [batch] }, (choices, shape) =>
      from(choices, shape).map((position) => Math.max(position, 0) + 1),
    );
    return { ins: [data, ends], attrs };
  };

/** Operators that pick and place by arrays of positions. */
export const indexMakers: Makers = {
  take: taking(false, false),
  takeAdjoint: taking(false, true),
  takeAlong: taking(true, false),
  takeAlongAdjoint: taking(true, true),
  gatherNd: atPositions(false),
  gatherNdAdjoint: atPositions(true),
  scatterNd: atPositions(true),
  oneHot: (sketch) => {
    const depth = sketch.choices.between(1, 3);
    const ins = [indices(sketch, sketch.shape(0, 2), depth)];
    const dtype = sketch.dtype(sketch.style === "smooth" ? ["float64"] : dtypes);
    const [onValue, offValue] = sketch.choices.pick([[1, 0] as const, [2, 1] as const]);
    return { ins, attrs: { depth, onValue, offValue, dtype } };
  },
  Embedding: (sketch) => {
    const weight = sketch.array({ ranks: [2, 2], accept: isFilled });
    const [inputDim = 1, outputDim = 1] = weight.type.shape;
    const at = indices(sketch, sketch.shape(0, 2), inputDim);
    return { ins: [at, weight], attrs: { inputDim, outputDim } };
  },
  SequenceMask: sequence(({ choices }) => ({ value: choices.pick([0, 1]) })),
  SequenceLast: sequence(() => ({}), true),
  SequenceReverse: sequence(() => ({})),
  unravelIndex: (sketch) => {
    const shape = [sketch.choices.between(1, 3), sketch.choices.between(1, 3)];
    return { ins: [indices(sketch, sketch.shape(0, 2), sizeOf(shape))], attrs: { shape } };
  },
  ravelMultiIndex: (sketch) => {
    const shape = [sketch.choices.between(1, 3), sketch.choices.between(1, 3)];
    const at = indices(sketch, [2, ...sketch.shape(0, 2)], Math.min(...shape));
    return { ins: [at], attrs: { shape } };
  },
};
