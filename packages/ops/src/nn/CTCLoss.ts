import { ArgumentError, formatShape, type Operand, ShapeError } from "@adjoint/graph";
import { checkOperands, nth } from "../core/define.js";
import { checkChoice, readOptions } from "../core/options.js";
import { iota } from "../elementwise/arange.js";
import { add, mul, negative, sub } from "../elementwise/arithmetic.js";
import { castTo } from "../elementwise/cast.js";
import { equal, greater, lesser, notEqual } from "../elementwise/compare.js";
import { exp, log } from "../elementwise/exponential.js";
import { maximum } from "../elementwise/extremum.js";
import { fill } from "../elementwise/full.js";
import { stopGradient } from "../elementwise/identity.js";
import { trunc } from "../elementwise/rounding.js";
import { select } from "../elementwise/where.js";
import { takeAlong } from "../index/takeAlong.js";
import { arraysAndOptions, concatAlong } from "../pack/concat.js";
import { stackAlong } from "../pack/stack.js";
import { minAxes } from "../reduce/max.js";
import { broadcastTo } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";
import { sliceAlong } from "../view/slice.js";
import { checkFloat, checkShape } from "./layerArguments.js";
import { logSoftmax } from "./softmax.js";

/** Stands for log 0: small enough to vanish in any sum, and finite, so that differences are numbers. */
const logZero = -1e30;

export interface CTCLossOptions {
  /** An argument after the labels tells how many steps of each sample count. */
  useDataLengths: boolean;
  /** The last argument tells how many labels of each sample count. */
  useLabelLengths: boolean;
  /** Class of the blank: 0 and labels padded with 0, or the last one and labels padded with -1. */
  blankLabel: "first" | "last";
}

const defaults: CTCLossOptions = {
  useDataLengths: false,
  useLabelLengths: false,
  blankLabel: "first",
};

/** What the recursion over time needs; states are blank, label, blank, label, ..., blank. */
interface Lattice<T> {
  /** Logarithms of the probabilities of the states' classes: (steps, batch, states). */
  readonly emissions: T;
  /** 0 where a state may be entered from two before, `logZero` elsewhere: (batch, states). */
  readonly skips: T;
  /** Labels per sample: (batch, 1). */
  readonly lengths: T;
}

/** `log(e**a + e**b + ...)`. */
function logSumExp<T extends Operand<T>>(first: T, ...rest: readonly T[]): T {
  const largest = stopGradient(rest.reduce((most, one) => maximum(most, one), first));
  const terms = [first, ...rest].map((one) => exp(sub(one, largest)));
  return add(log(terms.reduce((sum, one) => add(sum, one))), largest);
}

/** Columns moved `count` to the right, `logZero` coming in. */
function shifted<T extends Operand<T>>(alpha: T, count: number): T {
  const [batch = 0, states = 0] = alpha.type.shape;
  const kept = Math.min(count, states);
  const entering = fill(alpha, [batch, kept], logZero);
  return kept === states
    ? entering
    : concatAlong([entering, sliceAlong(alpha, 1, 0, states - kept)], 1);
}

/** Number of labels before the first one that is padding. */
function countLabels<T extends Operand<T>>(labels: T, padding: number): T {
  const [batch = 0, most = 0] = labels.type.shape;
  const positions = broadcastTo(iota(labels, most), [batch, most]);
  return minAxes(select(equal(labels, padding), positions, most), [1], true);
}

function latticeOf<T extends Operand<T>>(
  x: T,
  labels: T,
  lengths: T | undefined,
  blankFirst: boolean,
): Lattice<T> {
  const [steps = 0, batch = 0, classes = 0] = x.type.shape;
  const most = nth("CTCLoss", labels.type.shape, 1);
  const states = 2 * most + 1;
  const blank = blankFirst ? 0 : classes - 1;
  const blanks = fill(labels, [batch, most], blank);
  const pairs = reshape(stackAlong([blanks, labels], 2), [batch, 2 * most]);
  const sequence = concatAlong([pairs, fill(labels, [batch, 1], blank)], 1);
  const before = concatAlong(
    [fill(labels, [batch, 2], blank), sliceAlong(sequence, 1, 0, states - 2)],
    1,
  );
  // Into a label from another label: blanks, and repeated labels, need the state between.
  const entered = mul(notEqual(sequence, blank), notEqual(sequence, before));
  const skips = mul(sub(1, castTo(entered, x.type.dtype)), logZero);
  const along = broadcastTo(reshape(sequence, [1, batch, states]), [steps, batch, states]);
  return {
    emissions: takeAlong(logSoftmax(x, { axis: 2 }), along, 2),
    skips,
    lengths: lengths ?? countLabels(labels, blankFirst ? 0 : -1),
  };
}

