import {
  ArgumentError,
  AttributeError,
  type DType,
  isDType,
  isFloat,
  type Operand,
  tensorType,
} from "@adjoint/graph";
import { applyOne, checkOperands, defineOp, headOf, nth } from "../core/define.js";
import { normalizeAxis, readOptions } from "../core/options.js";
import { reducedShape } from "../core/shapes.js";
import { iota } from "../elementwise/arange.js";
import { div, mul, negative, sub } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { lesser } from "../elementwise/compare.js";
import { exp, log } from "../elementwise/exponential.js";
import { select } from "../elementwise/where.js";
import { maxAxes } from "../reduce/max.js";
import { sumAxes } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";
import { checkFinite, checkFloat, checkShape, readOptionalArray } from "./layerArguments.js";

/**
 * Attributes of the softmax family: an axis counted from the front; arguments are divided by
 * `temperature`.
 */
export type SoftmaxAttrs = { axis: number; temperature: number };

export interface SoftmaxOptions {
  /** The axis along which probabilities add up to 1, counted from either end. */
  axis: number;
  /** Divides the arguments; positive. */
  temperature: number;
  /** Floating-point dtype of the result; null for that of the data. */
  dtype: DType | null;
}

export interface SoftmaxLengthOptions extends SoftmaxOptions {
  /** A second argument tells how many leading elements take part. */
  useLength: boolean;
}

const defaults: SoftmaxOptions = { axis: -1, temperature: 1, dtype: null };
const lengthDefaults: SoftmaxLengthOptions = { ...defaults, useLength: false };

function scaled<T extends Operand<T>>(x: T, temperature: number): T {
  return temperature === 1 ? x : div(x, temperature);
}

/** `(x - max x) / temperature`: the largest is 0, so that no exponential overflows. */
function shifted<T extends Operand<T>>(x: T, { axis, temperature }: SoftmaxAttrs): T {
  return scaled(sub(x, maxAxes(x, [axis], true)), temperature);
}

/** 1 at the first `lengths` positions along `axis`, 0 behind. */
function leading<T extends Operand<T>>(lengths: T, axis: number, rank: number, count: number): T {
  const along = Array.from({ length: rank }, (_, other) => (other === axis ? count : 1));
  const rows = [...lengths.type.shape.slice(0, axis), 1, ...lengths.type.shape.slice(axis)];
  return lesser(reshape(iota(lengths, count), along), reshape(lengths, rows));
}

export const softmaxOp = defineOp<SoftmaxAttrs>({
  name: "softmax",
  arity: { min: 1, max: 2 },
  attrs: { axis: "int", temperature: "number" },
  infer(ins, { axis }) {
    const [x, lengths] = [nth("softmax", ins, 0), ins[1]];
    checkFloat("softmax", x);
    if (lengths !== undefined) {
      checkShape("softmax", "length", lengths.shape, reducedShape(x.shape, [axis], false));
    }
    return [tensorType(x.dtype, x.shape)];
  },
  // y = softmax(x / t): dx = y (dy - sum(dy y)) / t (Goodfellow et al., Deep Learning, section
  // 6.2.2.3).
  vjp: {
    rule({ outs, heads, attrs: { axis, temperature } }) {
      const [y, head] = [nth("softmax", outs, 0), headOf(heads)];
      const centred = sub(head, sumAxes(mul(head, y), [axis], true));
      return [scaled(mul(y, centred), temperature), undefined];
    },
  },
  compose(ins, attrs) {
    const [x, lengths] = [nth("softmax", ins, 0), ins[1]];
    const { axis } = attrs;
    if (lengths === undefined) {
      const terms = exp(shifted(x, attrs));
      return [div(terms, sumAxes(terms, [axis], true))];
    }
    const { shape } = x.type;
    const part = leading(lengths, axis, shape.length, nth("softmax", shape, axis));
    const terms = exp(shifted(select(part, x, -Infinity), attrs));
    return [select(part, div(terms, sumAxes(terms, [axis], true)), 0)];
  },
  docs:
    "`exp(x / t)` over its sum along an axis. Elements of -inf get 0; a row of nothing else, or " +
    "with +inf or NaN, is NaN. With lengths, elements behind them count as absent and get 0, and " +
    "so does a row of length 0.",
});

export const logSoftmaxOp = defineOp<SoftmaxAttrs>({
  name: "logSoftmax",
  arity: 1,
  attrs: { axis: "int", temperature: "number" },
  infer(ins) {
    const x = nth("logSoftmax", ins, 0);
    checkFloat("logSoftmax", x);
    return [x];
  },
  // y = x / t - log sum exp(x / t): dx = (dy - exp(y) sum(dy)) / t.
  vjp: {
    rule({ outs, heads, attrs: { axis, temperature } }) {
      const [y, head] = [nth("logSoftmax", outs, 0), headOf(heads)];
      const spread = mul(exp(y), sumAxes(head, [axis], true));
      return [scaled(sub(head, spread), temperature)];
    },
  },
  compose(ins, attrs) {
    const z = shifted(nth("logSoftmax", ins, 0), attrs);
    return [sub(z, log(sumAxes(exp(z), [attrs.axis], true)))];
  },
  docs: "Logarithm of `softmax` without its underflow: exact to rounding at any size of x.",
});

