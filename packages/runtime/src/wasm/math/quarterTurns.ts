import type { FunctionBuilder, FunctionRef } from "../assembler/functionBuilder.js";
import type { Value } from "../assembler/value.js";
import { lowerHalves } from "./halves.js";
import type { LaneMath, Vector } from "./laneMath.js";
import type { MathContext } from "./mathContext.js";

type Long = Value<"i64">;

/** Zero bits before those of 2 / pi, so that small exponents need no case of their own. */
const leadingZeros = 64;
/** Enough words for an exponent of infinity. */
const words = 22;

/** Smallest size that `quarterTurns` takes. */
export const smallestTurned = 2 ** 19;

/** 2 / pi in 64-bit words after the zeros, the most significant first. pi by Machin's formula. */
function twoOverPi(): Uint8Array {
  const bits = BigInt(words * 64 - leadingZeros);
  const guard = 64n;
  const unit = 1n << (bits + guard);
  const inverseTangent = (n: bigint) => {
    let power = unit / n;
    let sum = power;
    for (let k = 3n; power !== 0n; k += 2n) {
      power /= -n * n;
      sum += power / k;
    }
    return sum;
  };
  const pi = 16n * inverseTangent(5n) - 4n * inverseTangent(239n);
  const digits = ((unit << (bits + 1n)) / pi) & ((1n << bits) - 1n);
  const table = new BigUint64Array(words);
  for (let k = 0; k < words; k++) {
    table[k] = BigInt.asUintN(64, digits >> BigInt((words - 1 - k) * 64));
  }
  return new Uint8Array(table.buffer);
}

/**
 * x 2 / pi modulo 4 of both doubles with size 2^19 or more, as vectors of the nearest doubles and
 * of what is left. M. Payne and R. Hanek, Radian reduction for trigonometric functions, SIGNUM
 * Newsletter 18 (1983): only those 192 bits of 2 / pi take part whose products with x are neither
 * multiples of 4 nor too small.
 */
export function quarterTurns(math: LaneMath, x: Vector): readonly [Vector, Vector] {
  const { code } = math.context;
  const helper = scalarHelper(math.context);
  const size = math.absolute(x);
  const [first, second] = [0, 1].map((lane) =>
    code.callFor(helper, "v128", code.lane("f64x2.extract_lane", lane, size)),
  );
  if (first === undefined || second === undefined) throw new RangeError("two lanes");
  const upperHalves = lowerHalves.map((byte) => byte + 8);
  const sign = math.signOf(x);
  return [
    math.xor(code.shuffle(first, second, lowerHalves), sign),
    math.xor(code.shuffle(first, second, upperHalves), sign),
  ];
}

/** f64 -> v128: the two parts for one positive number. */
function scalarHelper({ outOfLine, constants }: MathContext): FunctionRef {
  return outOfLine.function("quarterTurns", { params: ["f64"], results: ["v128"] }, (code) => {
    const bits = code.op("i64.reinterpret_f64", code.param(0, "f64"));
    // x = integer 2^exponent; the window starts at the bit of weight 2^(2 - exponent).
    const exponent = code.op("i64.shr_u", bits, code.i64(52n));
    const fraction = code.op("i64.and", bits, code.i64(0xfffffffffffffn));
    const integer = code.op("i64.or", fraction, code.i64(0x10000000000000n));
    const start = code.op("i64.sub", exponent, code.i64(BigInt(1075 + 2 - leadingZeros)));
    const window = readWindow(code, constants.addressOf(twoOverPi()), start);
    code.return(fromFixedPoint(code, multiplyWindow(code, integer, window)));
  });
}

interface Window {
  readonly high: Long;
  readonly middle: Long;
  readonly low: Long;
}

/** 192 bits of the table from bit `start` on. */
function readWindow(code: FunctionBuilder, table: number, start: Long): Window {
  const position = code.op("i32.wrap_i64", start);
  const word = code.op("i32.shr_u", position, 6);
  const address = code.op("i32.add", code.op("i32.shl", word, 3), table);
  const left = code.op("i64.and", start, code.i64(63n));
  // Shifts count modulo 64, so that the next word goes right by 1 and by 63 - left.
  const right = code.op("i64.sub", code.i64(63n), left);
  const wordAt = (k: number) => {
    const next = code.op("i64.shr_u", code.load("i64.load", address, 8 * k + 8), code.i64(1n));
    const from = code.op("i64.shl", code.load("i64.load", address, 8 * k), left);
    return code.op("i64.or", from, code.op("i64.shr_u", next, right));
  };
  return { high: wordAt(0), middle: wordAt(1), low: wordAt(2) };
}

