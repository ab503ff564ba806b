import type { NDArray } from "@adjoint/nd";
import type { ArgumentKind, Evidence } from "../../scripts/differences.js";
import type { GoldenCall } from "../goldenCases.js";
import { type ArrayProblem, argumentOf, type Elements } from "./problem.js";

/** Arguments of elementwise operators at which numbers may differ. */
const argumentKinds: Readonly<Record<ArgumentKind, (x: number) => boolean>> = {
  pole: (x: number) => x <= 0 && (Number.isInteger(x) || x === Number.NEGATIVE_INFINITY),
  negativeZero: (x: number) => Object.is(x, -0),
  notInt32: (x: number) => !(Math.abs(x) < 2 ** 31),
  nan: Number.isNaN,
  notPositive: (x: number) => !(x > 0),
};

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

type Outside = Extract<Evidence, { kind: "outside" }>;

function axisOfLengths(call: GoldenCall, rank: number, { axis }: Outside): number {
  return axisOf(call, rank, axis) ?? (axis + rank) % rank;
}

/** Places among lengths, counted from 1, or labels, counted from 0, of those that the axis does not have. */
function placesOutside(
  { arrays }: Elements,
  call: GoldenCall,
  evidence: Outside,
): ReadonlySet<string> {
  const { argument, least } = evidence;
  if (typeof call.args[argument] !== "string") return new Set();
  const data = argumentOf(call, 0, arrays);
  const bounds: NDArray = argumentOf(call, argument, arrays);
  const count = data.shape[axisOfLengths(call, data.shape.length, evidence)] ?? 1;
  return new Set(
    bounds.toFlat().flatMap((length, at) => {
      return isOutside(Math.trunc(length), count, least) ? [indexOf(at, bounds.shape).join()] : [];
    }),
  );
}

/** Whether MXNet added a head gradient where it does not belong, or left one out. */
function isSpilled({ role, one }: ArrayProblem, { have, want }: Elements, call: GoldenCall) {
  const heads = one.head_grads?.[String(call.out)];
  if (role !== "gradient" || !heads) return () => false;
  return (at: number) => {
    const difference = Math.abs((want[at] ?? 0) - (have[at] ?? 0));
    return heads.data.some((head) => Math.abs(Math.abs(Number(head)) - difference) < 1e-5);
  };
}

/** Whether only elements differ that belong to such a length or label, or by what it read or wrote elsewhere. */
export function differsOutside(
  problem: ArrayProblem,
  elements: Elements,
  call: GoldenCall,
  evidence: Outside,
): boolean {
  const { differing, arrays } = elements;
  const { shape } = problem.want;
  const bad = placesOutside(elements, call, evidence);
  if (bad.size === 0) return false;
  const { length: rank } = argumentOf(call, 0, arrays).shape;
  const axis = axisOfLengths(call, rank, evidence);
  const { length: lengthsRank } = argumentOf(call, evidence.argument, arrays).shape;
  // A sum over all of them.
  if (shape.length === 1 && shape[0] === 1) return true;
  const isElsewhere = isSpilled(problem, elements, call);
  return differing.every((at) => {
    const index = indexOf(at, shape, shape.length === rank ? axis : undefined);
    return bad.has(index.slice(0, lengthsRank).join()) || isElsewhere(at);
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
