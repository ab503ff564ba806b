import {
  AttributeError,
  type Graph,
  type LoopLayout,
  ShapeError,
  type TensorType,
  tensorType,
} from "@adjoint/graph";
import { checkInteger } from "../core/options.js";
import { formatTypes, resultTypes, sameTypes } from "./body.js";
import { parametersOf } from "./inline.js";

/** One row per iteration. */
export function stackedType({ dtype, shape }: TensorType, length: number): TensorType {
  return tensorType(dtype, [length, ...shape]);
}

/** What one iteration sees of an array of slices. */
export function sliceType(op: string, { dtype, shape }: TensorType, length: number): TensorType {
  const [rows, ...rest] = shape;
  if (rows === length) return tensorType(dtype, rest);
  throw new ShapeError({
    op,
    problem: "an array of slices does not have one per iteration",
    received: `${rows ?? "no"} rows`,
    allowed: `${length} rows`,
  });
}

/** Refuses a body that does not give its states back as it takes them. */
export function checkStates(op: string, body: Graph, states: readonly TensorType[]): void {
  const next = resultTypes(body).slice(0, states.length);
  if (sameTypes(next, states)) return;
  throw new ShapeError({
    op,
    problem: `states change their types in ${body.name}`,
    received: `${formatTypes(states)} become ${formatTypes(next)}`,
    allowed: "one shape and dtype for all iterations",
  });
}

/** Types of a loop's results: last states, stacked, summed, and the history of the states. */
export function loopTypes(
  body: Graph,
  { states, stacked, history }: LoopLayout,
  length: number,
): readonly TensorType[] {
  const results = resultTypes(body);
  const kept = results.slice(0, states);
  return [
    ...kept,
    ...results.slice(states, states + stacked).map((type) => stackedType(type, length)),
    ...results.slice(states + stacked),
    ...(history ? kept.map((type) => stackedType(type, length)) : []),
  ];
}

/** A list cut into parts of the given lengths, and the rest. */
export function cut<T>(
  list: readonly T[],
  ...lengths: readonly number[]
): readonly (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  let from = 0;
  for (const length of lengths) {
    parts.push(list.slice(from, from + length));
    from += length;
  }
  return [...parts, list.slice(from)];
}

/** Refuses counts that are no numbers of parameters and results of the body. */
export function checkCounts(
  op: string,
  body: Graph,
  { states, slices, stacked }: Omit<LoopLayout, "history">,
): void {
  const parameters = parametersOf(body).length;
  const results = body.outputs.length;
  checkInteger(op, "states", states, 0);
  checkInteger(op, "slices", slices, 0);
  checkInteger(op, "stacked", stacked, 0);
  if (states + slices <= parameters && states + stacked <= results) return;
  throw new AttributeError({
    op,
    problem: `${body.name} has fewer parameters or results than are counted`,
    received: `${states} states, ${slices} slices, ${stacked} stacked`,
    allowed: `${parameters} parameters, ${results} results`,
  });
}
