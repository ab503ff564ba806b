import type { FunctionBuilder, Value } from "../assembler/index.js";

/** The bytes of 32-bit lanes, for `shuffle`; lanes from 4 on are the second operand's. */
export function bytesOfLanes(...lanes: readonly number[]): number[] {
  return lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]);
}

/**
 * The columns of a square matrix that is given as rows: four vectors of four lanes, or two of two.
 */
export function transpose(code: FunctionBuilder, rows: readonly Value<"v128">[]): Value<"v128">[] {
  const [r0, r1, r2, r3] = rows;
  if (r0 === undefined || r1 === undefined) throw new RangeError("no square matrix");
  const low = bytesOfLanes(0, 1, 4, 5);
  const high = bytesOfLanes(2, 3, 6, 7);
  if (r2 === undefined || r3 === undefined) {
    return [code.shuffle(r0, r1, low), code.shuffle(r0, r1, high)];
  }
  const [evens, odds] = [bytesOfLanes(0, 4, 1, 5), bytesOfLanes(2, 6, 3, 7)];
  const [a, b] = [code.shuffle(r0, r1, evens), code.shuffle(r2, r3, evens)];
  const [c, d] = [code.shuffle(r0, r1, odds), code.shuffle(r2, r3, odds)];
  return [
    code.shuffle(a, b, low),
    code.shuffle(a, b, high),
    code.shuffle(c, d, low),
    code.shuffle(c, d, high),
  ];
}
