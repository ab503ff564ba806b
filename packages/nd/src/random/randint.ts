import { AttributeError } from "@adjoint/graph";
import { checkInteger, randintSample, readOptions } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import { session } from "../session.js";
import { keep, type SampleOptions, type SampleSettings, sampleType } from "./draw.js";

/**
 * Integers from `low` to before `high`, equally likely: MXNet's.
 *
 * @param low smallest integer
 * @param high the integer behind the largest, at most low + 2^32
 * @returns int32 of shape `(1,)`, or as the options say
 * @throws AttributeError unless high is above low, by at most 2^32; ShapeError for a shape that is
 *   not one; DTypeError unless the dtype is int32 or int64
 * @derivative 0 everywhere: samples are integers, and depend on nothing that is differentiated
 * @example
 * ```ts
 * nd.random.randint(0, 10, { shape: [5] }); // [1 4 3 9 9]
 * ```
 */
export function randint(low: number, high: number, options?: Partial<SampleOptions>): NDArray {
  const op = "random.randint";
  const given = readOptions<SampleSettings>(op, options, { shape: null, dtype: "int32" });
  const range = { low: checkInteger(op, "low", low), high: checkInteger(op, "high", high) };
  if (range.low >= range.high || range.high - range.low > 2 ** 32) {
    throw new AttributeError({
      op,
      problem: "high must be above low",
      received: `low ${low}, high ${high}`,
      allowed: "low < high <= low + 2^32",
    });
  }
  const type = sampleType(op, given, [1], ["int32", "int64"]);
  return keep(randintSample(session.randomState, { ...range, ...type }));
}
