import { type Operand, tensorType, type Value } from "@adjoint/graph";
import { checkOperands, defineOp, headOf, nth } from "../core/define.js";
import { reducedShape } from "../core/shapes.js";
import { add, div, mul, sub } from "../elementwise/arithmetic.js";
import { equal, lesser } from "../elementwise/compare.js";
import { exp, log } from "../elementwise/exponential.js";
import { stopGradient } from "../elementwise/identity.js";
import { abs } from "../elementwise/sign.js";
import { select } from "../elementwise/where.js";
import { maxAxes } from "../reduce/max.js";
import { type ReduceAttrs, type ReduceOptions, reduceBy, sumAxes } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";
import { checkFloat } from "./layerArguments.js";

/** The largest element, or 0 where that is infinite: inf - inf has no value. */
function finiteMaximum(x: Value, axes: readonly number[]): Value {
  const largest = maxAxes(x, axes, true);
  return select(lesser(abs(largest), Infinity), largest, 0);
}

export const logSumExpOp = defineOp<ReduceAttrs>({
  name: "logSumExp",
  arity: 1,
  attrs: { axes: "ints", keepdims: "bool" },
  infer(ins, { axes, keepdims }) {
    const x = nth("logSumExp", ins, 0);
    checkFloat("logSumExp", x);
    return [tensorType(x.dtype, reducedShape(x.shape, axes, keepdims))];
  },
  // dx = softmax(x) dy, not exp(x - y), in which the rounding of a large y is a relative error. A row of -inf has no
  // exponential above 0, and its elements get 0.
  vjp: {
    rule({ ins, heads, attrs: { axes } }) {
      const x = nth("logSumExp", ins, 0);
      const terms = exp(sub(x, stopGradient(finiteMaximum(x, axes))));
      const total = sumAxes(terms, axes, true);
      const weights = div(terms, select(equal(total, 0), 1, total));
      return [mul(reshape(headOf(heads), reducedShape(x.type.shape, axes, true)), weights)];
    },
  },
  // log sum exp(x) = m + log sum exp(x - m) with the maximum m, so that nothing overflows.
  compose(ins, { axes, keepdims }) {
    const x = nth("logSumExp", ins, 0);
    const m = finiteMaximum(x, axes);
    const y = add(log(sumAxes(exp(sub(x, m)), axes, true)), m);
    return [reshape(y, reducedShape(x.type.shape, axes, keepdims))];
  },
  docs:
    "`log(sum(exp(x)))` over axes, without overflow; -inf of nothing and of -inf alone. Derivative: the softmax, 0 where " +
    "the result is -inf.",
});

/**
 * Logarithm of the sum of exponentials over axes: a smooth maximum, the normaliser of `logSoftmax`.
 *
 * @param x floating point, any shape
 * @returns x's dtype; x's shape without the reduced axes, `(1,)` when all are reduced
 * @throws BoundsError for an axis out of range; DTypeError for integers
 * @derivative the softmax over these axes; 0 where the result is -inf, NaN at elements of inf
 * @edges no overflow at any size; elements of -inf add nothing; -inf of nothing else and over an empty axis; inf
 *   where there is one, NaN where there is one
 * @example
 * ```ts
 * nd.logSumExp(nd.array([[0, 0], [-10000, -Infinity]]), { axis: 1 }); // [ 6.931472e-01 -1.000000e+04]
 * ```
 */
export function logSumExp<T extends Operand<T>>(x: T, options?: Partial<ReduceOptions>): T {
  checkOperands("logSumExp", [x]);
  return reduceBy(logSumExpOp, x, options);
}
