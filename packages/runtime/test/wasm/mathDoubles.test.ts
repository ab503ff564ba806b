import type { BinaryFunction, UnaryFunction } from "@adjoint/graph";
import { mathRunner } from "./mathRunner.js";
import { type Big, big } from "./precise/big.js";
import * as elementary from "./precise/elementary.js";
import * as special from "./precise/special.js";
import { double, ulpsFrom } from "./ulps.js";
import { detectFeatures } from "../../src/wasm/engine.js";

/** Numbers in [0, 1) with all 53 bits. */
function generator(): () => number {
  let state = 12345;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return () => (next() + next() / 2 ** 32) % 1;
}

const random = generator();
const between = (low: number, high: number) => low + (high - low) * random();
const near = (x: number) => x * (1 + (random() - 0.5) * 2 ** -Math.floor(random() * 50));
/** Of any exponent, denormals too. */
function anySize(): number {
  const exponent = Math.floor(random() * 2097) - 1074;
  const half = Math.trunc(exponent / 2);
  return (1 + random()) * 2 ** half * 2 ** (exponent - half);
}
const anyNumber = () => (random() < 0.5 ? -1 : 1) * anySize();
const angles = () => [
  between(-10, 10),
  near((Math.round(random() * 100 + 1) * Math.PI) / 2),
  between(-1e6, 1e6),
  anyNumber(),
];
const inUnit = (x: number) => Math.abs(x) < 1;

/**
 * One function: some arguments each time, the true value, and the largest error in units in the
 * last place.
 */
interface Row {
  readonly arguments: () => readonly number[];
  readonly domain?: (x: number) => boolean;
  readonly value: (x: Big) => Big;
  /** The largest of 40,000 arguments, and a little. */
  readonly bound: number;
}

const below = (size: number) => (x: number) => Math.abs(x) < size;

const rows: { readonly [F in UnaryFunction]?: Row } = {
  exp: {
    arguments: () => [between(-745, 709.7), between(-1, 1), anyNumber()],
    domain: below(2000),
    value: elementary.exp,
    bound: 0.85,
  },
  expm1: {
    arguments: () => [between(-38, 40), between(-1, 1), near(0.3466), anyNumber()],
    domain: below(2000),
    value: elementary.expm1,
    bound: 1.35,
  },
  log: { arguments: () => [anySize(), near(1), between(0, 9)], value: elementary.log, bound: 0.8 },
  log2: {
    arguments: () => [anySize(), near(1), between(0, 9)],
    value: elementary.log2,
    bound: 0.51,
  },
  log10: {
    arguments: () => [anySize(), near(1), between(0, 9)],
    value: elementary.log10,
    bound: 0.51,
  },
  log1p: {
    arguments: () => [anySize(), -random(), near(-0.29289), near(0.41421), near(1e-5)],
    domain: (x) => x > -1,
    value: elementary.log1p,
    bound: 0.9,
  },
  cbrt: { arguments: () => [anyNumber(), between(1, 8)], value: elementary.cbrt, bound: 0.7 },
  sin: { arguments: angles, value: elementary.sin, bound: 0.8 },
  cos: { arguments: angles, value: elementary.cos, bound: 0.8 },
  tan: { arguments: angles, value: elementary.tan, bound: 0.9 },
  asin: {
    arguments: () => [between(-1, 1), near(0.5), 1 - near(1e-8), anyNumber()],
    domain: inUnit,
    value: elementary.asin,
    bound: 0.85,
  },
  acos: {
    arguments: () => [between(-1, 1), near(0.5), near(-0.5), 1 - near(1e-8)],
    domain: inUnit,
    value: elementary.acos,
    bound: 0.95,
  },
  atan: {
    arguments: () => [between(-4, 4), anyNumber(), near(7 / 16), near(11 / 16), near(2.4375)],
    value: elementary.atan,
    bound: 0.9,
  },
  sinh: {
    arguments: () => [between(-2, 2), between(-711, 711), near(1), near(709), anyNumber()],
    domain: below(2000),
    value: elementary.sinh,
    bound: 0.9,
  },
  cosh: {
    arguments: () => [between(-2, 2), between(-711, 711), near(709), anyNumber()],
    domain: below(2000),
    value: elementary.cosh,
    bound: 0.9,
  },
  tanh: {
    arguments: () => [between(-2, 2), between(-20, 20), near(0.625), anyNumber()],
    domain: below(2000),
    value: elementary.tanh,
    bound: 1.4,
  },
  asinh: {
    arguments: () => [between(-3, 3), near(0.5), between(-100, 100), anyNumber()],
    value: elementary.asinh,
    bound: 0.7,
  },
  acosh: {
    arguments: () => [between(1, 3), 1 + near(1e-6), 1 + anySize(), near(2)],
    domain: (x) => x >= 1,
    value: elementary.acosh,
    bound: 1.25,
  },
  atanh: {
    arguments: () => [between(-1, 1), near(0.5), 1 - near(1e-7), anyNumber()],
    domain: inUnit,
    value: elementary.atanh,
    bound: 0.75,
  },
  sigmoid: {
    arguments: () => [between(-40, 40), between(-4, 4), between(-745, 0), anyNumber()],
    domain: below(2000),
    value: elementary.sigmoid,
    bound: 1.35,
  },
  erf: {
    arguments: () => [between(-6, 6), between(-1, 1), near(0.84375), anyNumber()],
    domain: below(12),
    value: special.erf,
    bound: 0.95,
  },
  erfc: {
    arguments: () => [between(-6, 6), between(0, 27.3), near(0.4375), between(0.4, 1)],
    value: special.erfc,
    bound: 1.6,
  },
  erfinv: {
    arguments: () => [between(-1, 1), near(0.75), 1 - near(1e-9), anyNumber()],
    domain: inUnit,
    value: special.erfinv,
    bound: 1,
  },
  gamma: {
    arguments: () => [between(0, 25), between(20, 171.7), near(23), between(-184, 0), near(1e-8)],
    value: special.gamma,
    bound: 1,
  },
  lgamma: {
    arguments: () => [between(0, 5), between(5, 50), anySize(), near(1), near(2), near(23)],
    // Their logarithms are 0 exactly.
    domain: (x) => x !== 1 && x !== 2,
    value: special.lgamma,
    bound: 1.6,
  },
};

