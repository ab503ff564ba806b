import { formatShape, type Operand, type Shape, ShapeError, tensorType } from "@adjoint/graph";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";
import { mul, negative, sub } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { log } from "../elementwise/exponential.js";
import { maximum } from "../elementwise/extremum.js";
import { onesLike } from "../elementwise/identity.js";
import { addAlong, takeAlong } from "../index/takeAlong.js";
import { atLeastOneAxis, sumAxes } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";
import { checkFloat, checkShape } from "./layerArguments.js";
import { softmaxAlong } from "./softmax.js";

/** Probabilities are raised to this before the logarithm, as in MXNet. */
const floor = 1e-8;

function classesOf(shape: Shape): number {
  const [, classes] = shape;
  if (shape.length === 2 && classes !== undefined) return classes;
  throw new ShapeError({
    op: "softmaxCrossEntropy",
    problem: "data is not a matrix",
    received: formatShape(shape),
    allowed: "(batch, classes)",
  });
}

export const softmaxCrossEntropyOp = defineOp({
  name: "softmaxCrossEntropy",
  arity: 2,
  attrs: {},
  infer(ins) {
    const [x, label] = [nth("softmaxCrossEntropy", ins, 0), nth("softmaxCrossEntropy", ins, 1)];
    checkFloat("softmaxCrossEntropy", x);
    classesOf(x.shape);
    checkShape("softmaxCrossEntropy", "label", label.shape, x.shape.slice(0, 1));
    return [tensorType(x.dtype, [])];
  },
  // Without the floor: d(-log softmax(x)[label]) / dx = softmax(x) - onehot(label).
  vjp: {
    rule({ ins, heads }) {
      const [x, label] = [nth("softmaxCrossEntropy", ins, 0), nth("softmaxCrossEntropy", ins, 1)];
      const column = reshape(label, [...label.type.shape, 1]);
      const ones = onesLike(castTo(column, x.type.dtype));
      const target = addAlong(ones, column, 1, classesOf(x.type.shape));
      return [mul(headOf(heads), sub(softmaxAlong(x, 1), target)), undefined];
    },
  },
  compose(ins) {
    const [x, label] = [nth("softmaxCrossEntropy", ins, 0), nth("softmaxCrossEntropy", ins, 1)];
    const column = reshape(label, [...label.type.shape, 1]);
    const chosen = takeAlong(softmaxAlong(x, 1), column, 1);
    return [negative(sumAxes(log(maximum(chosen, floor)), [0, 1]))];
  },
  docs:
    "Sum over the batch of `-log(max(softmax(x)[label], 1e-8))`. The gradient in x is " +
    "`softmax(x) - onehot(label)`, also below the floor. Labels are truncated and clipped into " +
    "range.",
});

/**
 * Cross-entropy of `softmax(x)` and class labels, summed over the batch.
 *
 * @param x shape (batch, classes), floating point
 * @param label shape (batch,), class numbers of any dtype; fractions are cut off
 * @returns shape `(1,)`, x's dtype
 * @throws ShapeError if x is not a matrix or label does not have one entry per row
 * @derivative `softmax(x) - onehot(label)`, also where the probability is below the floor; none to
 *   the label
 * @edges probabilities below 1e-8 count as 1e-8, so that the loss of a row is at most 18.42; a
 *   label out of range counts as the nearest
 * @example
 * ```ts
 * nd.softmaxCrossEntropy(nd.array([[1, 2, 3]]), nd.array([2])); // [0.40760598]
 * ```
 */
export function softmaxCrossEntropy<T extends Operand<T>>(x: T, label: T): T {
  return atLeastOneAxis(applyOne(softmaxCrossEntropyOp, [x, label]));
}
