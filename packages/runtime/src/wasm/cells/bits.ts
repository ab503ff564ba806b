import type { DType } from "@adjoint/graph";
import { store } from "../../storage.js";
import { arrayOver } from "../../tensor.js";

/** 64 bits as two 32-bit integers. */
export interface Halves {
  readonly low: number;
  readonly high: number;
}

/** The bits of a number converted to a dtype; `high` is 0 where it has 32 or fewer. */
export function convertedBits(dtype: DType, value: number): Halves {
  const bits = new Int32Array(2);
  store(arrayOver(bits.buffer, dtype, 0, 1), dtype, 0, Float64Array.of(value), 1);
  return { low: bits[0] ?? 0, high: bits[1] ?? 0 };
}

/** The bits of a double. */
export function doubleBits(value: number): Halves {
  return convertedBits("float64", value);
}
