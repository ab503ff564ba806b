import type { LaneMath, Term, Vector } from "./laneMath.js";
import { type Pair, twoProduct, twoSum } from "./pairs.js";

// In doubles.

export interface PartialSum {
  readonly sum: Pair;
  /** Where the sum ended: x plus a whole number. */
  readonly from: Pair;
}

/**
 * The sum of term(x), term(x + 1), ... below `end`, or from term(x + 1) on if `first` is 1; the term after the last
 * one is asked for too.
 */
export function sumUpTo(
  math: LaneMath,
  x: Vector,
  end: Term,
  term: (at: Pair) => Pair,
  first: Term = 0,
): PartialSum {
  const { code } = math.context;
  const steps = code.variable("v128", math.vector(first));
  const sum = variablePair(math);
  const from = variablePair(math);
  code.loop((again) => {
    const at = twoSum(math, x, steps);
    assignPair(math, from, { high: at.high, low: finiteOr(math, at.low, 0) });
    const isBelow = math.less(from.high, end);
    const next = term(from);
    const total = twoSum(math, sum.high, math.and(isBelow, next.high));
    const low = math.add(sum.low, math.add(total.low, math.and(isBelow, next.low)));
    assignPair(math, sum, { high: total.high, low });
    code.assign(steps, math.add(steps, math.and(isBelow, math.vector(1))));
    code.branchIf(math.any(isBelow), again);
  });
  // Infinite terms leave no rest.
  return { from, sum: { high: sum.high, low: finiteOr(math, sum.low, 0) } };
}

export function variablePair(math: LaneMath): Pair {
  const zero = () => math.context.code.variable("v128", math.vector(0));
  return { high: zero(), low: zero() };
}

export function assignPair({ context: { code } }: LaneMath, to: Pair, { high, low }: Pair): void {
  code.assign(to.high, high);
  code.assign(to.low, low);
}

/** x, or another number where it is infinite or NaN. */
export function finiteOr(math: LaneMath, x: Vector, other: Term): Vector {
  return math.select(math.less(math.absolute(x), Infinity), x, other);
}

/** 1 / x */
export function inverseOf(math: LaneMath, x: Pair): Pair {
  const high = math.divide(1, x.high);
  const product = twoProduct(math, high, x.high);
  const rest = math.subtract(math.subtract(1, product.high), product.low);
  const low = math.multiply(math.subtract(rest, math.multiply(high, x.low)), high);
  // An infinite inverse leaves no rest.
  return { high, low: finiteOr(math, low, 0) };
}
