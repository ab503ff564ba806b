import { AttributeError } from "@adjoint/graph";
import { readOptions, uniformBetween, uniformSample } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import { session } from "../session.js";
import {
  checkParameter,
  keep,
  likeOptions,
  type Parameter,
  parameterArrays,
  type SampleOptions,
  type SampleSettings,
  sampleDefaults,
  sampleType,
} from "./draw.js";

export interface UniformBounds {
  /** Lower bound, which may be drawn. */
  low: Parameter;
  /** Upper bound, which is not drawn. */
  high: Parameter;
}

export interface UniformOptions extends UniformBounds, SampleOptions {}

/** Bounds that are numbers. */
export interface UniformLikeOptions {
  /** Lower bound, which may be drawn. */
  low: number;
  /** Upper bound, which is not drawn. */
  high: number;
}

const unitInterval: UniformLikeOptions = { low: 0, high: 1 };

/**
 * Numbers spread evenly over [low, high), MXNet's in float32 and float16 bit by bit.
 *
 * @returns float32 of shape `(1,)`, or as the options say; with arrays of bounds their shape, and
 *   then the one asked for
 * @throws AttributeError if high is below low, or one is not finite; ShapeError for a shape that is
 *   not one, or bounds of different shapes; DTypeError unless the dtype is floating point
 * @derivative 0 everywhere: a sample is a constant, for arrays of bounds too
 * @edges all `low` where both bounds are equal
 * @edges arrays of bounds are not checked: where high is below low, numbers lie between them
 * @edges in float64 bounds keep their precision, which MXNet rounds to float32
 * @example
 * ```ts
 * nd.random.uniform({ low: -1, high: 1, shape: [2, 2] });
 * // [[0.09762704 0.18568921] [0.43037868 0.6885315 ]]
 * nd.random.uniform({ low: nd.array([0, 10]), high: nd.array([1, 20]), shape: 2 });
 * // [[ 0.60276335  0.8579456 ] [15.448832   18.472517  ]]
 * ```
 */
export function uniform(options?: Partial<UniformOptions>): NDArray {
  return between("random.uniform", options);
}

/**
 * Numbers spread evenly over [low, high), as many as an array has.
 *
 * @param x floating point; its numbers do not matter
 * @returns x's shape and dtype
 * @throws AttributeError if high is below low, or one is not finite; DTypeError for integers
 * @derivative 0 everywhere: a sample is a constant
 * @edges as `random.uniform`, for bounds that are numbers
 * @example
 * ```ts
 * nd.random.uniformLike(nd.zeros([2, 2])); // [[0.5488135  0.5928446 ] [0.71518934 0.84426576]]
 * ```
 */
export function uniformLike(x: NDArray, options?: Partial<UniformLikeOptions>): NDArray {
  const op = "random.uniformLike";
  const range = readOptions<UniformLikeOptions>(op, options, unitInterval);
  return between(op, { ...range, ...likeOptions(op, x) });
}

function between(op: string, options: Partial<UniformOptions> | undefined): NDArray {
  const given = readOptions<UniformBounds & SampleSettings>(op, options, {
    ...unitInterval,
    ...sampleDefaults,
  });
  const { low, high } = given;
  checkParameter(op, "low", low, Number.isFinite, "a finite number");
  checkParameter(op, "high", high, Number.isFinite, "a finite number");
  const arrays = parameterArrays(op, low, high);
  if (arrays !== undefined) {
    return keep(uniformBetween(session.randomState, ...arrays, sampleType(op, given, [])));
  }
  const bounds = { low: Number(low), high: Number(high) };
  if (bounds.high < bounds.low || !Number.isFinite(bounds.high - bounds.low)) {
    throw new AttributeError({
      op,
      problem: "high must not be below low",
      received: `low ${bounds.low}, high ${bounds.high}`,
      allowed: "finite low <= high",
    });
  }
  return keep(uniformSample(session.randomState, { ...bounds, ...sampleType(op, given) }));
}
