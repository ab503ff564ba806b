import { laneCount } from "./lanes.js";
import type { Nest } from "./nest.js";

/**
 * Vectors that are computed per turn of the innermost loop: less work wants more of them. Two are
 * needed wherever an engine can join neighbours.
 */
export function unrollOf({ cost, laneInRow, passes, scratchBytes, streamedBytes }: Nest): number {
  // Scratch rows have room for one vector of rows.
  if (laneInRow && streamedBytes === 0 && scratchBytes > 0) return 1;
  const values = Math.max(1, ...passes.map((pass) => pass.values.length));
  if (cost <= 12 && values <= 8) return 4;
  return cost <= mostTogether ? 2 : 1;
}

/** Operations for each element from which on the code of one vector is long enough. */
const mostTogether = 120;

/** A part of the split axis ends at a multiple of this, or at the axis's end. */
export function splitUnit(nest: Nest): number {
  return nest.split === nest.lane ? laneCount * unrollOf(nest) : 1;
}
