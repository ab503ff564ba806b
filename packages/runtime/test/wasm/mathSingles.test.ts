import type { BinaryFunction, UnaryFunction } from "@adjoint/graph";
import { binaryLoops, unaryLoops } from "../../src/kernels/scalarTables.js";
import { mathRunner } from "./mathRunner.js";
import { singleUlpsFrom } from "./ulps.js";
import { detectFeatures } from "../../src/wasm/engine.js";

/** Right up to the rounding of the double that the result is compared with. */
const rounded = 0.501;

/**
 * Largest errors in units in the last place against doubles: the largest of 2^19 arguments of all
 * exponents, and a little.
 */
const unaryBounds: { readonly [F in UnaryFunction]: number } = {
  neg: 0,
  abs: 0,
  sign: 0,
  ceil: 0,
  floor: 0,
  round: 0,
  rint: 0,
  trunc: 0,
  exp: 0.95,
  expm1: 1.4,
  log: 0.85,
  log1p: 0.85,
  log2: rounded,
  log10: rounded,
  sqrt: rounded,
  cbrt: rounded,
  sin: 1.6,
  cos: 1.6,
  tan: rounded,
  asin: rounded,
  acos: rounded,
  atan: rounded,
  sinh: rounded,
  cosh: rounded,
  tanh: 1.4,
  asinh: rounded,
  acosh: rounded,
  atanh: rounded,
  sigmoid: 1.4,
  erf: 1.4,
  erfc: rounded,
  erfinv: rounded,
  gamma: rounded,
  lgamma: rounded,
  not: 0,
  isNaN: 0,
};

type Arithmetic = Exclude<
  BinaryFunction,
  "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "and" | "or" | "xor"
>;

const binaryBounds: { readonly [F in Arithmetic]: number } = {
  add: rounded,
  sub: rounded,
  mul: rounded,
  div: rounded,
  mod: rounded,
  pow: rounded,
  max: 0,
  min: 0,
  atan2: rounded,
  hypot: rounded,
  polygamma: rounded,
};

function keysOf<K extends string>(table: { readonly [F in K]: number }): K[] {
  const keys: K[] = [];
  for (const key in table) keys.push(key);
  return keys;
}

/** Bit patterns of all signs and exponents, and numbers of ordinary size. */
function sweep(): Float32Array {
  const spread = 1 << 16;
  const usual = 1 << 15;
  const x = new Float32Array(spread + usual);
  const bits = new Uint32Array(x.buffer);
  for (let i = 0; i < spread; i++) bits[i] = i * 0x10000 + ((i * 40503) % 0x10000);
  for (let i = 0; i < usual; i++)
    x[spread + i] = ((i * 0.6180339887498949) % 1) * 2 ** ((i % 8) - 2);
  for (let i = spread; i < x.length; i += 2) x[i] = -(x[i] ?? 0);
  return x;
}

interface Worst {
  readonly ulps: number;
  readonly at: string;
}

function worst(got: ArrayLike<number>, wanted: Float64Array, at: (i: number) => string): Worst {
  let largest: Worst = { ulps: 0, at: "" };
  for (let i = 0; i < wanted.length; i++) {
    const ulps = singleUlpsFrom(got[i] ?? 0, wanted[i] ?? 0);
    if (ulps > largest.ulps) largest = { ulps, at: `${at(i)}: ${got[i]} for ${wanted[i]}` };
  }
  return largest;
}

const variants = [false, true].filter((relaxed) => !relaxed || detectFeatures().relaxed);

describe.each(variants)("singles, fused multiply-add: %s", (relaxed) => {
  const runner = mathRunner("f32x4", relaxed);
  const x = sweep();

  test.each(keysOf(unaryBounds))("%s is right over all exponents", (fn) => {
    // A mask is NaN as a number: read as a truth value.
    const isMask = fn === "not" || fn === "isNaN";
    const got = isMask
      ? runner.unary(fn, x).map((one) => (Number.isNaN(one) ? 1 : 0))
      : runner.unary(fn, x);
    const wanted = new Float64Array(x.length);
    unaryLoops[fn](new Float64Array(x), wanted, x.length);
    const largest = worst(got, wanted, (i) => String(x[i]));
    expect(largest.ulps <= unaryBounds[fn] ? "" : largest.at).toBe("");
  });

  test.each(keysOf(binaryBounds))("%s is right for pairs of all sizes", (fn) => {
    const count = 1 << 14;
    const order = (i: number) => (fn === "polygamma" ? i % 4 : (x[(i * 7919) % x.length] ?? 0));
    const a = Float32Array.from({ length: count }, (_, i) => order(i));
    // Every other exponent so that powers and quotients are often finite.
    const b = Float32Array.from({ length: count }, (_, i) => {
      const value = x[(i * 104729 + 13) % x.length] ?? 0;
      const size = fn === "polygamma" ? 50 : 2 ** (i % 12);
      return i % 2 === 0 && fn !== "polygamma" ? value : ((value * 1e3) % 1 || 0.5) * size;
    });
    const wanted = new Float64Array(count);
    binaryLoops[fn](new Float64Array(a), new Float64Array(b), wanted, count);
    const largest = worst(runner.binary(fn, a, b), wanted, (i) => `${a[i]}, ${b[i]}`);
    expect(largest.ulps <= binaryBounds[fn] ? "" : largest.at).toBe("");
  });
});
