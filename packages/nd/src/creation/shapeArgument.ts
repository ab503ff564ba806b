import { type Shape, ShapeError, sizeOf } from "@adjoint/graph";
import { describe } from "@adjoint/ops";

/** How many elements one array may have. */
export const mostElements = 2 ** 31;

/**
 * The shape of a new array, given as a list or as the length of the only axis.
 *
 * @throws ShapeError for anything but integers of at least 0, and for more than 2^31 elements
 */
export function shapeArgument(op: string, shape: unknown): Shape {
  const list: readonly unknown[] = Array.isArray(shape) ? shape : [shape];
  const lengths = list.filter(isLength);
  if (lengths.length === list.length && sizeOf(lengths) <= mostElements) return lengths;
  throw new ShapeError({
    op,
    problem: "shape is not valid",
    received: Array.isArray(shape) ? `[${list.map(lengthText).join(", ")}]` : describe(shape),
    allowed: "integers of at least 0, with at most 2^31 elements",
  });
}

function isLength(length: unknown): length is number {
  return typeof length === "number" && Number.isSafeInteger(length) && length >= 0;
}

function lengthText(length: unknown): string {
  return typeof length === "number" ? String(length) : describe(length);
}
