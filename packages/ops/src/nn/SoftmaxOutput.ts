import {
  AttributeError,
  equalShapes,
  formatShape,
  type Operand,
  type Shape,
  ShapeError,
  sizeOf,
  type Value,
} from "@adjoint/graph";
import { applyOne, checkOperands, defineOp, headOf, nth } from "../core/define.js";
import { checkChoice, readOptions } from "../core/options.js";
import { iota } from "../elementwise/arange.js";
import { add, div, mul, sub } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { equal, notEqual } from "../elementwise/compare.js";
import { maximum } from "../elementwise/extremum.js";
import { trunc } from "../elementwise/rounding.js";
import { select } from "../elementwise/where.js";
import { sumAxes } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";
import { checkFinite, checkFloat } from "./layerArguments.js";
import { softmaxAlong } from "./softmax.js";

const normalizations = ["null", "batch", "valid"] as const;
export type SoftmaxNormalization = (typeof normalizations)[number];

export interface SoftmaxOutputOptions {
  /** Factor of the gradient. */
  gradScale: number;
  /** With `useIgnore`: rows with this label get gradient 0. */
  ignoreLabel: number;
  /** Give rows with the label `ignoreLabel` gradient 0. */
  useIgnore: boolean;
  /** Classes along axis 1, a prediction for each position behind; label (batch, ...positions). */
  multiOutput: boolean;
  /** Classes along the last axis; otherwise all axes but the first are classes. */
  preserveShape: boolean;
  /**
   * Divide the gradient by the batch (with `preserveShape` by all rows), or by the number of labels
   * not to be ignored (`valid`).
   */
  normalization: SoftmaxNormalization;
  /** Multiply the gradient by the head gradient instead of ignoring that. */
  outGrad: boolean;
  /** Take this much, 0 to 1, from the label's target and spread it over the other classes. */
  smoothAlpha: number;
}

export type SoftmaxOutputAttrs = {
  [K in keyof SoftmaxOutputOptions]: K extends "normalization" ? string : SoftmaxOutputOptions[K];
};

const defaults: SoftmaxOutputOptions = {
  gradScale: 1,
  ignoreLabel: -1,
  useIgnore: false,
  multiOutput: false,
  preserveShape: false,
  normalization: "null",
  outGrad: false,
  smoothAlpha: 0,
};

/** The data as (rows, classes, positions). */
function rowsClassesPositions(
  shape: Shape,
  attrs: SoftmaxOutputAttrs,
): readonly [number, number, number] {
  const [rows = 0, classes = 0] = shape;
  const least = attrs.multiOutput ? 2 : 1;
  if (shape.length < least) {
    throw new ShapeError({
      op: "SoftmaxOutput",
      problem: "data has too few axes",
      received: formatShape(shape),
      allowed: attrs.multiOutput ? "(batch, classes, ...positions)" : "(batch, ...classes)",
    });
  }
  if (attrs.multiOutput) return [rows, classes, sizeOf(shape.slice(2))];
  if (attrs.preserveShape) return [sizeOf(shape.slice(0, -1)), shape.at(-1) ?? 0, 1];
  return [rows, sizeOf(shape.slice(1)), 1];
}

/** Softmax over the classes, in x's shape. */
function probabilities(x: Value, attrs: SoftmaxOutputAttrs): Value {
  const rows = reshape(x, rowsClassesPositions(x.type.shape, attrs));
  return reshape(softmaxAlong(rows, 1), x.type.shape);
}

/** Target probabilities of class labels (rows, 1, positions), `1 - a` and `a / (classes - 1)`. */
function targets(classLabel: Value, classes: number, smoothAlpha: number): Value {
  const hit = equal(reshape(iota(classLabel, classes), [1, classes, 1]), classLabel);
  if (smoothAlpha === 0 || classes === 1) return hit;
  const others = smoothAlpha / (classes - 1);
  return add(mul(hit, 1 - smoothAlpha - others), others);
}

/** The gradient by class labels: p - target, scaled, normalized, 0 in ignored rows. */
function labelGradient(p: Value, label: Value, attrs: SoftmaxOutputAttrs): Value {
  const [rows, classes, positions] = rowsClassesPositions(p.type.shape, attrs);
  const classLabel = reshape(trunc(castTo(label, p.type.dtype)), [rows, 1, positions]);
  const probabilities = reshape(p, [rows, classes, positions]);
  const valid = notEqual(classLabel, Math.trunc(attrs.ignoreLabel));
  const error = sub(probabilities, targets(classLabel, classes, attrs.smoothAlpha));
  const kept = attrs.useIgnore ? select(valid, error, 0) : error;
  const scaled = mul(kept, attrs.gradScale);
  const normalization = checkChoice(
    "SoftmaxOutput",
    "normalization",
    attrs.normalization,
    normalizations,
  );
  const perPosition =
    attrs.multiOutput && normalization !== "valid" ? div(scaled, positions) : scaled;
  switch (normalization) {
    case "null":
      return perPosition;
    case "batch":
      return div(perPosition, rows);
    case "valid":
      return div(perPosition, maximum(sumAxes(valid, [0, 1, 2]), 1));
    default:
      throw new Error(normalization satisfies never);
  }
}

