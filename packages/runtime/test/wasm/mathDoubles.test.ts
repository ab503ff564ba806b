import type { BinaryFunction, UnaryFunction } from "@adjoint/graph";
import { digammaZeros, logGammaZeros } from "../../src/math/zeros.js";
import { interpreterRunner, mathRunner, type Runner } from "./mathRunner.js";
import { type Big, big, subtract, toNumber } from "./precise/big.js";
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
    arguments: () => [
      between(0, 5),
      between(5, 50),
      anySize(),
      near(1),
      near(2),
      near(23),
      -between(0, 20),
      -between(0, 1e3),
      -near(Math.ceil(between(0, 30))),
    ],
    // Their logarithms are 0 exactly.
    domain: (x) => x !== 1 && x !== 2 && !(x < 0 && Number.isInteger(x)),
    value: special.lgamma,
    bound: 1,
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

/** A zero of a table and the doubles around it, ever farther off. */
function aroundZeros(rows: readonly (readonly number[])[]): readonly number[] {
  return rows.flatMap(([zero = 0]) => {
    const unit = 2 ** (Math.floor(Math.log2(Math.abs(zero))) - 52);
    const steps = [0, 1, 3, 10, 1e3, 1e6, 1e9, 1e12, 3e13].flatMap((one) => [-one, one]);
    return steps.map((one) => zero + one * unit).filter((x) => !Number.isInteger(x));
  });
}

/** Between two poles of polygamma: numbers of all distances from the poles, and from the middle. */
const betweenPoles = (lowest: number) => {
  const pole = Math.ceil(between(lowest, 0));
  const places = [between(0, 1), near(0.5), 2 ** -between(1, 40), 1 - 2 ** -between(1, 40)];
  return places.map((place) => pole - place);
};

interface Variant {
  readonly name: string;
  readonly runner: () => Runner;
  /** The interpreter takes what the engine has for most functions. */
  readonly isOurs: boolean;
}

const variants: readonly Variant[] = [
  { name: "generated code", runner: () => mathRunner("f64x2", false), isOurs: true },
  ...(detectFeatures().relaxed
    ? [{ name: "fused multiply-add", runner: () => mathRunner("f64x2", true), isOurs: true }]
    : []),
  { name: "interpreter", runner: interpreterRunner, isOurs: false },
];

describe.each(variants)("doubles, $name", ({ runner: makeRunner, isOurs }) => {
  const runner = makeRunner();
  const boundOf = (bound: number) => (isOurs ? bound : 2);

  const polygammaIsNear = (n: number, x: readonly number[], bound: number) => {
    const got = runner.binary(
      "polygamma",
      x.map(() => n),
      x,
    );
    const ones = x.map((one) => [one]);
    expect(tooFar(got, ones, (one = big(0)) => special.polygamma(n, one), bound)).toBe("");
  };

  test.each(entriesOf(rows))("%s is within its bound of 2 units or less", (fn, row) => {
    const x = argumentsOf(row);
    const got = runner.unary(fn, x);
    const ones = x.map((one) => [one]);
    expect(tooFar(got, ones, (one = big(0)) => row.value(one), boundOf(row.bound))).toBe("");
  });

  test.each(entriesOf(binaryRows))("%s is within its bound of 2 units or less", (fn, row) => {
    const x = Array.from({ length: count }, row.arguments);
    const got = runner.binary(
      fn,
      x.map(([a]) => a),
      x.map(([, b]) => b),
    );
    const value = (a = big(0), b = big(0)) => row.value(a, b);
    expect(tooFar(got, x, value, boundOf(row.bound))).toBe("");
  });

  test("lgamma keeps its digits next to its zeros below 0", () => {
    const x = aroundZeros(logGammaZeros);
    const got = runner.unary("lgamma", x);
    const ones = x.map((one) => [one]);
    expect(tooFar(got, ones, (one = big(0)) => special.lgamma(one), 1.2)).toBe("");
  });

  test("digamma is within its bound, from the 32nd pole up next to its zeros too", () => {
    const x = Array.from({ length: 50 }, () => [
      ...[between(0, 20), near(10), anySize(), ...betweenPoles(-31)],
    ]).flat();
    polygammaIsNear(0, [...x, ...aroundZeros(digammaZeros)], 1.2);
  });

  test("digamma below has an error of 2 units, or of 2^-57 next to its zeros", () => {
    const x = Array.from({ length: 40 }, () => betweenPoles(-95)).flat();
    // Next to zeros: where pi cot(pi x) is log |x|, nearly.
    const close = Array.from({ length: 60 }, (_, k) => {
      const size = 33 + k;
      return -size + Math.atan(Math.PI / Math.log(size)) / Math.PI + between(-1e-3, 1e-3);
    });
    const all = [...x, ...close];
    const got = runner.binary(
      "polygamma",
      all.map(() => 0),
      all,
    );
    for (const [i, one] of all.entries()) {
      const wanted = special.polygamma(0, big(one));
      const distance = Math.abs(toNumber(subtract(big(got[i] ?? 0), wanted)));
      const ulps = ulpsFrom(got[i] ?? 0, wanted, double);
      expect([one, ulps <= 2 || distance < 2 ** -57]).toEqual([one, true]);
    }
  });

  test.each([1, 2, 3, 10, 22, 40])("polygamma %i is within 2 units for positive numbers", (n) => {
    polygammaIsNear(
      n,
      Array.from({ length: 40 }, () => [between(0, 40), near(n + 11), anySize()]).flat(),
      2,
    );
  });

  test.each([1, 3, 5, 9])("polygamma %i, of odd order, is within 2 units below 0", (n) => {
    polygammaIsNear(n, Array.from({ length: 20 }, () => betweenPoles(-90)).flat(), 2);
  });

  test.each([2, 4, 8])(
    "polygamma %i, of even order, has an error of 2 units, or of 2^-62 of its largest term",
    (n) => {
      const x = Array.from({ length: 20 }, () => betweenPoles(-90)).flat();
      const got = runner.binary(
        "polygamma",
        x.map(() => n),
        x,
      );
      for (const [i, one] of x.entries()) {
        const wanted = special.polygamma(n, big(one));
        const ulps = ulpsFrom(got[i] ?? 0, wanted, double);
        const distance = Math.abs(toNumber(subtract(big(got[i] ?? 0), wanted)));
        const largest = factorial(n) * Math.abs(one - Math.round(one)) ** -(n + 1);
        expect([one, ulps <= 2 || distance < 2 ** -62 * largest]).toEqual([one, true]);
      }
    },
  );
});

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}
