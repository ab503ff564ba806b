import { formatShape, type Operand, ShapeError, tensorType } from "@adjoint/graph";
import { applyOne, checkOperands, defineOp, nth } from "../core/define.js";
import { checkChoice, readOptions } from "../core/options.js";
import { sameDType } from "../core/shapes.js";
import { checkGiven } from "../nn/layerArguments.js";
import { bilinearSamplerOp } from "./BilinearSampler.js";
import { affineGrid, checkMatrices } from "./GridGenerator.js";
import { floatImages, heightAndWidth } from "./imageArguments.js";

export interface SpatialTransformerOptions {
  /** How `loc` maps coordinates: `affine`, the only one. */
  transformType: "affine";
  /** How values between pixels are found: `bilinear`, the only one. */
  samplerType: "bilinear";
  /** Height and width of the result. */
  targetShape: readonly number[];
}

type Defaults = {
  transformType: "affine" | undefined;
  samplerType: "bilinear" | undefined;
  targetShape: readonly number[];
};

export const spatialTransformerOp = defineOp<{ height: number; width: number }>({
  name: "SpatialTransformer",
  arity: 2,
  attrs: { height: "int", width: "int" },
  infer(ins, { height, width }) {
    const [data, loc] = [nth("SpatialTransformer", ins, 0), nth("SpatialTransformer", ins, 1)];
    const dtype = sameDType("SpatialTransformer", [data, loc]);
    const { batch, channels } = floatImages("SpatialTransformer", data);
    if (checkMatrices("SpatialTransformer", "loc", loc.shape) === batch) {
      return [tensorType(dtype, [batch, channels, height, width])];
    }
    throw new ShapeError({
      op: "SpatialTransformer",
      problem: "loc has not one matrix per image",
      received: `${formatShape(loc.shape)} for ${formatShape(data.shape)}`,
      allowed: formatShape([batch, 6]),
    });
  },
  compose(ins, { height, width }) {
    const [data, loc] = [nth("SpatialTransformer", ins, 0), nth("SpatialTransformer", ins, 1)];
    return [applyOne(bilinearSamplerOp, [data, affineGrid(loc, height, width)])];
  },
  docs:
    "`BilinearSampler` at the points that matrices (batch, 6) map a grid of `height` by `width` " +
    "to.",
});

/**
 * Images under affine maps: `BilinearSampler` at the grid that `GridGenerator` makes of `loc`
 * (Jaderberg et al. 2015).
 *
 * @param data floating point, shape (batch, channels, height, width)
 * @param loc shape (batch, 6), data's dtype: of each image the matrix A of `(x', y') = A (x, y, 1)`,
 *   from coordinates of the result to those of the data; both go from -1 to 1
 * @returns shape (batch, channels, ...targetShape)
 * @throws ShapeError if `loc` does not fit the data; DTypeError if the dtypes differ; AttributeError
 *   without the options `transformType`, `samplerType` and `targetShape`
 * @derivative as of `BilinearSampler`, to `loc` through the grid
 * @edges outside of an image all is 0
 * @example
 * ```ts
 * const options = { transformType: "affine", samplerType: "bilinear", targetShape: [1, 2] } as const;
 * const flip = nd.array([[-1, 0, 0, 0, 1, 0]]);
 * nd.SpatialTransformer(nd.array([[[[1, 2]]]]), flip, options); // [[[[2. 1.]]]]
 * ```
 */
export function SpatialTransformer<T extends Operand<T>>(
  data: T,
  loc: T,
  options: SpatialTransformerOptions,
): T {
  const name = "SpatialTransformer";
  const { transformType, samplerType, targetShape } = readOptions<Defaults>(name, options, {
    transformType: undefined,
    samplerType: undefined,
    targetShape: [0, 0],
  });
  checkOperands(name, [data, loc]);
  checkGiven(name, "transformType", transformType);
  checkGiven(name, "samplerType", samplerType);
  checkChoice(name, "transformType", transformType, ["affine"]);
  checkChoice(name, "samplerType", samplerType, ["bilinear"]);
  const [height, width] = heightAndWidth(name, "targetShape", targetShape, 1);
  return applyOne(spatialTransformerOp, [data, loc], { height, width });
}
