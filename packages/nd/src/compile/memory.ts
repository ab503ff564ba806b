import { sizeOf, type TensorType, tensorType, type Value } from "@adjoint/graph";
import { fronts, reshape } from "@adjoint/ops";
import type { Source } from "./source.js";
import type { Tape } from "./tape.js";

/** Memory that arrays share while a function is compiled: its contents are a value of the tape. */
export interface Cell {
  readonly type: TensorType;
  /** Where the contents come from when the plan runs, and where they go; undefined for memory of the function's own. */
  readonly source: Source | undefined;
  /** What it holds at the beginning; undefined until somebody reads it. */
  initial: Value | undefined;
  /** What it holds now; undefined as long as that is what it held at the beginning, unread. */
  value: Value | undefined;
}

/** Where an array lies: a run of elements of a cell. */
export interface Place {
  cell: Cell;
  offset: number;
  /** What the array was recorded as, where gradients flow through it. */
  recorded: Value | undefined;
  /** The contents of the cell when it was recorded. */
  seen: Value | undefined;
}

/** A cell of the function's own. */
export function localCell(value: Value): Cell {
  return { type: value.type, source: undefined, initial: undefined, value };
}

/** The elements of an array of `type` at a place of the cell's contents. */
export function elementsAt(contents: Value, offset: number, type: TensorType): Value {
  const size = sizeOf(type.shape);
  const { shape } = contents.type;
  if (size === sizeOf(shape)) return shaped(contents, type.shape);
  const flat = shaped(contents, [sizeOf(shape)]);
  return shaped(fronts.slice(flat, { begin: [offset], end: [offset + size] }), type.shape);
}

/** The cell's contents with a run of elements replaced. */
export function withElements(contents: Value, offset: number, elements: Value): Value {
  const { shape } = contents.type;
  const [all, count] = [sizeOf(shape), sizeOf(elements.type.shape)];
  if (all === count) return shaped(elements, shape);
  const flat = shaped(contents, [all]);
  const cut = (begin: number, end: number) =>
    begin === end ? [] : [fronts.slice(flat, { begin: [begin], end: [end] })];
  const parts = [...cut(0, offset), shaped(elements, [count]), ...cut(offset + count, all)];
  return shaped(joined(parts), shape);
}

/**
 * The cell's contents with single elements replaced: `positions` says where each of `elements` goes, the last one where
 * several go to one place.
 */
export function withScattered(
  tape: Tape,
  contents: Value,
  positions: Int32Array,
  elements: Value,
): Value {
  const { shape } = contents.type;
  const all = sizeOf(shape);
  const from = Int32Array.from({ length: all }, (_, at) => at);
  positions.forEach((position, at) => {
    from[position] = all + at;
  });
  const both = joined([shaped(contents, [all]), shaped(elements, [positions.length])]);
  const indices = tape.constant(from, tensorType("int32", [all]));
  return shaped(fronts.take(both, indices, { axis: 0 }), shape);
}

function joined(parts: readonly Value[]): Value {
  const [first, ...rest] = parts;
  if (first === undefined) throw new Error("memory: nothing to join");
  return rest.length === 0 ? first : fronts.concatenate([first, ...rest], { axis: 0 });
}

function shaped(value: Value, shape: TensorType["shape"]): Value {
  const { shape: before } = value.type;
  const same = before.length === shape.length && before.every((one, axis) => one === shape[axis]);
  return same ? value : reshape(value, shape);
}
