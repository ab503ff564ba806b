import {
  formatShape,
  type OpDef,
  type Operand,
  ShapeError,
  sizeOf,
  type Value,
} from "@adjoint/graph";
import { applyOne, defineOp, nth } from "../core/define.js";
import { readOptions } from "../core/options.js";
import { mul, sub } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { identity } from "../elementwise/identity.js";
import { sigmoid } from "../elementwise/rectify.js";
import { greater } from "../elementwise/compare.js";
import { reshape } from "../view/reshape.js";
import { checkFinite, checkFloat } from "./layerArguments.js";

type ScaleAttrs = { gradScale: number };

/**
 * A layer that predicts, and whose gradient is that of a loss: `slope(y - label)`, whatever the
 * head gradient.
 */
function regressionOp(
  name: string,
  predict: (x: Value) => Value,
  slope: (error: Value) => Value,
  docs: string,
): OpDef<ScaleAttrs> {
  return defineOp<ScaleAttrs>({
    name,
    arity: 2,
    attrs: { gradScale: "number" },
    infer(ins) {
      const [x, label] = [nth(name, ins, 0), nth(name, ins, 1)];
      checkFloat(name, x);
      if (label.shape.length > 0 && sizeOf(label.shape) === sizeOf(x.shape)) return [x];
      throw new ShapeError({
        op: name,
        problem: "label does not fit the data",
        received: `label ${formatShape(label.shape)} for data ${formatShape(x.shape)}`,
        allowed: `${formatShape(x.shape)}`,
      });
    },
    vjp: {
      // From x, not from the result: that has this gradient instead of the prediction's, which would
      // spoil second derivatives.
      rule({ ins, attrs }) {
        const [label, y] = [nth(name, ins, 1), predict(nth(name, ins, 0))];
        const target = reshape(castTo(label, y.type.dtype), y.type.shape);
        const perRow = sizeOf(label.type.shape.slice(1));
        return [mul(slope(sub(y, target)), attrs.gradScale / perRow), undefined];
      },
    },
    compose: (ins) => [predict(nth(name, ins, 0))],
    docs: `${docs} It ignores the head gradient, and is divided by the number of values in a row.`,
  });
}

export const linearRegressionOp = regressionOp(
  "LinearRegressionOutput",
  identity,
  (error) => error,
  "`x`, with the gradient `x - label` of half the squared error.",
);

export const logisticRegressionOp = regressionOp(
  "LogisticRegressionOutput",
  sigmoid,
  (error) => error,
  "`sigmoid(x)`, with the gradient `sigmoid(x) - label` of the binary cross-entropy.",
);

export const maeRegressionOp = regressionOp(
  "MAERegressionOutput",
  identity,
  // As MXNet decides ties and NaN: -1 is a subgradient where they are equal.
  (error) => sub(mul(greater(error, 0), 2), 1),
  "`x`, with the gradient 1 of the absolute error where x is above the label, else -1.",
);

export interface RegressionOptions {
  /** Factor of the gradient. */
  gradScale: number;
}

type RegressionFn = <T extends Operand<T>>(
  x: T,
  label: T,
  options?: Partial<RegressionOptions>,
) => T;

function regression(op: OpDef<ScaleAttrs>): RegressionFn {
  return (x, label, options) => {
    const { gradScale } = readOptions(op.name, options, { gradScale: 1 });
    checkFinite(op.name, "gradScale", gradScale);
    return applyOne(op, [x, label], { gradScale });
  };
}

/**
 * Gives x; its gradient is that of half the squared error to the label.
 *
 * @param x floating point, any shape
 * @param label x's shape, or as many elements; any dtype
 * @returns x's shape
 * @throws ShapeError if the label does not fit
 * @derivative `gradScale (x - label)`, whatever the head gradient, divided by the number of values
 *   in a row; none to the label
 * @example
 * ```ts
 * const x = nd.array([1, 2]);
 * x.attachGrad();
 * autograd.record(() => nd.LinearRegressionOutput(x, nd.array([0, 5]))).backward();
 * x.grad; // [ 1. -3.]
 * ```
 */
export const LinearRegressionOutput: RegressionFn = regression(linearRegressionOp);

/**
 * Gives sigmoid(x); its gradient is that of the binary cross-entropy with the label.
 *
 * @param x floating point, any shape
 * @param label x's shape, or as many elements; any dtype
 * @returns x's shape
 * @throws ShapeError if the label does not fit
 * @derivative `gradScale (sigmoid(x) - label)`, whatever the head gradient, divided by the number
 *   of values in a row; none to the label
 * @example
 * ```ts
 * const x = nd.array([0, 0]);
 * x.attachGrad();
 * autograd.record(() => nd.LogisticRegressionOutput(x, nd.array([1, 0]))).backward();
 * x.grad; // [-0.5  0.5]
 * ```
 */
export const LogisticRegressionOutput: RegressionFn = regression(logisticRegressionOp);

/**
 * Gives x; its gradient is that of the absolute error to the label.
 *
 * @param x floating point, any shape
 * @param label x's shape, or as many elements; any dtype
 * @returns x's shape
 * @throws ShapeError if the label does not fit
 * @derivative `gradScale` where x is above the label, else `-gradScale`, also where they are equal, whatever the head
 *   gradient; divided by the number of values in a row; none to the label
 * @example
 * ```ts
 * const x = nd.array([1, 2, 3]);
 * x.attachGrad();
 * autograd.record(() => nd.MAERegressionOutput(x, nd.array([3, 2, 1]))).backward();
 * x.grad; // [-1. -1.  1.]
 * ```
 */
export const MAERegressionOutput: RegressionFn = regression(maeRegressionOp);
