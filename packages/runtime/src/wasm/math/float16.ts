import { demote, evenWords, promote } from "./halves.js";
import type { LaneMath, Vector } from "./laneMath.js";

/** From here on numbers are rounded to infinity: half a unit above the largest float16. */
const tooLarge = 65520;
const smallestNormal = 2 ** -14;
/** Sums of this and a denormal float16 have its last bit for their last one. */
const denormalShift = 2 ** -1;
/** Between the exponents of the two formats. */
const bias = 112;

/** Singles rounded to the nearest float16, ties to even, and held as singles. */
export function roundToHalf(math: LaneMath, x: Vector): Vector {
  const size = math.absolute(x);
  const lastBit = math.and(math.shiftRight(size, 13), math.bits(1n));
  const raised = math.addBits(math.addBits(size, math.bits(0xfffn)), lastBit);
  const normal = math.and(raised, math.bits(~0x1fffn));
  const denormal = math.subtract(math.add(size, denormalShift), denormalShift);
  const finite = math.select(math.less(size, smallestNormal), denormal, normal);
  // Infinity, and NaN of NaN.
  const beyond = math.multiply(size, Infinity);
  return math.withSign(math.select(math.less(size, tooLarge), finite, beyond), x);
}

/** Singles that the raw bits of float16, in lanes of 32 bits, stand for. */
export function decodeHalves(math: LaneMath, bits: Vector): Vector {
  const size = math.and(bits, math.bits(0x7fffn));
  const small = math.multiply(math.shiftLeft(size, 13), 2 ** bias);
  // Exponents from here on are those of infinities and NaN.
  const endless = math.lessOrEqual(2 ** 16, small);
  const value = math.or(small, math.and(endless, math.bits(0x7f800000n)));
  return math.or(value, math.shiftLeft(math.subtractBits(bits, size), 16));
}

/** The raw bits, in lanes of 32 bits, of singles that float16 has. */
export function encodeHalves(math: LaneMath, x: Vector): Vector {
  const small = math.multiply(math.absolute(x), 2 ** -bias);
  // The exponents of infinities and NaN have lost their upper bits then.
  const size = math.and(math.shiftRight(small, 13), math.bits(0x7fffn));
  return math.or(size, math.and(math.shiftRight(x, 16), math.bits(0x8000n)));
}

/**
 * Singles that round to the same float16 as the doubles do: of those that are not exact, the
 * neighbour whose last bit is 1. S. Boldo, G. Melquiond, When double rounding is odd, IMACS 2005.
 */
export function demoteToOdd(math: LaneMath, low: Vector, high: Vector): Vector {
  const { code } = math.context;
  const doubles = math.doubles();
  const nearest = demote(math, low, high);
  const [backLow, backHigh] = promote(math, nearest);
  const masks = (compare: (back: Vector, x: Vector) => Vector) =>
    code.shuffle(compare(backLow, low), compare(backHigh, high), evenWords);
  const isLarger = masks((back, x) => doubles.less(doubles.absolute(x), doubles.absolute(back)));
  const isInexact = masks((back, x) => doubles.notEqual(back, x));
  // A mask is -1 as an integer.
  return math.or(math.addBits(nearest, isLarger), math.and(isInexact, math.bits(1n)));
}
