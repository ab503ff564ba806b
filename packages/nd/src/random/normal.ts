import { normalAround, normalSample, readOptions } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import type { DTypeOption } from "../creation/newArray.js";
import { session } from "../session.js";
import {
  checkParameter,
  isPositive,
  keep,
  likeOptions,
  type Parameter,
  parameterArrays,
  type SampleOptions,
  type SampleSettings,
  sampleDefaults,
  sampleType,
} from "./draw.js";

export interface NormalOptions extends SampleOptions {
  /** Mean. */
  loc: Parameter;
  /** Standard deviation. */
  scale: Parameter;
}

export interface NormalLikeOptions {
  /** Mean. */
  loc: number;
  /** Standard deviation. */
  scale: number;
}

const standard: NormalLikeOptions = { loc: 0, scale: 1 };

/**
 * Normally distributed numbers, MXNet's in float32 and float16 bit by bit.
 *
 * @returns float32 of shape `(1,)`, or as the options say; with arrays of parameters their shape,
 *   and then the one asked for
 * @throws AttributeError unless loc is finite and scale positive; ShapeError for a shape that is
 *   not one, or parameters of different shapes; DTypeError unless the dtype is floating point
 * @derivative 0 everywhere: a sample is a constant, for arrays of parameters too
 * @edges arrays of parameters are not checked: a scale of 0 gives the mean, a negative one counts
 *   as positive, but mirrors the sample
 * @edges in float64 parameters keep their precision, which MXNet rounds to float32
 * @example
 * ```ts
 * nd.random.normal({ loc: 1, scale: 2, shape: [2, 2] });
 * // [[5.4244127 2.5480075] [3.0868807 3.367851 ]]
 * ```
 */
export function normal(options?: Partial<NormalOptions>): NDArray {
  return around("random.normal", options);
}

/** What `randn` takes behind the lengths of the axes. */
export type RandnOptions = NormalLikeOptions & DTypeOption;

/**
 * Normally distributed numbers, of mean 0 and deviation 1 if no others are given, of the shape given.
 *
 * @param first length of the first axis
 * @param rest lengths of the others; at last `loc`, `scale` and `dtype`, as an object
 * @returns float32 of the shape given, or as the options say
 * @throws ShapeError for lengths that are not integers of at least 0; AttributeError unless loc is
 *   finite and scale positive; DTypeError unless the dtype is floating point
 * @derivative 0 everywhere: a sample is a constant
 * @example
 * ```ts
 * nd.random.randn(2, 2); // [[2.2122064 0.7740038] [1.0434403 1.1839255]]
 * nd.random.randn(2, { loc: 10, scale: 2 }); // [13.783422  7.530517]
 * ```
 */
export function randn(
  first: number,
  ...rest: readonly number[] | readonly [...number[], Partial<RandnOptions>]
): NDArray {
  const shape = [first];
  let options: Partial<RandnOptions> = {};
  for (const [position, one] of rest.entries()) {
    if (typeof one === "object" && position === rest.length - 1) options = one;
    else shape.push(Number(one));
  }
  return around("random.randn", {
    ...readOptions<RandnOptions>("random.randn", options, { ...standard, dtype: "float32" }),
    shape,
  });
}

/**
 * Normally distributed numbers, as many as an array has.
 *
 * @param x floating point; its numbers do not matter
 * @returns x's shape and dtype
 * @throws AttributeError unless loc is finite and scale positive; DTypeError for integers
 * @derivative 0 everywhere: a sample is a constant
 * @example
 * ```ts
 * nd.random.normalLike(nd.zeros([2, 2])); // [[2.2122064 0.7740038] [1.0434403 1.1839255]]
 * ```
 */
export function normalLike(x: NDArray, options?: Partial<NormalLikeOptions>): NDArray {
  const op = "random.normalLike";
  return around(op, { ...readOptions(op, options, standard), ...likeOptions(op, x) });
}

function around(op: string, options: Partial<NormalOptions> | undefined): NDArray {
  const given = readOptions<Pick<NormalOptions, "loc" | "scale"> & SampleSettings>(op, options, {
    ...standard,
    ...sampleDefaults,
  });
  const { loc, scale } = given;
  checkParameter(op, "loc", loc, Number.isFinite, "a finite number");
  checkParameter(op, "scale", scale, isPositive, "a number above 0");
  const arrays = parameterArrays(op, loc, scale);
  if (arrays !== undefined) {
    return keep(normalAround(session.randomState, ...arrays, sampleType(op, given, [])));
  }
  const attrs = { mean: Number(loc), deviation: Number(scale), ...sampleType(op, given) };
  return keep(normalSample(session.randomState, attrs));
}
