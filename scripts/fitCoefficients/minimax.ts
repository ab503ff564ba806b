import {
  absolute,
  add,
  type Big,
  big,
  compare,
  divide,
  multiply,
  negate,
  sign,
  subtract,
  toNumber,
} from "../../packages/runtime/test/wasm/precise/big.js";

/** A polynomial of the given degree that is to approximate `value` on [low, high]. */
export interface Problem {
  readonly value: (t: Big) => Big;
  /** What an error of 1 in the polynomial means for the result; not 0 but at the ends. */
  readonly weight: (t: Big) => Big;
  readonly low: number;
  readonly high: number;
  readonly degree: number;
}

interface Sample {
  readonly t: Big;
  readonly value: Big;
  readonly weight: Big;
}

export interface Minimax {
  readonly coefficients: readonly number[];
  /** The largest weighted error. */
  readonly error: number;
}

/**
 * The polynomial with the smallest largest weighted error, by Remez' exchange algorithm on a grid
 * (E. W. Cheney, Introduction to Approximation Theory, 1966, chapter 3).
 */
export function minimax(problem: Problem): Minimax {
  const { degree } = problem;
  const grid = sample(problem, 24 * (degree + 2));
  let chosen = spread(grid, degree + 2);
  for (let round = 0; round < 40; round++) {
    const { coefficients, level } = interpolate(chosen, degree);
    const errors = grid.map((one) => weightedError(coefficients, one));
    const extremes = alternating(errors, degree + 2);
    const largest = Math.max(...errors.map((error) => Math.abs(toNumber(error))));
    if (largest < 1.001 * Math.abs(toNumber(level)) || round === 39) {
      return { coefficients: coefficients.map(toNumber), error: largest };
    }
    chosen = extremes.flatMap((position) => grid[position] ?? []);
  }
  throw new Error("unreachable");
}

/** Denser towards the ends, which are left out. */
function sample({ value, weight, low, high }: Problem, count: number): readonly Sample[] {
  return Array.from({ length: count }, (_, k) => {
    const position = (1 - Math.cos((Math.PI * (k + 0.5)) / count)) / 2;
    const t = big(low + (high - low) * position);
    return { t, value: value(t), weight: absolute(weight(t)) };
  });
}

function spread(grid: readonly Sample[], count: number): readonly Sample[] {
  return Array.from({ length: count }, (_, k) => {
    return grid[Math.round((k * (grid.length - 1)) / (count - 1))] ?? [];
  }).flat();
}

function weightedError(coefficients: readonly Big[], { t, value, weight }: Sample): Big {
  let sum = big(0);
  for (const coefficient of [...coefficients].reverse()) sum = add(multiply(sum, t), coefficient);
  return multiply(subtract(sum, value), weight);
}

/** Coefficients whose weighted error is +level, -level, ... at the samples. */
function interpolate(samples: readonly Sample[], degree: number) {
  const rows = samples.map(({ t, value, weight }, k) => {
    const row = [big(1)];
    for (let power = 1; power <= degree; power++) row.push(multiply(row[power - 1] ?? t, t));
    const unit = divide(big(1), weight);
    return [...row, k % 2 === 0 ? unit : negate(unit), value];
  });
  const solution = solve(rows);
  return { coefficients: solution.slice(0, -1), level: solution.at(-1) ?? big(0) };
}

/** Gaussian elimination; the right side is the last column. */
function solve(rows: readonly Big[][]): readonly Big[] {
  const entry = (row: number, column: number) => rows[row]?.[column] ?? big(0);
  const size = rows.length;
  const order = rows.map((_, k) => k);
  for (let column = 0; column < size; column++) {
    const rest = order.slice(column);
    const pivot = rest.reduce((best, row) =>
      compare(absolute(entry(row, column)), absolute(entry(best, column))) > 0 ? row : best,
    );
    order.splice(order.indexOf(pivot), 1);
    order.splice(column, 0, pivot);
    for (const row of order) {
      if (row === pivot) continue;
      const factor = divide(entry(row, column), entry(pivot, column));
      if (factor.mantissa === 0n) continue;
      const values = rows[row] ?? [];
      for (let k = column; k <= size; k++) {
        values[k] = subtract(entry(row, k), multiply(factor, entry(pivot, k)));
      }
    }
  }
  return order.map((row, k) => divide(entry(row, size), entry(row, k)));
}

/** Positions of extremes with alternating signs, `count` of them next to each other. */
function alternating(errors: readonly Big[], count: number): readonly number[] {
  const extremes: number[] = [];
  for (const [position, error] of errors.entries()) {
    const last = extremes.at(-1);
    const previous = last === undefined ? undefined : errors[last];
    if (previous === undefined || sign(previous) !== sign(error)) extremes.push(position);
    else if (compare(absolute(error), absolute(previous)) > 0) extremes.splice(-1, 1, position);
  }
  const size = (position: number | undefined) =>
    Math.abs(toNumber(errors[position ?? 0] ?? big(0)));
  while (extremes.length > count) {
    if (size(extremes[0]) < size(extremes.at(-1))) extremes.shift();
    else extremes.pop();
  }
  return extremes;
}
