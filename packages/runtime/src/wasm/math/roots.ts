import { cbrtStart } from "../../math/coefficients.js";
import type { LaneMath, Vector } from "./laneMath.js";
import { rounded, twoProduct, twoSum } from "./pairs.js";

/** 2^(1/3) and 2^(2/3). */
const cubeRoots = [1.2599210498948732, 1.5874010519681994] as const;
const integers = 2 ** 52;

/**
 * The cube root, in doubles. x = 2^(3 q + r) m with 1 <= m < 2 starts from a polynomial in m;
 * Halley's method triples its 16 bits, and a Newton step whose residual is exact rounds it (W.
 * Kahan's idea, as in FreeBSD's s_cbrt.c).
 */
export function cbrt(math: LaneMath, x: Vector): Vector {
  const size = math.absolute(x);
  const isDenormal = math.less(size, math.format.smallestNormal);
  const normal = math.select(isDenormal, math.multiply(size, 2 ** 54), size);
  const biased = math.shiftRight(normal, 52);
  const asNumber = math.subtract(math.or(biased, math.vector(integers)), integers);
  // The bias 1023 is a multiple of 3, as are 54 and 1200.
  const third = math.multiplyAdd(asNumber, 1 / 3, 0.1);
  const power = math.floor(third);
  const rest = math.subtract(asNumber, math.multiply(power, 3));
  const fraction = math.and(normal, math.bits(0xfffffffffffffn));
  const mantissa = math.or(fraction, math.vector(1));
  const root = math.multiply(
    math.polynomial(mantissa, cbrtStart),
    factorOf(math, rest, [1, ...cubeRoots]),
  );
  const radicand = math.multiply(mantissa, factorOf(math, rest, [1, 2, 4]));
  const result = refine(math, root, radicand);
  // 2^(power - 341), with 18 less for denormals.
  const down = math.and(isDenormal, math.vector(18));
  const exponent = math.add(math.subtract(math.subtract(power, 341), down), integers + 1023);
  const scaled = math.multiply(result, math.shiftLeft(exponent, 52));
  const isOrdinary = math.and(math.less(0, size), math.less(size, Infinity));
  return math.select(isOrdinary, math.withSign(scaled, x), x);
}

/** The factor for a rest of 0, 1 or 2. */
function factorOf(
  math: LaneMath,
  rest: Vector,
  factors: readonly [number, number, number],
): Vector {
  const notTwo = math.select(math.equal(rest, 1), factors[1], factors[0]);
  return math.select(math.equal(rest, 2), factors[2], notTwo);
}

function refine(math: LaneMath, start: Vector, x: Vector): Vector {
  const cube = math.multiply(math.multiply(start, start), start);
  const halley = math.divide(math.subtract(x, cube), math.add(math.add(cube, cube), x));
  const near = math.multiplyAdd(start, halley, start);
  // 26 bits: the square is exact.
  const root = math.and(near, math.bits(-(1n << 27n)));
  const square = math.multiply(root, root);
  const residual = math.divide(
    math.subtract(math.divide(x, square), root),
    math.add(math.add(root, root), math.divide(x, square)),
  );
  return math.multiplyAdd(root, residual, root);
}

/**
 * sqrt(a^2 + b^2) of doubles, scaled so that no square overflows or vanishes; infinite where either
 * is.
 */
export function hypot(math: LaneMath, a: Vector, b: Vector): Vector {
  const first = math.absolute(a);
  const second = math.absolute(b);
  const largest = math.atLeast(first, second);
  const smallest = math.atMost(first, second);
  const isHuge = math.less(2 ** 500, largest);
  const isTiny = math.less(largest, 2 ** -450);
  const scale = math.select(isHuge, 2 ** -600, math.select(isTiny, 2 ** 600, 1));
  const back = math.select(isHuge, 2 ** 600, math.select(isTiny, 2 ** -600, 1));
  const x = math.multiply(largest, scale);
  const y = math.multiply(smallest, scale);
  const square = twoProduct(math, x, x);
  const sum = twoSum(math, square.high, math.multiply(y, y));
  const total = rounded(math, { high: sum.high, low: math.add(sum.low, square.low) });
  const value = math.multiply(math.squareRoot(total), back);
  const isInfinite = math.or(math.equal(first, Infinity), math.equal(second, Infinity));
  const isUndefined = math.or(math.isNaN(a), math.isNaN(b));
  return math.select(isInfinite, Infinity, math.select(isUndefined, NaN, value));
}

/** Of singles held as doubles, whose squares neither overflow nor vanish. */
export function hypotOfSingles(math: LaneMath, a: Vector, b: Vector): Vector {
  const sum = math.multiplyAdd(a, a, math.multiply(b, b));
  const value = math.squareRoot(sum);
  const first = math.equal(math.absolute(a), Infinity);
  const second = math.equal(math.absolute(b), Infinity);
  return math.select(math.or(first, second), Infinity, value);
}
