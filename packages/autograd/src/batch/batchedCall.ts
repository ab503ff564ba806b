import {
  type Attrs,
  type Builder,
  type Graph,
  GraphError,
  isAttrGraph,
  type OpDef,
  type Registry,
  type TensorType,
  type Value,
} from "@adjoint/graph";
import { broadcastTo, fronts, nth, reshape } from "@adjoint/ops";

/** A value of a mapped program: of all examples, with their axis first, or one that all examples share. */
export interface Mapped {
  readonly value: Value;
  readonly batched: boolean;
}

/** What all rules need to know of the mapped program. */
export interface BatchContext {
  readonly builder: Builder;
  readonly registry: Registry;
  /** How many examples there are. */
  readonly size: number;
  /** The program of a batch from the program of one example; says which inputs are batched. All its results are. */
  mapBody(body: Graph, batched: readonly boolean[]): Graph;
}

/** An operator to be applied to all examples at once; at least one argument is batched. */
export interface BatchedCall extends BatchContext {
  readonly op: OpDef;
  readonly attrs: Attrs;
  readonly ins: readonly Mapped[];
  /** Types of the arguments and results of one example. */
  readonly types: readonly TensorType[];
  readonly outs: readonly TensorType[];
}

/** The results of a batch, the examples' axis first. */
export type BatchRule = (call: BatchedCall) => readonly Value[];

/** Applies the operator of this name. */
export function emit(
  { builder, registry }: BatchContext,
  op: string,
  ins: readonly Value[],
  attrs: Attrs,
): readonly Value[] {
  return builder.emit(registry.get(op), ins, attrs);
}

/** Applies the call's own operator, with attributes changed. */
export function again(
  { builder, op, attrs }: BatchedCall,
  ins: readonly Value[],
  changed: Attrs = {},
): readonly Value[] {
  return builder.emit(op, ins, { ...attrs, ...changed });
}

export function isBatched({ ins }: BatchedCall, position: number): boolean {
  return ins[position]?.batched === true;
}

/** An argument as it is. */
export function valueAt({ op, ins }: BatchedCall, position: number): Value {
  return nth(op.name, ins, position).value;
}

/** An argument as a batch: a shared one is repeated for each example, as a view. */
export function batchAt(call: BatchedCall, position: number): Value {
  const { value, batched } = nth(call.op.name, call.ins, position);
  return batched ? value : repeated(value, call.size);
}

/** All arguments as batches. */
export function batches(call: BatchedCall): readonly Value[] {
  return call.ins.map((_, position) => batchAt(call, position));
}

/** The same array for each of `size` examples. */
export function repeated(x: Value, size: number): Value {
  return broadcastTo(x, [size, ...x.type.shape]);
}

/** Axis `from` moved to position `to`. */
export function moveAxis(x: Value, from: number, to: number): Value {
  return from === to ? x : fronts.moveaxis(x, { source: from, destination: to });
}

/** Axes `axis` and `axis + 1` as one. */
export function mergeAxes(x: Value, axis: number): Value {
  const { shape } = x.type;
  const merged = nth("merge", shape, axis) * nth("merge", shape, axis + 1);
  return reshape(x, [...shape.slice(0, axis), merged, ...shape.slice(axis + 2)]);
}

/** Axis `axis` as two, the first of `size`. */
export function splitAxis(x: Value, axis: number, size: number): Value {
  const { shape } = x.type;
  const rest = size === 0 ? 0 : nth("split", shape, axis) / size;
  return reshape(x, [...shape.slice(0, axis), size, rest, ...shape.slice(axis + 1)]);
}

/** A shape or a list of one number per axis, with a first entry for the examples. */
export function withFirst(first: number, list: readonly number[]): readonly number[] {
  return [first, ...list];
}

/** The error for an operator that has no rule. */
export function noRule({ op }: BatchedCall, reason: string): GraphError {
  return new GraphError({
    op: "vmap",
    problem: `operator ${op.name} can't be mapped over examples`,
    received: reason,
  });
}

/** A graph among the attributes. */
export function bodyAt({ op, attrs }: BatchedCall, name: string): Graph {
  const body = attrs[name];
  if (body !== undefined && isAttrGraph(body)) return body;
  throw new Error(`${op.name}: attribute ${name} is not a graph`);
}

/** A number among the attributes. */
export function numberOf(attrs: Attrs, name: string): number {
  const value = attrs[name];
  if (typeof value === "number") return value;
  throw new Error(`attribute ${name} is not a number`);
}

/** A list of numbers among the attributes. */
export function numbersOf(attrs: Attrs, name: string): readonly number[] {
  const value = attrs[name];
  const numbers = Array.isArray(value) ? value.filter((item) => typeof item === "number") : [];
  if (Array.isArray(value) && numbers.length === value.length) return numbers;
  throw new Error(`attribute ${name} is not a list of numbers`);
}
