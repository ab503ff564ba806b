import { AttributeError, formatShape, type Operand, ShapeError } from "@adjoint/graph";
import { nth } from "../core/define.js";
import { checkChoice, checkInteger, checkNumber, readOptions } from "../core/options.js";
import { asNew } from "../elementwise/identity.js";
import { broadcastTo } from "../reduce/sum.js";
import { shapeOf } from "../view/shapeOf.js";
import { flipAxes, padWith, sliceAlong } from "../view/slice.js";
import { concatAlong } from "./concat.js";

export const padModes = ["constant", "edge", "reflect"] as const;
export type PadMode = (typeof padModes)[number];

export interface PadOptions {
  /** One value everywhere, the nearest element, or the array mirrored at its border elements. */
  mode: PadMode;
  /** Cells before and after, axis by axis: `[before0, after0, before1, ..]`. */
  padWidth: readonly number[];
  /** What `constant` fills in. */
  constantValue: number;
}

/** `count` copies of the border element at `position`. */
function border<T extends Operand<T>>(x: T, axis: number, position: number, count: number): T {
  const edge = sliceAlong(x, axis, position, 1);
  return broadcastTo(
    edge,
    edge.type.shape.map((length, other) => (other === axis ? count : length)),
  );
}

/** The elements next to a border, mirrored. */
function mirrored<T extends Operand<T>>(x: T, axis: number, start: number, count: number): T {
  return flipAxes(sliceAlong(x, axis, start, count), [axis]);
}

function padAxis<T extends Operand<T>>(
  x: T,
  axis: number,
  before: number,
  after: number,
  mode: "edge" | "reflect",
): T {
  const length = nth("pad", x.type.shape, axis);
  const least = mode === "edge" ? Math.min(before + after, 1) : Math.max(before, after) + 1;
  if (length < least) {
    throw new ShapeError({
      op: "pad",
      problem: `axis ${axis} is too short for mode ${mode}`,
      received: `${formatShape(x.type.shape)} with ${before} before and ${after} after`,
      allowed: `at least ${least} elements`,
    });
  }
  const [first, last] =
    mode === "edge"
      ? [border(x, axis, 0, before), border(x, axis, length - 1, after)]
      : [mirrored(x, axis, 1, before), mirrored(x, axis, length - 1 - after, after)];
  const tail = after > 0 ? [last] : [];
  return before > 0 ? concatAlong([first, x, ...tail], axis) : concatAlong([x, ...tail], axis);
}

/**
 * Widens an array at its borders.
 *
 * @param x any shape and dtype
 * @returns x's dtype; each axis longer by its two widths
 * @throws AttributeError for a mode that is not known, or widths that are not two per axis;
 *   ShapeError for an axis too short for mode `reflect`, or empty with mode `edge`
 * @derivative the head gradient cut to x, and with `edge` and `reflect` what copies of an element
 *   got added to it
 * @example
 * ```ts
 * nd.pad(nd.array([1, 2, 3]), { mode: "reflect", padWidth: [2, 0] }); // [3. 2. 1. 2. 3.]
 * ```
 */
export function pad<T extends Operand<T>>(
  x: T,
  options: Pick<PadOptions, "padWidth"> & Partial<PadOptions>,
): T {
  const { mode, padWidth, constantValue } = readOptions<PadOptions>("pad", options, {
    mode: "constant",
    padWidth: [],
    constantValue: 0,
  });
  checkChoice("pad", "mode", mode, padModes);
  checkNumber("pad", "constantValue", constantValue);
  const shape = shapeOf("pad", x);
  if (!Array.isArray(padWidth) || padWidth.length !== 2 * shape.length) {
    throw new AttributeError({
      op: "pad",
      problem: "padWidth does not fit the axes",
      received: `${String(padWidth)} for ${formatShape(shape)}`,
      allowed: `${2 * shape.length} numbers`,
    });
  }
  const widths = padWidth.map((width) => checkInteger("pad", "padWidth", width, 0));
  const low = shape.map((_, axis) => nth("pad", widths, 2 * axis));
  const high = shape.map((_, axis) => nth("pad", widths, 2 * axis + 1));
  if (mode === "constant") return asNew(x, padWith(x, { low, high, value: constantValue }));
  const padded = shape.reduce(
    (wider, _, axis) => padAxis(wider, axis, nth("pad", low, axis), nth("pad", high, axis), mode),
    x,
  );
  return asNew(x, padded);
}
