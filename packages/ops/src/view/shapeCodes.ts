import {
  AttributeError,
  formatShape,
  type Operand,
  type Shape,
  ShapeError,
  sizeOf,
} from "@adjoint/graph";
import { describe } from "../core/define.js";
import { checkInteger, normalizeAxis, readOptions } from "../core/options.js";
import { asNew } from "../elementwise/identity.js";
import { reshape } from "./reshape.js";
import { shapeOf } from "./shapeOf.js";

/** A length still to be inferred. */
const unknown = -1;

function complain(problem: string, codes: readonly number[], shape: Shape, allowed: string): never {
  throw new ShapeError({
    op: "reshape",
    problem,
    received: `${formatShape(shape)} to [${codes.join(", ")}]`,
    allowed,
  });
}

/** The two lengths that follow a code -4; one of them may be -1. */
function splitAxis(extent: number, first: number | undefined, second: number | undefined) {
  if (first === undefined || second === undefined) return undefined;
  const left = first === unknown ? Math.floor(extent / second) : first;
  const right = second === unknown ? Math.floor(extent / first) : second;
  return left > 0 && right > 0 && left * right === extent ? [left, right] : undefined;
}

/** Replaces all codes but -1, reading the source's axes from the front. */
function expandCodes(shape: Shape, codes: readonly number[]): number[] {
  const lengths: number[] = [];
  let source = 0;
  const next = (): number => {
    const extent = shape[source++];
    if (extent === undefined) complain("code has no axis left", codes, shape, "fewer codes");
    return extent;
  };
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code > 0 || code === unknown) {
      lengths.push(code);
      source++;
    } else if (code === 0) lengths.push(next());
    else if (code === -2) {
      lengths.push(...shape.slice(source));
      source = shape.length;
    } else if (code === -3) lengths.push(next() * next());
    else if (code === -4) {
      const parts = splitAxis(next(), codes[++at], codes[++at]);
      if (parts === undefined) complain("axis does not split", codes, shape, "factors of it");
      lengths.push(...parts);
    } else complain("unknown code", codes, shape, "lengths, or 0, -1, -2, -3, -4");
  }
  return lengths;
}

/** Replaces the single -1 so that the number of elements stays. */
function inferLength(shape: Shape, lengths: readonly number[], codes: readonly number[]): Shape {
  const open = lengths.filter((length) => length === unknown).length;
  if (open === 0) return lengths;
  if (open > 1) complain("more than one -1", codes, shape, "at most one length to infer");
  const known = lengths.reduce((size, length) => (length === unknown ? size : size * length), 1);
  const missing = known === 0 ? 0 : sizeOf(shape) / known;
  if (!Number.isInteger(missing)) {
    complain("length does not come out even", codes, shape, `divisors of ${sizeOf(shape)}`);
  }
  return lengths.map((length) => (length === unknown ? missing : length));
}

/** Codes read from the back: all reversed, but a -4 stays before its two lengths. */
function reverseCodes(codes: readonly number[]): number[] {
  const groups: number[][] = [];
  for (let at = 0; at < codes.length; at++) {
    if (codes[at] === -4) {
      groups.push([-4, ...codes.slice(at + 1, at + 3).reverse()]);
      at += 2;
    } else groups.push(codes.slice(at, at + 1));
  }
  return groups.reverse().flat();
}

/**
 * The shape that MXNet's codes describe: 0 keeps the axis, -1 is inferred, -2 keeps all that
 * remain, -3 joins two, `-4, a, b` splits one. `reverse` reads axes and codes from the back.
 */
export function resolveShape(shape: Shape, codes: readonly number[], reverse = false): Shape {
  for (const code of codes) checkInteger("reshape", "shape", code);
  if (!reverse) return inferLength(shape, expandCodes(shape, codes), codes);
  const lengths = expandCodes([...shape].reverse(), reverseCodes(codes)).reverse();
  return inferLength(shape, lengths, codes);
}

export interface ReshapeOptions {
  /** Lengths, or MXNet's codes 0, -1, -2, -3, -4. */
  shape: readonly number[];
  /** Read axes and codes from the back. */
  reverse: boolean;
}

/** A list of lengths, as options give it or in their place. */
export type ShapeArgument = readonly number[] | { shape: readonly number[] };

