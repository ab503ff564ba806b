import { formatShape, type Operand, ShapeError } from "@adjoint/graph";
import { applyOne, checkOperands, defineOp, nth } from "../core/define.js";
import { readOptions } from "../core/options.js";
import { iota } from "../elementwise/arange.js";
import { add, mul, sub } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { equal, greater } from "../elementwise/compare.js";
import { identity } from "../elementwise/identity.js";
import { relu } from "../elementwise/rectify.js";
import { reshape } from "../view/reshape.js";
import { checkFinite, checkFloat } from "./layerArguments.js";

export interface SVMOutputOptions {
  /** Distance from 0 that scores should keep. */
  margin: number;
  /** Factor of the gradient. */
  regularizationCoefficient: number;
  /** Hinge loss; otherwise its square. */
  useLinear: boolean;
}

export type SVMOutputAttrs = { [K in keyof SVMOutputOptions]: SVMOutputOptions[K] };

export const svmOutputOp = defineOp<SVMOutputAttrs>({
  name: "SVMOutput",
  arity: 2,
  attrs: { margin: "number", regularizationCoefficient: "number", useLinear: "bool" },
  infer(ins) {
    const [x, label] = [nth("SVMOutput", ins, 0), nth("SVMOutput", ins, 1)];
    checkFloat("SVMOutput", x);
    const [rows = 0] = x.shape;
    if (x.shape.length === 2 && label.shape.length === 1 && label.shape[0] === rows) return [x];
    throw new ShapeError({
      op: "SVMOutput",
      problem: "arguments do not fit",
      received: `data ${formatShape(x.shape)} and label ${formatShape(label.shape)}`,
      allowed: "(batch, classes) and (batch,)",
    });
  },
  // One against all, with s = -1 for the label and 1 for the others: the derivative of max(0,
  // margin + s x) is s where that is positive, and of its square 2 s max(0, margin + s x).
  vjp: {
    rule({ ins, attrs: { margin, regularizationCoefficient, useLinear } }) {
      const [x, label] = [nth("SVMOutput", ins, 0), nth("SVMOutput", ins, 1)];
      const [rows = 0, classes = 0] = x.type.shape;
      const hit = equal(iota(x, classes), reshape(castTo(label, x.type.dtype), [rows, 1]));
      const side = sub(1, mul(hit, 2));
      const excess = add(mul(side, x), margin);
      const slope = useLinear ? greater(excess, 0) : mul(relu(excess), 2);
      return [mul(mul(side, slope), regularizationCoefficient), undefined];
    },
  },
  compose: (ins) => [identity(nth("SVMOutput", ins, 0))],
  docs:
    "`x`, with the gradient of a one-against-all (squared) hinge loss, whatever the head " +
    "gradient.",
});

/**
 * Gives x; its gradient is that of a one-against-all squared hinge loss (hinge loss with
 * `useLinear`).
 *
 * @param x scores (batch, classes), floating point
 * @param label class numbers (batch,), any dtype
 * @returns x's shape
 * @throws ShapeError if data or label does not fit
 * @derivative `-2 max(margin - x, 0)` to the label's class and `2 max(margin + x, 0)` to the
 *   others, times the coefficient, whatever the head gradient; with `useLinear` -1 and 1 where
 *   those are not 0; none to the label
 * @edges 0 where a score keeps the margin exactly; a label out of range matches no class
 * @example
 * ```ts
 * const x = nd.array([[2, 0]]);
 * x.attachGrad();
 * autograd.record(() => nd.SVMOutput(x, nd.array([0]))).backward();
 * x.grad; // [[-0.  2.]]
 * ```
 */
export function SVMOutput<T extends Operand<T>>(
  x: T,
  label: T,
  options?: Partial<SVMOutputOptions>,
): T {
  const defaults = { margin: 1, regularizationCoefficient: 1, useLinear: false };
  const read = readOptions<SVMOutputOptions>("SVMOutput", options, defaults);
  checkOperands("SVMOutput", [x, label]);
  checkFinite("SVMOutput", "margin", read.margin);
  checkFinite("SVMOutput", "regularizationCoefficient", read.regularizationCoefficient);
  return applyOne(svmOutputOp, [x, label], { ...read });
}
