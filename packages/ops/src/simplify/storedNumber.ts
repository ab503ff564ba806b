import type { DType } from "@adjoint/graph";

/** A number as an element of a dtype holds it: rounded, cut off, or wrapped around. */
export function storedNumber(value: number, dtype: DType): number {
  switch (dtype) {
    case "float64":
      return value;
    case "float32":
      return Math.fround(value);
    case "float16":
      return nearestHalf(value);
    case "bool":
      return value === 0 ? 0 : 1;
    case "int8":
      return (value << 24) >> 24;
    case "uint8":
      return value & 255;
    case "int32":
      return value | 0;
    case "int64":
      return Math.trunc(value);
    default:
      return dtype satisfies never;
  }
}

/** The nearest half, ties to even. */
function nearestHalf(value: number): number {
  const size = Math.abs(value);
  if (Number.isNaN(value) || size === 0) return value;
  // Half way between the largest half and what would follow it.
  if (size >= 65520) return value > 0 ? Infinity : -Infinity;
  const unit = 2 ** (Math.max(Math.floor(Math.log2(size)), -14) - 10);
  const below = Math.floor(size / unit);
  const rest = size / unit - below;
  const up = rest > 0.5 || (rest === 0.5 && below % 2 === 1);
  const rounded = (up ? below + 1 : below) * unit;
  return value < 0 ? -rounded : rounded;
}