export const softmaxOutputOp = defineOp<SoftmaxOutputAttrs>({
  name: "SoftmaxOutput",
  arity: 2,
  attrs: {
    gradScale: "number",
    ignoreLabel: "number",
    useIgnore: "bool",
    multiOutput: "bool",
    preserveShape: "bool",
    normalization: "string",
    outGrad: "bool",
    smoothAlpha: "number",
  },
  infer(ins, attrs) {
    const [x, label] = [nth("SoftmaxOutput", ins, 0), nth("SoftmaxOutput", ins, 1)];
    checkFloat("SoftmaxOutput", x);
    const [rows, , positions] = rowsClassesPositions(x.shape, attrs);
    const count = sizeOf(label.shape);
    const fits =
      label.shape.length > 0 && (count === rows * positions || equalShapes(label.shape, x.shape));
    if (fits) return [x];
    throw new ShapeError({
      op: "SoftmaxOutput",
      problem: "label does not fit the data",
      received: `label ${formatShape(label.shape)} for data ${formatShape(x.shape)}`,
      allowed: `${rows * positions} class labels, or ${formatShape(x.shape)} probabilities`,
    });
  },
  // d(-sum target log softmax(x)) / dx = softmax(x) - target (Bishop, PRML, 4.109).
  vjp: {
    // From x, not from the result: that has this gradient instead of softmax's, which would spoil
    // second derivatives.
    rule({ ins, heads, attrs }) {
      const [x, label] = [nth("SoftmaxOutput", ins, 0), nth("SoftmaxOutput", ins, 1)];
      const p = probabilities(x, attrs);
      const gradient = equalShapes(label.type.shape, p.type.shape)
        ? mul(sub(p, castTo(label, p.type.dtype)), attrs.gradScale)
        : reshape(labelGradient(p, label, attrs), p.type.shape);
      return [attrs.outGrad ? mul(gradient, headOf(heads)) : gradient, undefined];
    },
  },
  compose(ins, attrs) {
    return [probabilities(nth("SoftmaxOutput", ins, 0), attrs)];
  },
  docs:
    "Softmax whose gradient is that of the cross-entropy with the labels, `p - onehot(label)`, " +
    "whatever the head gradient (unless `outGrad`). Labels out of range match no class.",
});

function checkSmoothing(alpha: number): void {
  if (alpha >= 0 && alpha <= 1) return;
  throw new AttributeError({
    op: "SoftmaxOutput",
    problem: "smoothAlpha is not valid",
    received: String(alpha),
    allowed: "0 to 1",
  });
}

/**
 * Softmax with the cross-entropy's gradient built in: a last layer to call `backward` on.
 *
 * @param x floating point, shape (batch, ...classes); (batch, classes, ...positions) with
 *   `multiOutput`
 * @param label class numbers (batch,) or (batch, ...positions), truncated; or probabilities of x's
 *   shape
 * @returns x's shape and dtype
 * @throws ShapeError if the label does not fit; AttributeError for options out of range
 * @derivative `gradScale (p - onehot(label))`, whatever the head gradient (unless `outGrad`); none
 *   to the label
 * @edges a label out of range matches no class
 * @example
 * ```ts
 * const x = nd.array([[1, 2]]);
 * x.attachGrad();
 * autograd.record(() => nd.SoftmaxOutput(x, nd.array([1]))).backward();
 * x.grad; // [[ 0.26894143 -0.2689414 ]]
 * ```
 */
export function SoftmaxOutput<T extends Operand<T>>(
  x: T,
  label: T,
  options?: Partial<SoftmaxOutputOptions>,
): T {
  const read = readOptions("SoftmaxOutput", options, defaults);
  checkOperands("SoftmaxOutput", [x, label]);
  checkChoice("SoftmaxOutput", "normalization", read.normalization, normalizations);
  checkFinite("SoftmaxOutput", "gradScale", read.gradScale);
  checkSmoothing(read.smoothAlpha);
  return applyOne(softmaxOutputOp, [x, label], { ...read });
}
