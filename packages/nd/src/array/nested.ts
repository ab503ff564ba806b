import { ShapeError, ArgumentError, type Shape } from "@adjoint/graph";

/** Numbers in nested arrays; a scalar is a number. */
export type Nested = number | readonly Nested[];

/** Axes that an array made of lists may have. */
const deepest = 32;

/** Row-major numbers as nested arrays. */
export function nest(values: readonly number[], shape: Shape): Nested {
  let level: Nested[] = [...values];
  for (let axis = shape.length - 1; axis > 0; axis--) {
    const length = shape[axis] ?? 1;
    const count = shape.slice(0, axis).reduce((product, one) => product * one, 1);
    level = Array.from({ length: count }, (_, row) =>
      level.slice(row * length, (row + 1) * length),
    );
  }
  return shape.length === 0 ? (level[0] ?? Number.NaN) : level;
}

/**
 * The numbers of nested arrays, row-major, with their shape.
 *
 * @throws ShapeError if rows differ in length, ArgumentError for anything but numbers and booleans
 */
export function flatten(value: unknown): { readonly values: number[]; readonly shape: number[] } {
  const shape: number[] = [];
  for (let level = value; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
    if (shape.length > deepest) throw tooDeep();
  }
  const values: number[] = [];
  collect(value, shape, 0, values);
  return { values, shape };
}

/** A list that holds itself has no end. */
function tooDeep(): ArgumentError {
  return new ArgumentError({
    op: "array",
    problem: "lists are nested too deeply",
    received: `more than ${deepest} levels`,
    allowed: `at most ${deepest} axes`,
  });
}

function collect(value: unknown, shape: Shape, axis: number, values: number[]): void {
  if (axis === shape.length) {
    values.push(toNumber(value));
    return;
  }
  if (!Array.isArray(value) || value.length !== shape[axis]) {
    throw new ShapeError({
      op: "array",
      problem: "rows differ in length",
      received: Array.isArray(value) ? `${value.length} elements` : String(value),
      allowed: `${shape[axis]} along axis ${axis}`,
    });
  }
  for (let at = 0; at < value.length; at++) collect(value[at], shape, axis + 1, values);
}

function toNumber(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  throw new ArgumentError({
    op: "array",
    problem: "element is not a number",
    received: `${String(value)} (${typeof value})`,
    allowed: "numbers and booleans in nested arrays",
  });
}
