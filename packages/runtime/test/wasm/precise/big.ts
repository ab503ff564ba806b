/**
 * A real number `mantissa * 2^exponent` of about 200 bits: what results of vector math are compared
 * with. Slow and simple: results are cut off, not rounded.
 */
export interface Big {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const precision = 208;

const zero: Big = { mantissa: 0n, exponent: 0 };

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** How many bits an integer has, at most 3 too many. */
function bitLength(value: bigint): number {
  return value === 0n ? 0 : magnitude(value).toString(16).length * 4;
}

/** `mantissa * 2^exponent`, cut to the precision. */
export function scaled(mantissa: bigint, exponent: number): Big {
  const excess = bitLength(mantissa) - precision;
  if (excess <= 0) return { mantissa, exponent };
  return { mantissa: mantissa >> BigInt(excess), exponent: exponent + excess };
}

/** A double, exactly. */
export function big(x: number): Big {
  if (x === 0) return zero;
  if (!Number.isFinite(x)) throw new RangeError(`${x} is no real number`);
  const bits = new BigUint64Array(Float64Array.of(x).buffer)[0] ?? 0n;
  const field = Number((bits >> 52n) & 2047n);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = field === 0 ? fraction : fraction | 0x10000000000000n;
  return { mantissa: x < 0 ? -mantissa : mantissa, exponent: Math.max(field, 1) - 1075 };
}

export function negate({ mantissa, exponent }: Big): Big {
  return { mantissa: -mantissa, exponent };
}

export function absolute(x: Big): Big {
  return x.mantissa < 0n ? negate(x) : x;
}

export function sign(x: Big): number {
  if (x.mantissa === 0n) return 0;
  return x.mantissa < 0n ? -1 : 1;
}

/** x * 2^power */
export function shift(x: Big, power: number): Big {
  return { mantissa: x.mantissa, exponent: x.exponent + power };
}

export function add(a: Big, b: Big): Big {
  if (a.mantissa === 0n) return b;
  if (b.mantissa === 0n) return a;
  const [high, low] = a.exponent >= b.exponent ? [a, b] : [b, a];
  const distance = high.exponent - low.exponent;
  // Beyond any overlap of the two.
  if (distance > 3 * precision && bitLength(low.mantissa) <= precision) return high;
  return scaled((high.mantissa << BigInt(distance)) + low.mantissa, low.exponent);
}

export function subtract(a: Big, b: Big): Big {
  return add(a, negate(b));
}

export function multiply(a: Big, b: Big): Big {
  return scaled(a.mantissa * b.mantissa, a.exponent + b.exponent);
}

export function divide(a: Big, b: Big): Big {
  const more = precision + bitLength(b.mantissa);
  return scaled((a.mantissa << BigInt(more)) / b.mantissa, a.exponent - b.exponent - more);
}

export function squareRoot(x: Big): Big {
  if (x.mantissa === 0n) return x;
  const more = 2 * precision + (Math.abs(x.exponent) % 2);
  const radicand = x.mantissa << BigInt(more);
  let root = 1n << BigInt(Math.ceil(bitLength(radicand) / 2));
  for (;;) {
    const next = (root + radicand / root) >> 1n;
    if (next >= root) break;
    root = next;
  }
  return scaled(root, (x.exponent - more) / 2);
}

export function compare(a: Big, b: Big): number {
  return sign(subtract(a, b));
}

/** The nearest double, halves away from zero. */
export function toNumber(x: Big): number {
  if (x.mantissa === 0n) return 0;
  const size = magnitude(x.mantissa);
  const length = size.toString(2).length;
  const kept = Math.min(53, length + x.exponent + 1074);
  if (kept < 0) return 0;
  const dropped = length - kept;
  const rounded =
    dropped > 0 ? ((size >> BigInt(dropped - 1)) + 1n) >> 1n : size << BigInt(-dropped);
  const exponent = x.exponent + dropped;
  const half = Math.trunc(exponent / 2);
  const value = Number(rounded) * 2 ** half * 2 ** (exponent - half);
  return x.mantissa < 0n ? -value : value;
}

/** The exponent of the leading bit: 2^k <= |x| < 2^(k + 1). */
export function leadingExponent({ mantissa, exponent }: Big): number {
  return magnitude(mantissa).toString(2).length - 1 + exponent;
}