const count = 160;

function argumentsOf({ arguments: some, domain = () => true }: Row): readonly number[] {
  const x: number[] = [];
  while (x.length < count) x.push(...some().filter((one) => Number.isFinite(one) && domain(one)));
  return x;
}

/** Where a result is too far from the true value; empty if none is. */
function tooFar(
  got: ArrayLike<number>,
  x: readonly (readonly number[])[],
  value: (...x: readonly Big[]) => Big,
  bound: number,
): string {
  for (const [i, one] of x.entries()) {
    const ulps = ulpsFrom(got[i] ?? 0, value(...one.map(big)), double);
    if (!(ulps <= bound)) return `${one.join()}: ${got[i]} is off by ${ulps}`;
  }
  return "";
}

interface BinaryRow {
  readonly arguments: () => readonly [number, number];
  readonly value: (a: Big, b: Big) => Big;
  readonly bound: number;
}

function powArguments(): readonly [number, number] {
  const a = random() < 0.5 ? between(0, 10) : anySize();
  const b = random() < 0.5 ? between(-745, 709.7) / Math.log(a) : between(-5, 5);
  return Math.abs(b * Math.log(a)) < 1000 ? [a, b] : [a, 0.5];
}

function points(): readonly [number, number] {
  const a = random() < 0.5 ? between(-3, 3) : anyNumber();
  const b = a * between(-3, 3);
  return [a, Number.isFinite(b) && b !== 0 ? b : a];
}

const binaryRows: { readonly [F in BinaryFunction]?: BinaryRow } = {
  pow: { arguments: powArguments, value: elementary.pow, bound: 0.9 },
  atan2: { arguments: points, value: elementary.atan2, bound: 1.4 },
  hypot: { arguments: points, value: elementary.hypot, bound: 1 },
};

function entriesOf<K extends string, V>(table: { readonly [F in K]?: V }): [K, V][] {
  const entries: [K, V][] = [];
  for (const key in table) {
    const value = table[key];
    if (value !== undefined) entries.push([key, value]);
  }
  return entries;
}

const variants = [false, true].filter((relaxed) => !relaxed || detectFeatures().relaxed);

describe.each(variants)("doubles, fused multiply-add: %s", (relaxed) => {
  const runner = mathRunner("f64x2", relaxed);

  test.each(entriesOf(rows))("%s is within its bound of 2 units or less", (fn, row) => {
    const x = argumentsOf(row);
    const got = runner.unary(fn, x);
    expect(
      tooFar(
        got,
        x.map((one) => [one]),
        (one = big(0)) => row.value(one),
        row.bound,
      ),
    ).toBe("");
  });

  test.each(entriesOf(binaryRows))("%s is within its bound of 2 units or less", (fn, row) => {
    const x = Array.from({ length: count }, row.arguments);
    const got = runner.binary(
      fn,
      x.map(([a]) => a),
      x.map(([, b]) => b),
    );
    const value = (a = big(0), b = big(0)) => row.value(a, b);
    expect(tooFar(got, x, value, row.bound)).toBe("");
  });

  test("lgamma of negative numbers has a small absolute error, at its zeros too", () => {
    const x = Array.from({ length: count }, () => -between(0, 30));
    const got = runner.unary("lgamma", [...x, -2.4570247382208006]);
    for (const [i, one] of x.entries()) {
      const wanted = special.lgamma(big(one));
      expect(Math.abs(ulpsAtLeastOne(got[i] ?? 0, wanted))).toBeLessThan(1.5);
    }
  });

  test("digamma has a small error for positive numbers, absolute at its zero", () => {
    const x = [
      ...Array.from({ length: count }, () => [between(0, 20), near(10), anySize()]).flat(),
      1.4616321449683622,
    ];
    const got = runner.binary(
      "polygamma",
      x.map(() => 0),
      x,
    );
    for (const [i, one] of x.entries()) {
      const wanted = special.polygamma(0, big(one));
      expect(Math.abs(ulpsAtLeastOne(got[i] ?? 0, wanted))).toBeLessThan(2);
    }
  });

  test.each([1, 2, 3, 10, 22, 40])("polygamma %i is within 2 units for positive numbers", (n) => {
    const x = Array.from({ length: 40 }, () => [between(0, 40), near(n + 11), anySize()]).flat();
    const got = runner.binary(
      "polygamma",
      x.map(() => n),
      x,
    );
    const value = (one = big(0)) => special.polygamma(n, one);
    expect(
      tooFar(
        got,
        x.map((one) => [one]),
        value,
        2,
      ),
    ).toBe("");
  });
});

/** The error in units of the true value or of 1, whichever is larger. */
function ulpsAtLeastOne(got: number, wanted: Big): number {
  const ulps = ulpsFrom(got, wanted, double);
  const size = Math.abs(got);
  return size >= 1 ? ulps : ulps * Math.min(1, 2 ** (Math.floor(Math.log2(size)) + 1));
}
