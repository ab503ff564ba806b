import type { NDArray } from "./array/ndarray.js";
import { checkArray } from "./recording/recorder.js";
import { session } from "./session.js";

/**
 * Sets all elements of several arrays to 0.
 *
 * @param arrays any shapes and dtypes; written to
 * @returns nothing
 * @throws InPlaceError, before anything has changed, for a variable while recording
 * @derivative none: there is no result
 * @example
 * ```ts
 * const [x, y] = [nd.ones([2]), nd.ones([1, 1])];
 * nd.resetArrays(x, y);
 * x; // [0. 0.]
 * ```
 */
export function resetArrays(...arrays: readonly NDArray[]): void {
  for (const array of arrays) checkArray("resetArrays", array);
  for (const array of arrays) session.checkWrite("resetArrays", array);
  for (const array of arrays) array.assign(0);
}
