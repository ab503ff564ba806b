import { formatShape, type Operand, type Shape, ShapeError, tensorType } from "@adjoint/graph";
import { applyOne, defineOp, nth } from "../core/define.js";
import { checkChoice, readOptions } from "../core/options.js";
import { iota } from "../elementwise/arange.js";
import { add, div, mul, sub } from "../elementwise/arithmetic.js";
import { fill } from "../elementwise/full.js";
import { checkFloat, checkGiven } from "../nn/layerArguments.js";
import { concatAlong } from "../pack/concat.js";
import { reshape } from "../view/reshape.js";
import { shapeOf } from "../view/shapeOf.js";
import { sliceAlong } from "../view/slice.js";
import { heightAndWidth, imageShape } from "./imageArguments.js";

export const transformTypes = ["affine", "warp"] as const;
export type TransformType = (typeof transformTypes)[number];

export interface GridGeneratorOptions {
  /** What the data is: matrices of maps between coordinates, or a shift of each pixel. */
  transformType: TransformType;
  /** affine: height and width of the grid. */
  targetShape: readonly number[];
}

/** Refuses anything but one 2 x 3 matrix, flattened, per image. */
export function checkMatrices(op: string, name: string, shape: Shape): number {
  const [batch, entries, ...rest] = shape;
  if (batch !== undefined && entries === 6 && rest.length === 0) return batch;
  throw new ShapeError({
    op,
    problem: `${name} is not one 2 x 3 matrix per image`,
    received: formatShape(shape),
    allowed: "(batch, 6)",
  });
}

/** Evenly from -1 to 1; a single point lies in the middle. */
function coordinates<T extends Operand<T>>(like: T, length: number): T {
  return length === 1
    ? fill(like, [1], 0)
    : iota(like, length, { start: -1, step: 2 / (length - 1) });
}

export const affineGridOp = defineOp<{ height: number; width: number }>({
  name: "affineGrid",
  arity: 1,
  attrs: { height: "int", width: "int" },
  infer(ins, { height, width }) {
    const x = nth("GridGenerator", ins, 0);
    checkFloat("GridGenerator", x);
    const batch = checkMatrices("GridGenerator", "data", x.shape);
    return [tensorType(x.dtype, [batch, 2, height, width])];
  },
  compose(ins, { height, width }) {
    const x = nth("GridGenerator", ins, 0);
    const batch = nth("GridGenerator", x.type.shape, 0);
    const matrices = reshape(x, [batch, 2, 3]);
    const column = (at: number) => reshape(sliceAlong(matrices, 2, at, 1), [batch, 2, 1, 1]);
    const across = mul(column(0), coordinates(x, width));
    const down = mul(column(1), reshape(coordinates(x, height), [height, 1]));
    return [add(add(across, down), column(2))];
  },
  docs:
    "`(x', y') = A (x, y, 1)` for each point of a grid over [-1, 1] x [-1, 1]; matrices (batch, " +
    "6) to (batch, 2, height, width).",
});

/** Pixels as coordinates from -1 to 1; along an axis of one pixel, a pixel is one unit. */
function normalized<T extends Operand<T>>(pixels: T, length: number): T {
  return length === 1 ? pixels : sub(div(pixels, (length - 1) / 2), 1);
}

export const warpGridOp = defineOp({
  name: "warpGrid",
  arity: 1,
  attrs: {},
  infer(ins) {
    const flow = nth("GridGenerator", ins, 0);
    checkFloat("GridGenerator", flow);
    const { channels } = imageShape("GridGenerator", flow.shape);
    if (channels === 2) return [flow];
    throw new ShapeError({
      op: "GridGenerator",
      problem: "data is not a shift along x and y",
      received: formatShape(flow.shape),
      allowed: "(batch, 2, height, width)",
    });
  },
  compose(ins) {
    const flow = nth("GridGenerator", ins, 0);
    const { height, width } = imageShape("GridGenerator", flow.type.shape);
    const x = add(sliceAlong(flow, 1, 0, 1), iota(flow, width));
    const y = add(sliceAlong(flow, 1, 1, 1), reshape(iota(flow, height), [height, 1]));
    return [concatAlong([normalized(x, width), normalized(y, height)], 1)];
  },
  docs:
    "The position of each pixel after a shift (batch, 2, height, width) in pixels along x and y, " +
    "as coordinates that are -1 at the first pixel and 1 at the last.",
});

/** The points of a grid, mapped by matrices (batch, 6). */
export function affineGrid<T extends Operand<T>>(matrices: T, height: number, width: number): T {
  return applyOne(affineGridOp, [matrices], { height, width });
}

type Defaults = Omit<GridGeneratorOptions, "transformType"> & {
  transformType: TransformType | undefined;
};

/**
 * Points at which `BilinearSampler` reads an image: x in channel 0, y in channel 1, both -1 at the
 * first pixel and 1 at the last.
 *
 * @param data floating point; `affine`: the matrices A of `(x', y') = A (x, y, 1)`, shape (batch, 6);
 *   `warp`: by how many pixels to shift along x and y, shape (batch, 2, height, width)
 * @returns shape (batch, 2, height, width), data's dtype
 * @throws ShapeError if the data has another shape; AttributeError without `transformType`, or
 *   without `targetShape` for `affine`
 * @derivative linear in the data
 * @edges of a grid with one row or column, that coordinate is 0, where MXNet has NaN
 * @example
 * ```ts
 * const flip = nd.array([[-1, 0, 0, 0, 1, 0]]);
 * nd.GridGenerator(flip, { transformType: "affine", targetShape: [1, 2] });
 * // [[[[ 1. -1.]] [[ 0.  0.]]]]
 * ```
 */
export function GridGenerator<T extends Operand<T>>(
  data: T,
  options: Pick<GridGeneratorOptions, "transformType"> & Partial<GridGeneratorOptions>,
): T {
  const { transformType, targetShape } = readOptions<Defaults>("GridGenerator", options, {
    transformType: undefined,
    targetShape: [0, 0],
  });
  shapeOf("GridGenerator", data);
  checkGiven("GridGenerator", "transformType", transformType);
  const type = checkChoice("GridGenerator", "transformType", transformType, transformTypes);
  if (type === "warp") return applyOne(warpGridOp, [data]);
  return affineGrid(data, ...heightAndWidth("GridGenerator", "targetShape", targetShape, 1));
}