/** Turns a list of lengths in the place of options into options. */
export function shapeOptions<O extends object>(
  given: readonly number[] | O,
): O | { shape: readonly number[] } {
  return isList(given) ? { shape: given } : given;
}

function isList(value: object): value is readonly number[] {
  return Array.isArray(value);
}

/** Refuses a shape that is missing, or not a list of integers of at least `least`. */
export function checkShape(op: string, shape: unknown, least = -Infinity): readonly number[] {
  if (typeof shape !== "object" || shape === null || !isList(shape)) {
    throw new AttributeError({
      op,
      problem: "shape is not a list",
      received: describe(shape),
      allowed: "a list of lengths",
    });
  }
  return shape.map((length) => checkInteger(op, "shape", length, least));
}

/**
 * The same elements in row-major order under another shape.
 *
 * Codes: 0 keeps this axis, -1 is inferred (once), -2 keeps all remaining axes, -3 joins two axes,
 * `-4, a, b` splits one in two (a or b may be -1).
 *
 * @param x any shape and dtype
 * @returns x's elements and dtype
 * @throws ShapeError if the number of elements would change, for two -1, or for a code without an
 *   axis
 * @derivative the head gradient in x's shape
 * @example
 * ```ts
 * nd.reshape(nd.zeros([2, 3, 4]), { shape: [0, -1] }).shape; // [2, 12]
 * nd.reshape(nd.zeros([2, 3, 4]), [-3, 4]).shape; // [6, 4]
 * ```
 */
export function reshapeByCodes<T extends Operand<T>>(
  x: T,
  options: readonly number[] | (Pick<ReshapeOptions, "shape"> & Partial<ReshapeOptions>),
): T {
  const { shape, reverse } = readOptions<{ shape: unknown; reverse: boolean }>(
    "reshape",
    shapeOptions(options),
    { shape: undefined, reverse: false },
  );
  const codes = checkShape("reshape", shape);
  return asNew(x, reshape(x, resolveShape(shapeOf("reshape", x), codes, reverse)));
}

export interface ReshapeLikeOptions {
  /**
   * The axes of the first array that are replaced: from `lhsBegin` up to but without `lhsEnd`;
   * null: to the end.
   */
  lhsBegin: number | null;
  /** The axis behind the last replaced one; null for the end. */
  lhsEnd: number | null;
  /** The axes of the second array that replace them. */
  rhsBegin: number | null;
  /** The axis behind the last one taken; null for the end. */
  rhsEnd: number | null;
}

/**
 * The elements of `x` under the shape of `like`, or with some of its axes in place of some of x's.
 *
 * @param x any shape and dtype
 * @param like any dtype: only its shape is used
 * @returns x's elements and dtype
 * @throws ShapeError if the number of elements would change
 * @derivative to x the head gradient in x's shape; none to `like`, whose values do not matter
 * @example
 * ```ts
 * nd.reshapeLike(nd.zeros([2, 6]), nd.zeros([3, 4])).shape; // [3, 4]
 * ```
 */
export function reshapeLike<T extends Operand<T>>(
  x: T,
  like: T,
  options?: Partial<ReshapeLikeOptions>,
): T {
  const { lhsBegin, lhsEnd, rhsBegin, rhsEnd } = readOptions<ReshapeLikeOptions>(
    "reshapeLike",
    options,
    { lhsBegin: null, lhsEnd: null, rhsBegin: null, rhsEnd: null },
  );
  const [own, other] = [shapeOf("reshapeLike", x), shapeOf("reshapeLike", like)];
  const [begin, end] = axisRange(lhsBegin, lhsEnd, own.length);
  const replacement = other.slice(...axisRange(rhsBegin, rhsEnd, other.length));
  return asNew(x, reshape(x, [...own.slice(0, begin), ...replacement, ...own.slice(end)]));
}

/** First axis and the one behind the last, where `end` may be the rank itself. */
function axisRange(begin: number | null, end: number | null, rank: number): [number, number] {
  const bound = (at: number) => (at === rank ? rank : normalizeAxis("reshapeLike", at, rank));
  return [begin === null ? 0 : bound(begin), end === null ? rank : bound(end)];
}