/** Softmax along an axis counted from the front. */
export function softmaxAlong<T extends Operand<T>>(x: T, axis: number): T {
  return applyOne(softmaxOp, [x], { axis, temperature: 1 });
}

/** The result in the dtype that was asked for. */
function inDType<T extends Operand<T>>(op: string, y: T, dtype: unknown): T {
  if (dtype === null) return y;
  if (isDType(dtype) && isFloat(dtype)) return castTo(y, dtype);
  throw new AttributeError({
    op,
    problem: "dtype is not valid",
    received: String(dtype),
    allowed: "float16, float32, float64, or null for the data's",
  });
}

function readAttrs(op: string, rank: number, { axis, temperature }: SoftmaxOptions): SoftmaxAttrs {
  return {
    axis: normalizeAxis(op, axis, rank),
    temperature: checkFinite(op, "temperature", temperature, true),
  };
}

/**
 * Probabilities `exp(x) / sum(exp(x))` along an axis; with `useLength`, over the leading elements
 * of each row.
 *
 * @param x floating point, any shape
 * @param length with `useLength`: how many leading elements take part, of x's shape without `axis`;
 *   the others get 0
 * @returns x's shape; x's dtype unless `dtype` is given
 * @throws BoundsError for an axis out of range; AttributeError for a temperature that is not
 *   positive; ArgumentError where `length` and `useLength` contradict each other; DTypeError for
 *   integers
 * @derivative `y (dY - sum(y dY)) / temperature`; none to the length
 * @edges no overflow: elements of -inf get 0; a row of nothing else, or with inf or NaN, is NaN; a
 *   row of length 0 is 0
 * @example
 * ```ts
 * nd.softmax(nd.array([[1, 1], [0, 1000]])); // [[0.5 0.5] [0.  1. ]]
 * ```
 */
export function softmax<T extends Operand<T>>(
  x: T,
  length?: T | Partial<SoftmaxLengthOptions>,
  options?: Partial<SoftmaxLengthOptions>,
): T {
  const read = readOptionalArray("softmax", length, options, lengthDefaults);
  checkOperands("softmax", [x]);
  const attrs = readAttrs("softmax", x.type.shape.length, read.options);
  if (read.options.useLength !== (read.array !== undefined)) {
    throw new ArgumentError({
      op: "softmax",
      problem: read.array === undefined ? "length is missing" : "length without useLength",
      allowed: "data, or data and length with useLength: true",
    });
  }
  const y = applyOne(softmaxOp, read.array === undefined ? [x] : [x, read.array], attrs);
  return inDType("softmax", y, read.options.dtype);
}

/**
 * Logarithm of the softmax along an axis.
 *
 * @param x floating point, any shape
 * @returns x's shape; x's dtype unless `dtype` is given
 * @throws BoundsError for an axis out of range; AttributeError for a temperature that is not
 *   positive; DTypeError for integers
 * @derivative `(dY - exp(y) sum(dY)) / temperature`
 * @edges exact where `softmax` underflows to 0; -inf stays; a row of nothing else, or with inf or
 *   NaN, is NaN
 * @example
 * ```ts
 * nd.logSoftmax(nd.array([[0, 1000]])); // [[-1000.     0.]]
 * ```
 */
export function logSoftmax<T extends Operand<T>>(x: T, options?: Partial<SoftmaxOptions>): T {
  const read = readOptions("logSoftmax", options, defaults);
  checkOperands("logSoftmax", [x]);
  const y = applyOne(logSoftmaxOp, [x], readAttrs("logSoftmax", x.type.shape.length, read));
  return inDType("logSoftmax", y, read.dtype);
}

/**
 * Softmax of `-x`: the smallest gets the most.
 *
 * @param x floating point, any shape
 * @returns x's shape; x's dtype unless `dtype` is given
 * @throws BoundsError for an axis out of range; AttributeError for a temperature that is not
 *   positive; DTypeError for integers
 * @derivative `-y (dY - sum(y dY)) / temperature`
 * @edges elements of inf get 0; a row of nothing else, or with -inf or NaN, is NaN
 * @example
 * ```ts
 * nd.softmin(nd.array([0, 1000])); // [1. 0.]
 * ```
 */
export function softmin<T extends Operand<T>>(x: T, options?: Partial<SoftmaxOptions>): T {
  const read = readOptions("softmin", options, defaults);
  checkOperands("softmin", [x]);
  checkFloat("softmin", x.type);
  const attrs = readAttrs("softmin", x.type.shape.length, read);
  return inDType("softmin", applyOne(softmaxOp, [negative(x)], attrs), read.dtype);
}