/** Logarithms of the probabilities to be in each state after the last step (Graves et al. 2006, 4.1). */
function forwardVariables<T extends Operand<T>>(
  { emissions, skips }: Lattice<T>,
  dataLengths: T | undefined,
): T {
  const [steps = 0, batch = 0, states = 0] = emissions.type.shape;
  const emission = (step: number) => reshape(sliceAlong(emissions, 0, step, 1), [batch, states]);
  const isStart = broadcastTo(lesser(iota(emissions, states), 2), [batch, states]);
  let alpha = select(isStart, emission(0), logZero);
  for (let step = 1; step < steps; step++) {
    const entering = logSumExp(alpha, shifted(alpha, 1), add(shifted(alpha, 2), skips));
    const next = add(entering, emission(step));
    alpha = dataLengths === undefined ? next : select(greater(dataLengths, step), next, alpha);
  }
  return alpha;
}

function checkArguments(x: { shape: readonly number[] }, label: { shape: readonly number[] }) {
  const [steps, batch, , ...rest] = x.shape;
  const [rows, most, ...others] = label.shape;
  const fits = x.shape.length === 3 && rest.length === 0 && others.length === 0 && rows === batch;
  if (fits && most !== undefined && most > 0 && steps !== undefined && steps >= most) return;
  throw new ShapeError({
    op: "CTCLoss",
    problem: "labels do not fit the data",
    received: `labels ${formatShape(label.shape)} for data ${formatShape(x.shape)}`,
    allowed: "data (steps, batch, classes), labels (batch, at least 1 and at most steps)",
  });
}

/** The lengths among the arguments, as columns of the data's dtype. */
function readLengths<T extends Operand<T>>(
  x: T,
  given: readonly T[],
  { useDataLengths, useLabelLengths }: CTCLossOptions,
): { readonly data: T | undefined; readonly labels: T | undefined } {
  const names = [
    ...(useDataLengths ? ["dataLengths"] : []),
    ...(useLabelLengths ? ["labelLengths"] : []),
  ];
  if (given.length !== names.length) {
    throw new ArgumentError({
      op: "CTCLoss",
      problem: "lengths do not agree with useDataLengths and useLabelLengths",
      received: `${given.length} arrays of lengths`,
      allowed: ["data", "label", ...names].join(", "),
    });
  }
  const batch = nth("CTCLoss", x.type.shape, 1);
  const columns = given.map((lengths, position) => {
    checkShape("CTCLoss", nth("CTCLoss", names, position), lengths.type.shape, [batch]);
    return reshape(trunc(castTo(lengths, x.type.dtype)), [batch, 1]);
  });
  return {
    data: useDataLengths ? columns[0] : undefined,
    labels: useLabelLengths ? columns[useDataLengths ? 1 : 0] : undefined,
  };
}

/**
 * Connectionist temporal classification: minus the logarithm of the probability of the labels, over
 * all their alignments with the steps (Graves et al. 2006).
 *
 * @param x activations before the softmax, shape (steps, batch, classes), floating point
 * @param label class numbers of shape (batch, labels), at most as many as steps; shorter ones are
 *   padded as `blankLabel` says
 * @param rest lengths of shape (batch,): of the data with `useDataLengths`, then of the labels with
 *   `useLabelLengths`; options
 * @returns shape (batch,), x's dtype
 * @throws ShapeError if labels or lengths do not fit; ArgumentError where lengths and options
 *   contradict each other; AttributeError for an unknown `blankLabel`
 * @derivative through the recursion over time; none to labels and lengths
 * @edges without labels the probability is that of blanks alone; labels that the steps can't hold
 *   give inf, and gradient 0
 * @example
 * ```ts
 * nd.CTCLoss(nd.zeros([2, 1, 3]), nd.array([[1]])); // [1.0986123]
 * ```
 */
export function CTCLoss<T extends Operand<T>>(
  x: T,
  label: T,
  ...rest: readonly (T | Partial<CTCLossOptions>)[]
): T {
  checkOperands("CTCLoss", [x, label]);
  const args = [x, label, ...rest];
  const { arrays, options } = arraysAndOptions<T, Partial<CTCLossOptions>>("CTCLoss", args);
  const read = readOptions("CTCLoss", options, defaults);
  checkFloat("CTCLoss", x.type);
  checkArguments(x.type, label.type);
  const blank = checkChoice("CTCLoss", "blankLabel", read.blankLabel, ["first", "last"]);
  // float16 can't hold the logarithms.
  const wide = castTo(x, x.type.dtype === "float16" ? "float32" : x.type.dtype);
  const given = readLengths(wide, arrays.slice(2), read);
  const labels = trunc(castTo(label, wide.type.dtype));
  const lattice = latticeOf(wide, labels, given.labels, blank === "first");
  const alpha = forwardVariables(lattice, given.data);
  const end = mul(lattice.lengths, 2);
  const afterBlank = takeAlong(alpha, end, 1);
  const afterLabel = select(equal(end, 0), logZero, takeAlong(alpha, sub(end, 1), 1));
  const loss = negative(logSumExp(afterBlank, afterLabel));
  const possible = select(lesser(loss, -logZero / 2), loss, Infinity);
  return reshape(castTo(possible, x.type.dtype), [nth("CTCLoss", x.type.shape, 1)]);
}
