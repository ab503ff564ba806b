import type { NDArray } from "@adjoint/nd";
import type { GoldenCall } from "../goldenCases.js";
import { argumentOf, type Elements } from "./problem.js";

/** Arguments of elementwise operators at which numbers may differ. */
export const argumentKinds = {
  pole: (x: number) => x <= 0 && (Number.isInteger(x) || x === Number.NEGATIVE_INFINITY),
  negativeZero: (x: number) => Object.is(x, -0),
  notInt32: (x: number) => !(Math.abs(x) < 2 ** 31),
} as const;
export type ArgumentKind = keyof typeof argumentKinds;

/** Whether only elements differ whose argument is of a kind; results may have axes in front. */
export function differsAtArguments(
  { differing, arrays }: Elements,
  call: GoldenCall,
  kind: ArgumentKind,
): boolean {
  const values = argumentOf(call, 0, arrays).toFlat();
  return differing.every((at) => argumentKinds[kind](values[at % values.length] ?? Number.NaN));
}

/** Position of an element's axes; the axis that is left out, if any, is not counted. */
function indexOf(at: number, shape: readonly number[], without?: number): readonly number[] {
  let rest = at;
  const index = shape.map(() => 0);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] ?? 1;
    index[axis] = rest % length;
    rest = Math.floor(rest / length);
  }
  return index.filter((_, axis) => axis !== without);
}

function axisOf(call: GoldenCall, rank: number, fallback: number): number | undefined {
  const { axis = fallback } = call.attrs;
  return typeof axis === "number" ? (axis + rank) % rank : undefined;
}

/** Whether only elements differ in whose line along the call's axis there is a NaN. */
export function differsInLinesWithNaN(
  { differing, arrays }: Elements,
  call: GoldenCall,
  shape: readonly number[],
): boolean {
  const data = argumentOf(call, 0, arrays);
  const axis = axisOf(call, data.shape.length, -1);
  if (axis === undefined) return data.toFlat().some(Number.isNaN);
  const lines = new Set(
    data.toFlat().flatMap((value, at) => {
      return Number.isNaN(value) ? [indexOf(at, data.shape, axis).join()] : [];
    }),
  );
  return differing.every((at) => lines.has(indexOf(at, shape, axis).join()));
}

/** Lengths and labels for which a call reads beyond its data. */
function isOutside(length: number, count: number, least: number): boolean {
  return !(length >= least && length < count + least);
}

/**
 * Whether only elements differ that belong to a length, counted from 1, or a label, counted from 0, which the axis
 * does not have.
 */
export function differsOutside(
  { differing, arrays }: Elements,
  call: GoldenCall,
  { argument, least, axis: fallback }: { argument: number; least: 0 | 1; axis: number },
  shape: readonly number[],
): boolean {
  const data = argumentOf(call, 0, arrays);
  const bounds: NDArray = argumentOf(call, argument, arrays);
  const { length: rank } = data.shape;
  const axis = axisOf(call, rank, fallback) ?? (fallback + rank) % rank;
  const count = data.shape[axis] ?? 1;
  const bad = new Set(
    bounds.toFlat().flatMap((length, at) => {
      return isOutside(Math.trunc(length), count, least) ? [indexOf(at, bounds.shape).join()] : [];
    }),
  );
  // A sum over all of them.
  if (shape.length === 1 && shape[0] === 1) return bad.size > 0;
  return differing.every((at) => {
    const index = indexOf(at, shape, shape.length === rank ? axis : undefined);
    return bad.has(index.slice(0, bounds.shape.length).join());
  });
}

/** Whether only cells of the data differ, the call's first argument, that share a window with a NaN. */
export function differsNearNaN(
  { differing, arrays }: Elements,
  call: GoldenCall,
  shape: readonly number[],
): boolean {
  const data = argumentOf(call, 0, arrays);
  const { kernel } = call.attrs;
  if (!Array.isArray(kernel) || data.shape.join() !== shape.join()) return false;
  const reach = [1, 1, ...kernel.map(Number)];
  const places = data
    .toFlat()
    .flatMap((value, at) => (Number.isNaN(value) ? [indexOf(at, shape)] : []));
  return differing.every((at) => {
    const index = indexOf(at, shape);
    return places.some((place) =>
      place.every((c, axis) => Math.abs(c - (index[axis] ?? 0)) < (reach[axis] ?? 1)),
    );
  });
}