/** An unsigned number of 128 bits. */
interface Wide {
  readonly high: Long;
  readonly low: Long;
}

/**
 * The upper 128 bits of integer * window modulo 2^192; the lowest word's lower half does not count.
 */
function multiplyWindow(code: FunctionBuilder, integer: Long, window: Window): Wide {
  const carried = highProduct(code, integer, window.low);
  const middle = code.op("i64.mul", integer, window.middle);
  const low = code.op("i64.add", middle, carried);
  const carry = code.op("i64.extend_i32_u", code.op("i64.lt_u", low, middle));
  const top = code.op("i64.mul", integer, window.high);
  const upper = code.op("i64.add", top, highProduct(code, integer, window.middle));
  return { high: code.op("i64.add", upper, carry), low };
}

/** The upper 64 bits of the product of a number below 2^53 and one below 2^64. */
function highProduct(code: FunctionBuilder, a: Long, b: Long): Long {
  const half = code.i64(32n);
  const mask = code.i64(0xffffffffn);
  const [aHigh, aLow] = [code.op("i64.shr_u", a, half), code.op("i64.and", a, mask)];
  const [bHigh, bLow] = [code.op("i64.shr_u", b, half), code.op("i64.and", b, mask)];
  const lowest = code.op("i64.shr_u", code.op("i64.mul", aLow, bLow), half);
  const first = code.op("i64.add", code.op("i64.mul", aHigh, bLow), lowest);
  const second = code.op("i64.mul", aLow, bHigh);
  const middle = code.op("i64.add", second, code.op("i64.and", first, mask));
  const carried = code.op(
    "i64.add",
    code.op("i64.shr_u", first, half),
    code.op("i64.shr_u", middle, half),
  );
  return code.op("i64.add", code.op("i64.mul", aHigh, bHigh), carried);
}

/**
 * A fixed-point number with two bits before the point as the nearest whole number plus a fraction
 * in [-1/2, 1/2), the fraction exact to 62 bits of its own; the sum is cut into two doubles.
 */
function fromFixedPoint(code: FunctionBuilder, { high, low }: Wide): Value<"v128"> {
  const whole = code.op("i64.shr_u", code.op("i64.add", high, code.i64(1n << 61n)), code.i64(62n));
  const quadrant = code.op("f64.convert_i64_s", whole);
  // The fraction, as a signed number in units of 2^-128.
  const carried = code.op("i64.shr_u", low, code.i64(62n));
  const upper = code.op("i64.or", code.op("i64.shl", high, code.i64(2n)), carried);
  const lower = code.op("i64.shl", low, code.i64(2n));
  const part = (value: Long, scale: number) =>
    code.op("f64.mul", code.op("f64.convert_i64_s", value), code.f64(scale));
  const first = part(code.op("i64.shr_s", upper, code.i64(32n)), 2 ** -32);
  const second = part(code.op("i64.and", upper, code.i64(0xffffffffn)), 2 ** -64);
  const third = part(code.op("i64.shr_u", lower, code.i64(1n)), 2 ** -127);
  const near = scalarTwoSum(code, first, second);
  const fraction = scalarTwoSum(code, near.high, third);
  const total = scalarTwoSum(code, quadrant, fraction.high);
  const rest = code.op("f64.add", code.op("f64.add", fraction.low, near.low), total.low);
  return code.lane("f64x2.replace_lane", 1, code.op("f64x2.splat", total.high), rest);
}

function scalarTwoSum(code: FunctionBuilder, a: Value<"f64">, b: Value<"f64">) {
  const high = code.op("f64.add", a, b);
  const part = code.op("f64.sub", high, a);
  const lost = code.op("f64.sub", a, code.op("f64.sub", high, part));
  return { high, low: code.op("f64.add", lost, code.op("f64.sub", b, part)) };
}
