import {
  formatShape,
  type Operand,
  type Shape,
  ShapeError,
  sizeOf,
  tensorType,
} from "@adjoint/graph";
import { matmul } from "../contract/dot.js";
import { applyOne, checkOperands, defineOp, nth } from "../core/define.js";
import { checkInteger } from "../core/options.js";
import { sameDType } from "../core/shapes.js";
import { add } from "../elementwise/arithmetic.js";
import { reshape } from "../view/reshape.js";
import { checkShape, readBias } from "./layerArguments.js";

export interface FullyConnectedOptions {
  /** Rows of the weight; null takes the weight's. */
  numHidden: number | null;
  /** There is no bias argument. */
  noBias: boolean;
  /** All axes but the first are features; otherwise only the last one. */
  flatten: boolean;
}

const defaults: FullyConnectedOptions = { numHidden: null, noBias: false, flatten: true };

/** The axes that are kept, and the number of features in the others. */
function split(data: Shape, flatten: boolean): { readonly rows: Shape; readonly features: number } {
  if (data.length === 0) {
    throw new ShapeError({
      op: "FullyConnected",
      problem: "data has no axes",
      received: formatShape(data),
      allowed: "(batch, ...features)",
    });
  }
  const rows = data.slice(0, flatten ? 1 : -1);
  return { rows, features: sizeOf(data.slice(rows.length)) };
}

export const fullyConnectedOp = defineOp<{ flatten: boolean }>({
  name: "FullyConnected",
  arity: { min: 2, max: 3 },
  attrs: { flatten: "bool" },
  infer(ins, { flatten }) {
    const [data, weight, bias] = [
      nth("FullyConnected", ins, 0),
      nth("FullyConnected", ins, 1),
      ins[2],
    ];
    const { rows, features } = split(data.shape, flatten);
    const hidden = weight.shape[0] ?? 0;
    if (weight.shape.length !== 2 || weight.shape[1] !== features) {
      throw new ShapeError({
        op: "FullyConnected",
        problem: "weight does not fit the data",
        received: `weight ${formatShape(weight.shape)} for data ${formatShape(data.shape)}`,
        allowed: `(numHidden, ${features})`,
      });
    }
    if (bias !== undefined) checkShape("FullyConnected", "bias", bias.shape, [hidden]);
    return [tensorType(sameDType("FullyConnected", ins), [...rows, hidden])];
  },
  compose([data, weight, bias], { flatten }) {
    if (data === undefined || weight === undefined) throw new Error("FullyConnected: no arguments");
    const { rows, features } = split(data.type.shape, flatten);
    const product = matmul(reshape(data, [sizeOf(rows), features]), weight, false, true);
    const y = bias === undefined ? product : add(product, bias);
    return [reshape(y, [...rows, weight.type.shape[0] ?? 0])];
  },
  docs:
    "`x Wᵀ + b` for data (batch, ...features), weight (numHidden, features) and, if given, bias " +
    "(numHidden,).",
});

/**
 * Affine map `x Wᵀ + b`.
 *
 * @param x shape (batch, ...features), or (...rows, features) without `flatten`
 * @param weight shape (numHidden, features)
 * @param bias shape (numHidden,); left out with `noBias`
 * @returns shape (batch, numHidden), or (...rows, numHidden)
 * @throws ShapeError if weight or bias does not fit; ArgumentError if the bias is missing
 * @derivative `dY W` to x, `dYᵀ x` to the weight, the sum of dY over the rows to the bias
 * @example
 * ```ts
 * nd.FullyConnected(nd.array([[1, 2]]), nd.array([[3, 4]]), nd.array([5]), { numHidden: 1 });
 * // [[16.]]
 * ```
 */
export function FullyConnected<T extends Operand<T>>(
  x: T,
  weight: T,
  bias?: T | Partial<FullyConnectedOptions>,
  options?: Partial<FullyConnectedOptions>,
): T {
  const read = readBias("FullyConnected", bias, options, defaults);
  const { numHidden, flatten } = read.options;
  const ins: [T, ...T[]] = [x, weight, ...(read.bias === undefined ? [] : [read.bias])];
  checkOperands("FullyConnected", ins);
  if (numHidden !== null) {
    const { features } = split(x.type.shape, flatten);
    const rows = checkInteger("FullyConnected", "numHidden", numHidden, 1);
    checkShape("FullyConnected", "weight", weight.type.shape, [rows, features]);
  }
  return applyOne(fullyConnectedOp, ins, { flatten });
}
