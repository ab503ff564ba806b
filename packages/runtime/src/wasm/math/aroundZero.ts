import type { LaneMath, Vector } from "./laneMath.js";
import { addTo, multiplyPairs, rounded, twoSum } from "./pairs.js";

/** See `zeros.ts` of the scalar functions. */
type ZeroTable = readonly (readonly number[])[];

/**
 * A function next to its zeros, in doubles: the Taylor series of the row that each lane names. The zero is closer to
 * x than a factor of two, so that their distance is exact up to the zero's second part, and keeps its digits
 * however small it is.
 */
export function aroundZero(math: LaneMath, x: Vector, table: ZeroTable, row: Vector): Vector {
  const entry = rowReader(math, table, row);
  const distance = twoSum(math, math.subtract(x, entry(0)), math.negate(entry(1)));
  const powers = Array.from({ length: lengthOf(table) - 4 }, (_, k) => entry(k + 4));
  const first = multiplyPairs(math, { high: entry(2), low: entry(3) }, distance);
  let rest = math.vector(0);
  for (const coefficient of powers.reverse()) {
    rest = math.multiplyAdd(rest, distance.high, coefficient);
  }
  const square = math.multiply(distance.high, distance.high);
  return rounded(math, addTo(math, first, math.multiply(rest, square)));
}

function lengthOf(table: ZeroTable): number {
  return table[0]?.length ?? 0;
}

/** Reads a number of the row that each of two lanes names. */
function rowReader(math: LaneMath, table: ZeroTable, row: Vector): (position: number) => Vector {
  const { code, constants } = math.context;
  const bytes = lengthOf(table) * Float64Array.BYTES_PER_ELEMENT;
  const start = constants.addressOf(new Uint8Array(Float64Array.from(table.flat()).buffer));
  const [first, second] = [0, 1].map((lane) => {
    const number = code.op("i32.trunc_sat_f64_s", code.lane("f64x2.extract_lane", lane, row));
    return code.op("i32.add", code.op("i32.mul", number, bytes), start);
  });
  if (first === undefined || second === undefined) throw new RangeError("two lanes");
  return (position) => {
    const offset = position * Float64Array.BYTES_PER_ELEMENT;
    const both = code.load("v128.load64_splat", first, offset);
    return code.loadLane("v128.load64_lane", 1, second, both, offset);
  };
}
