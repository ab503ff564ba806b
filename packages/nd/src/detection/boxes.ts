import { formatShape, type Shape, ShapeError } from "@adjoint/graph";
import { checkChoice, checkOperands, fronts } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";

/** Boxes as x and y of two corners, or as x and y of the centre, width and height. */
export const boxFormats = ["corner", "center"] as const;
export type BoxFormat = (typeof boxFormats)[number];

export function checkFormat(op: string, name: string, format: unknown): BoxFormat {
  return checkChoice(op, name, format, boxFormats);
}

/** Refuses arrays of another number of axes or another last length. */
export function checkBoxes(op: string, name: string, x: NDArray, form: Shape): void {
  checkOperands(op, [x]);
  const { shape } = x;
  const fits =
    shape.length === form.length &&
    form.every((length, axis) => length < 0 || length === shape[axis]);
  if (fits) return;
  throw new ShapeError({
    op,
    problem: `${name} has another shape`,
    received: formatShape(shape),
    allowed: `(${form.map((length) => (length < 0 ? "any" : length)).join(", ")})`,
  });
}

/** The four columns of an array whose last axis has them. */
export function columnsOf(boxes: NDArray): readonly [NDArray, NDArray, NDArray, NDArray] {
  const column = (begin: number) => fronts.sliceAxis(boxes, { axis: -1, begin, end: begin + 1 });
  return [column(0), column(1), column(2), column(3)];
}

/** Boxes in another format; themselves if it is the same one. */
export function convertBoxes(boxes: NDArray, from: BoxFormat, to: BoxFormat): NDArray {
  if (from === to) return boxes;
  const [a, b, c, d] = columnsOf(boxes);
  const half = (x: NDArray) => x.mul(0.5);
  const columns =
    to === "corner"
      ? [a.sub(half(c)), b.sub(half(d)), a.add(half(c)), b.add(half(d))]
      : [half(a.add(c)), half(b.add(d)), c.sub(a), d.sub(b)];
  return fronts.concat<NDArray>(...columns, { dim: -1 });
}

/** Four numbers at a place of a flat list: the corners of a box. */
export interface Corners {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export function cornersAt(values: readonly number[], at: number): Corners {
  const [left = 0, top = 0, right = 0, bottom = 0] = values.slice(at, at + 4);
  return { left, top, right, bottom };
}

function areaOf({ left, top, right, bottom }: Corners): number {
  return Math.max(0, right - left) * Math.max(0, bottom - top);
}

/** The area that two boxes share, of the area that they cover; 0 where they cover none. */
export function overlapOf(a: Corners, b: Corners): number {
  const shared = areaOf({
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  });
  const covered = areaOf(a) + areaOf(b) - shared;
  return covered <= 0 ? 0 : shared / covered;
}
