import {
  add,
  type Big,
  big,
  divide,
  leadingExponent,
  multiply,
  subtract,
  toNumber,
} from "../../packages/runtime/test/wasm/precise/big.js";
import { lgamma, polygamma } from "../../packages/runtime/test/wasm/precise/special.js";

/** Zeros of a function, each with the Taylor series around it. */
export interface ZeroTable {
  readonly name: string;
  readonly description: string;
  /** The zero and the coefficient of the first power in two parts each, then the other coefficients. */
  readonly rows: readonly (readonly number[])[];
}

function zeroNear(start: Big, value: (x: Big) => Big, slope: (x: Big) => Big): Big {
  let x = start;
  for (let round = 0; round < 60; round++) {
    const step = divide(value(x), slope(x));
    x = subtract(x, step);
    if (step.mantissa === 0n || leadingExponent(step) < leadingExponent(x) - 160) return x;
  }
  throw new Error(`no zero near ${toNumber(start)}`);
}

function inTwo(x: Big): readonly [number, number] {
  const high = toNumber(x);
  return [high, toNumber(subtract(x, big(high)))];
}

/** The m-th derivative of log Gamma is that of order m - 1 of digamma. */
function rowOf(zero: Big, differentiated: number, powers: number): readonly number[] {
  let factorial = big(1);
  const coefficients = Array.from({ length: powers }, (_, k) => {
    factorial = multiply(factorial, big(k + 1));
    return divide(polygamma(differentiated + k, zero), factorial);
  });
  const [first = big(0), ...others] = coefficients;
  return [...inTwo(zero), ...inTwo(first), ...others.map(toNumber)];
}

/** Close to -k, |Gamma(-k + f)| is 1 / (k! |f|). */
function logGammaZero(k: number, side: 1 | -1): Big {
  let factorial = big(side);
  for (let i = 2; i <= k; i++) factorial = multiply(factorial, big(i));
  const far = new Map([
    [-2, big(-2.457)],
    [3, big(-2.7477)],
  ]).get(k * side);
  const start = far ?? add(big(-k), divide(big(1), factorial));
  return zeroNear(start, lgamma, (x) => polygamma(0, x));
}

/** The only one above 0, else that between -k and 1 - k; C. Hermite's guess. */
function digammaZero(k: number): Big {
  const start = k === 0 ? 1.46 : k === 1 ? -0.504 : -k + Math.atan(Math.PI / Math.log(k)) / Math.PI;
  return zeroNear(
    big(start),
    (x) => polygamma(0, x),
    (x) => polygamma(1, x),
  );
}

const integers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

export const zeroTables: readonly ZeroTable[] = [
  {
    name: "logGammaZeros",
    description:
      "log |Gamma|: below -2, then above and below -3, ..., -17; beyond no double but a pole is near one",
    rows: [
      rowOf(logGammaZero(2, -1), 0, 11),
      ...integers(3, 17).flatMap((k) => [
        rowOf(logGammaZero(k, 1), 0, 11),
        rowOf(logGammaZero(k, -1), 0, 11),
      ]),
    ],
  },
  {
    name: "digammaZeros",
    description: "digamma: above 0, then between -1 and 0, -2 and -1, ..., -32 and -31",
    rows: integers(0, 32).map((k) => rowOf(digammaZero(k), 1, 9)),
  },
];
