import { ArgumentError, BoundsError, tensorType } from "@adjoint/graph";
import { checkInteger, describe, readOptions } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import {
  checkFinite,
  type DTypeOption,
  dtypeOf,
  float32,
  inMemory,
  made,
  numbers,
} from "./newArray.js";
import { mostElements, shapeArgument } from "./shapeArgument.js";

export interface ArangeOptions extends DTypeOption {
  /** Distance of neighbours. */
  step: number;
  /** How often each number comes. */
  repeat: number;
}

/**
 * The numbers from `start` to before `stop`; with one argument, from 0 to before it.
 *
 * @param start first number; with one argument, where the range ends
 * @param stop where the range ends; it is not part of it
 * @param step distance of neighbours; may stand in the options too
 * @returns float32 unless `dtype` is given, shape (numbers,)
 * @throws BoundsError if the range is empty or has more than 2^31 numbers; AttributeError for a
 *   bound that is not a finite number, or a `repeat` below 1
 * @derivative 0 everywhere: the result is constant
 * @example
 * ```ts
 * nd.arange(4); // [0. 1. 2. 3.]
 * nd.arange(1, 2, { step: 0.25 }); // [1.   1.25 1.5  1.75]
 * ```
 */
export function arange(
  start: number,
  stop: number | null,
  step: number,
  options?: Partial<ArangeOptions>,
): NDArray;
export function arange(
  start: number,
  stop: number | null,
  options?: Partial<ArangeOptions>,
): NDArray;
export function arange(start: number, options?: Partial<ArangeOptions>): NDArray;
export function arange(
  start: number,
  ...rest: readonly (number | null | Partial<ArangeOptions> | undefined)[]
): NDArray {
  const { stop, step: stepGiven, options } = rangeArguments(rest);
  const settings = readOptions<ArangeOptions>("arange", options, {
    ...float32,
    step: stepGiven ?? 1,
    repeat: 1,
  });
  const dtype = dtypeOf("arange", { dtype: settings.dtype });
  const [first, end] = stop === null ? [0, start] : [start, stop];
  const low = checkFinite("arange", "start", first);
  const high = checkFinite("arange", stop === null ? "start" : "stop", end);
  const step = checkFinite("arange", "step", settings.step);
  const repeat = checkInteger("arange", "repeat", settings.repeat, 1);
  const count = Math.ceil((high - low) / step);
  const received = `(start, stop, step) = (${low}, ${high}, ${step})`;
  if (!(count > 0 && Number.isFinite(count))) {
    throw new BoundsError({ op: "arange", problem: "range is empty", received });
  }
  if (count * repeat > mostElements) {
    const allowed = "at most 2^31 numbers";
    throw new BoundsError({ op: "arange", problem: "range is too long", received, allowed });
  }
  return numbers("arange", count * repeat, dtype, (i) => low + Math.floor(i / repeat) * step);
}

/** What may stand behind the first number of a range. */
interface RangeArguments {
  readonly stop: number | null;
  readonly step: number | undefined;
  readonly options: Partial<ArangeOptions> | undefined;
}

type RangeArgument = number | null | Partial<ArangeOptions> | undefined;

function rangeArguments(rest: readonly RangeArgument[]): RangeArguments {
  const last = rest.at(-1);
  const options = typeof last === "object" && last !== null ? last : undefined;
  const [stop, step, ...surplus] = options === undefined ? rest : rest.slice(0, -1);
  const wrong = [stop, step].find((one) => one != null && typeof one !== "number");
  if (wrong === undefined && surplus.every((one) => one === undefined)) {
    const number = (one: RangeArgument) => (typeof one === "number" ? one : undefined);
    return { stop: number(stop) ?? null, step: number(step), options };
  }
  throw new ArgumentError({
    op: "arange",
    problem: wrong === undefined ? "too many arguments" : "argument is not a number",
    received: wrong === undefined ? `${rest.length + 1} arguments` : describe(wrong),
    allowed: "start, stop, step, options",
  });
}

/**
 * `count` numbers from `start` to `stop`, evenly spaced.
 *
 * @param start first number
 * @param stop last number, or with `endpoint: false` the one behind it
 * @param count how many
 * @param options.endpoint whether `stop` is the last number
 * @returns float32 unless `dtype` is given, shape (count,)
 * @throws ShapeError for a count that is not an integer of at least 0; AttributeError for an
 *   unknown dtype or a bound that is not a finite number
 * @derivative 0 everywhere: the result is constant
 * @edges a single number is `start`
 * @example
 * ```ts
 * nd.linspace(0, 1, 5); // [0.   0.25 0.5  0.75 1.  ]
 * ```
 */
export function linspace(
  start: number,
  stop: number,
  count: number,
  options?: Partial<DTypeOption & { endpoint: boolean }>,
): NDArray {
  const settings = readOptions("linspace", options, { ...float32, endpoint: true });
  const dtype = dtypeOf("linspace", { dtype: settings.dtype });
  const low = checkFinite("linspace", "start", start);
  const high = checkFinite("linspace", "stop", stop);
  const [length = 0] = shapeArgument("linspace", [count]);
  const gaps = settings.endpoint ? length - 1 : length;
  const step = gaps > 0 ? (high - low) / gaps : 0;
  return numbers("linspace", length, dtype, (i) => low + i * step);
}

/**
 * A matrix with ones on one diagonal, zeros elsewhere.
 *
 * @param rows number of rows
 * @param columns number of columns; 0 for as many as rows
 * @param options.k the diagonal: 0 the main one, positive above it, negative below
 * @returns float32 unless `dtype` is given, shape (rows, columns)
 * @throws ShapeError for lengths that are not integers of at least 0; AttributeError for an unknown
 *   dtype
 * @derivative 0 everywhere: the result is constant
 * @example
 * ```ts
 * nd.eye(2); // [[1. 0.] [0. 1.]]
 * nd.eye(2, 3, { k: 1 }); // [[0. 1. 0.] [0. 0. 1.]]
 * ```
 */
export function eye(
  rows: number,
  columns?: number | Partial<DTypeOption & { k: number }>,
  options?: Partial<DTypeOption & { k: number }>,
): NDArray {
  const isOptions = typeof columns === "object" && columns !== null;
  const settings = readOptions("eye", isOptions ? columns : options, { ...float32, k: 0 });
  const dtype = dtypeOf("eye", { dtype: settings.dtype });
  const k = checkInteger("eye", "k", settings.k);
  const given = isOptions ? 0 : (columns ?? 0);
  const [m = 0, n = 0] = shapeArgument("eye", [rows, given === 0 ? rows : given]);
  const type = tensorType(dtype, [m, n]);
  const values = inMemory("eye", type, () => new Float64Array(m * n));
  for (let row = Math.max(0, -k); row < m && row + k < n; row++) values[row * n + row + k] = 1;
  return made("eye", type, values);
}
