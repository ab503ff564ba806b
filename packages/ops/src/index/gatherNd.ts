import {
  equalShapes,
  formatShape,
  type Operand,
  type Shape,
  ShapeError,
  sizeOf,
  type TensorType,
  tensorType,
} from "@adjoint/graph";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";
import { readOptions } from "../core/options.js";
import { iota } from "../elementwise/arange.js";
import { equal } from "../elementwise/compare.js";
import { select } from "../elementwise/where.js";
import { reshape } from "../view/reshape.js";
import { checkShape } from "../view/shapeCodes.js";
import { checkNotEmpty } from "./take.js";

/** Shape of the values that indices (M, ...rest) name in data: rest + data.shape[M:]. */
function gatheredShape(op: string, data: Shape, indices: TensorType): Shape {
  const [depth, ...rest] = indices.shape;
  if (depth !== undefined && depth >= 1 && depth <= data.length) {
    for (let axis = 0; axis < depth; axis++) checkNotEmpty(op, data, axis, rest);
    return [...rest, ...data.slice(depth)];
  }
  throw new ShapeError({
    op,
    problem: "first axis of the indices does not count axes of the data",
    received: `${formatShape(indices.shape)} for ${formatShape(data)}`,
    allowed: `1 to ${data.length}`,
  });
}

/** The values scattered into `shape` lie as `gatherNd` would gather them. */
function scatteredType(op: string, ins: readonly TensorType[], shape: Shape): TensorType {
  const [values, indices] = [nth(op, ins, 0), nth(op, ins, 1)];
  const expected = gatheredShape(op, shape, indices);
  if (equalShapes(values.shape, expected)) return tensorType(values.dtype, shape);
  throw new ShapeError({
    op,
    problem: "values do not fit the indices",
    received: `${formatShape(values.shape)} for indices ${formatShape(indices.shape)}`,
    allowed: formatShape(expected),
  });
}

export const gatherNdOp = defineOp({
  name: "gatherNd",
  arity: 2,
  attrs: {},
  infer(ins) {
    const [data, indices] = [nth("gatherNd", ins, 0), nth("gatherNd", ins, 1)];
    return [tensorType(data.dtype, gatheredShape("gatherNd", data.shape, indices))];
  },
  vjp: {
    rule: ({ ins, heads }) => [
      gatherNdAdjoint(headOf(heads), nth("gatherNd", ins, 1), nth("gatherNd", ins, 0).type.shape),
      undefined,
    ],
  },
  kernel: () => ({ kind: "index", form: "gatherNd", axis: 0, mode: "clip" }),
  docs:
    "Elements or slices of the data at the positions in the columns of the indices (M, ...). " +
    "Out of range counts as the nearest. Adjoint: scatter-add.",
});

export const gatherNdAdjointOp = defineOp<{ shape: Shape }>({
  name: "gatherNdAdjoint",
  arity: 2,
  attrs: { shape: "ints" },
  infer: (ins, { shape }) => [scatteredType("gatherNdAdjoint", ins, shape)],
  vjp: {
    rule: ({ ins, heads }) => [gatherNd(headOf(heads), nth("gatherNdAdjoint", ins, 1)), undefined],
  },
  kernel: () => ({ kind: "index", form: "gatherNdAdjoint", axis: 0, mode: "clip" }),
  docs:
    "Adds the values at the positions that `gatherNd` took them from; repeated positions add " +
    "up.",
});

export const scatterNdOp = defineOp<{ shape: Shape }>({
  name: "scatterNd",
  arity: 2,
  attrs: { shape: "ints" },
  infer: (ins, { shape }) => [scatteredType("scatterNd", ins, shape)],
  vjp: {
    rule({ ins, heads, attrs }) {
      const indices = nth("scatterNd", ins, 1);
      const head = gatherNd(headOf(heads), indices);
      return [select(isLastWrite(indices, attrs.shape, head.type.shape), head, 0), undefined];
    },
  },
  kernel: () => ({ kind: "index", form: "scatterNd", axis: 0, mode: "clip" }),
  docs:
    "Zeros, but for the values at the positions in the columns of the indices (M, ...); the " +
    "last write wins, and alone gets a gradient.",
});

/**
 * 1 for the columns of `indices` that no later one repeats: each column writes its number, and
 * finds it again.
 */
function isLastWrite<T extends Operand<T>>(indices: T, target: Shape, values: Shape): T {
  const [depth = 0, ...columns] = indices.type.shape;
  const numbers = reshape(iota(indices, sizeOf(columns), { dtype: "int32" }), columns);
  const shape = target.slice(0, depth);
  const found = gatherNd(applyOne(scatterNdOp, [numbers, indices], { shape }), indices);
  const added = values.slice(columns.length).map(() => 1);
  return reshape(equal(found, numbers), [...columns, ...added]);
}

function gatherNdAdjoint<T extends Operand<T>>(head: T, indices: T, shape: Shape): T {
  return applyOne(gatherNdAdjointOp, [head, indices], { shape });
}

/**
 * Elements or slices of an array at listed positions.
 *
 * @param data any shape and dtype
 * @param indices shape (M, ...rest): each column names a position on the first M axes; any dtype,
 *   fractions are cut off
 * @returns shape rest + data.shape[M:]
 * @throws ShapeError if M is not a number of axes of the data
 * @derivative to the data the head gradient where it was taken from, added up where a position is
 *   repeated; none to the indices
 * @edges a position out of range counts as the nearest
 * @example
 * ```ts
 * nd.gatherNd(nd.array([[1, 2], [3, 4]]), nd.array([[0, 1], [1, 0]])); // [2. 3.]
 * ```
 */
export function gatherNd<T extends Operand<T>>(data: T, indices: T): T {
  return applyOne(gatherNdOp, [data, indices]);
}

/**
 * An array of zeros, but for values at listed positions.
 *
 * @param data shape rest + shape[M:], any dtype
 * @param indices shape (M, ...rest): each column names a position on the first M axes; any dtype,
 *   fractions are cut off
 * @param options.shape shape of the result
 * @returns the shape given, data's dtype
 * @throws ShapeError if the data do not fit the indices
 * @derivative to the data the head gradient at their positions, 0 to values that were overwritten;
 *   none to the indices
 * @edges where a position is repeated, the last value stays; one out of range counts as the nearest
 * @example
 * ```ts
 * nd.scatterNd(nd.array([5, 6]), nd.array([[0, 2]]), { shape: [4] }); // [5. 0. 6. 0.]
 * ```
 */
export function scatterNd<T extends Operand<T>>(
  data: T,
  indices: T,
  options: { shape: readonly number[] },
): T {
  const given = readOptions<{ shape: unknown }>("scatterNd", options, { shape: undefined });
  const shape = checkShape("scatterNd", given.shape, 0);
  return applyOne(scatterNdOp, [data, indices], { shape });
}
