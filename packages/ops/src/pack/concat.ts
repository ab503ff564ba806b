import {
  ArgumentError,
  formatShape,
  type Operand,
  type Shape,
  ShapeError,
  tensorType,
} from "@adjoint/graph";
import {
  applyOne,
  checkOperands,
  defineOp,
  describe,
  headOf,
  isOperand,
  nth,
} from "../core/define.js";
import { normalizeAxis, readOptions } from "../core/options.js";
import { sameDType } from "../core/shapes.js";
import { asNew } from "../elementwise/identity.js";
import { sliceAlong } from "../view/slice.js";

function joinedShape(shapes: readonly Shape[], axis: number): Shape {
  const first = nth("concat", shapes, 0);
  const fits = shapes.every(
    (shape) =>
      shape.length === first.length &&
      shape.every((length, other) => other === axis || length === first[other]),
  );
  if (!fits || axis < 0 || axis >= first.length) {
    throw new ShapeError({
      op: "concat",
      problem: "shapes differ off the joined axis",
      received: `${shapes.map(formatShape).join(", ")} along axis ${axis}`,
      allowed: "equal lengths along all other axes",
    });
  }
  const total = shapes.reduce((sum, shape) => sum + (shape[axis] ?? 0), 0);
  return first.map((length, other) => (other === axis ? total : length));
}

export const concatOp = defineOp<{ axis: number }>({
  name: "concat",
  arity: { min: 1 },
  attrs: { axis: "int" },
  infer: (ins, { axis }) => [
    tensorType(
      sameDType("concat", ins),
      joinedShape(
        ins.map(({ shape }) => shape),
        axis,
      ),
    ),
  ],
  vjp: {
    rule({ ins, heads, attrs: { axis } }) {
      const head = headOf(heads);
      let start = 0;
      return ins.map(({ type }) => {
        const size = nth("concat", type.shape, axis);
        start += size;
        return sliceAlong(head, axis, start - size, size);
      });
    },
  },
  kernel: (_, { axis }) => ({ kind: "pack", form: "concat", axis }),
  docs: "Arrays laid side by side along an axis. Adjoint: the slices.",
});

/** Arrays side by side along `axis`, counted from the front; a single one is returned as it is. */
export function concatAlong<T extends Operand<T>>(parts: readonly [T, ...T[]], axis: number): T {
  return parts.length === 1 ? parts[0] : applyOne(concatOp, parts, { axis });
}

/** Splits arguments into at least one array and the options that may follow. */
export function arraysAndOptions<T extends Operand<T>, O extends object>(
  op: string,
  args: readonly (T | O)[],
): { arrays: [T, ...T[]]; options: O | undefined } {
  const arrays: T[] = [];
  let options: O | undefined;
  for (const [position, arg] of args.entries()) {
    if (isArray<T>(arg)) arrays.push(arg);
    else if (position === args.length - 1 && isOptions<O>(arg)) options = arg;
    else checkOperands(op, args);
  }
  const [head, ...rest] = arrays;
  if (head === undefined) {
    throw new ArgumentError({ op, problem: "no arrays given", allowed: "one array or more" });
  }
  return { arrays: [head, ...rest], options };
}

function isArray<T>(value: unknown): value is T {
  return isOperand(value);
}

function isOptions<O>(value: unknown): value is O {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export interface ConcatOptions {
  /** The axis that grows, counted from either end. */
  dim: number;
}

/**
 * Joins arrays along an existing axis, by default the second.
 *
 * @param args one array or more, of equal shapes but for axis `dim` and of one dtype; then the
 *   options
 * @returns the arrays' dtype; axis `dim` as long as all together
 * @throws ArgumentError without arrays; ShapeError if other lengths differ; DTypeError if dtypes
 *   differ; BoundsError for an axis out of range
 * @derivative to each array its part of the head gradient
 * @edges arrays of length 0 along the axis add nothing; vectors need `dim: 0`
 * @example
 * ```ts
 * nd.concat(nd.array([[1, 2]]), nd.array([[3]])); // [[1. 2. 3.]]
 * nd.concat(nd.ones([2, 3]), nd.zeros([4, 3]), { dim: 0 }).shape; // [6, 3]
 * ```
 */
export function concat<T extends Operand<T>>(...args: readonly (T | Partial<ConcatOptions>)[]): T {
  const { arrays, options } = arraysAndOptions<T, Partial<ConcatOptions>>("concat", args);
  const { dim } = readOptions<ConcatOptions>("concat", options, { dim: 1 });
  const axis = normalizeAxis("concat", dim, arrays[0].type.shape.length);
  return asNew(arrays[0], concatAlong(arrays, axis));
}

export interface ConcatenateOptions {
  /** The axis that grows, counted from either end. */
  axis: number;
}

/**
 * Joins a list of arrays along an existing axis, by default the first: `concat` under an older name.
 *
 * @param arrays one array or more, of equal shapes but for `axis` and of one dtype
 * @returns the arrays' dtype; the axis as long as all together
 * @throws ArgumentError without arrays; ShapeError if other lengths differ; DTypeError if dtypes
 *   differ; BoundsError for an axis out of range
 * @derivative to each array its part of the head gradient
 * @example
 * ```ts
 * nd.concatenate([nd.array([1, 2]), nd.array([3])]); // [1. 2. 3.]
 * ```
 */
export function concatenate<T extends Operand<T>>(
  arrays: readonly T[],
  options?: Partial<ConcatenateOptions>,
): T {
  if (!Array.isArray(arrays)) {
    throw new ArgumentError({
      op: "concatenate",
      problem: "first argument is not a list",
      received: describe(arrays),
      allowed: "a list of NDArrays",
    });
  }
  const { axis } = readOptions<ConcatenateOptions>("concatenate", options, { axis: 0 });
  const { arrays: parts } = arraysAndOptions<T, never>("concatenate", arrays);
  const along = normalizeAxis("concatenate", axis, parts[0].type.shape.length);
  return asNew(parts[0], concatAlong(parts, along));
}
