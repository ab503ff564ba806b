import { Builder, type Graph, type Value } from "@adjoint/graph";
import { fill, fronts, nth, reshape } from "@adjoint/ops";
import { applyGraph } from "../inline.js";
import { inputsOf } from "../naming.js";
import { type BatchContext, emit, type Mapped } from "./batchedCall.js";

/**
 * Where examples go different ways, some sit out while a body runs on the whole batch. `active` holds one int32 per
 * example, 1 for those that take part. The others are given the numbers of one that does: a body meets nothing that
 * it would not meet in a loop over the examples, so nothing overflows, divides by 0 or turns a gradient into NaN
 * that would not there. What it computes for them is thrown away.
 */

/** The examples' axis as a column beside `like`. */
function columnOf(active: Value, like: Value): Value {
  const [size = 0, ...rest] = like.type.shape;
  return reshape(active, [size, ...rest.map(() => 1)]);
}

/** `x` for active examples, `otherwise` for the rest. */
export function choose(context: BatchContext, active: Value, x: Value, otherwise: Value): Value {
  return nth("where", emit(context, "where", [columnOf(active, x), x, otherwise], {}), 0);
}

/** `x` for active examples, 0 for the rest. */
export function orZero(context: BatchContext, active: Value, x: Value): Value {
  return choose(context, active, x, fill(x, [], 0));
}

/** Batched values with those of an active example in place of all that are not. There must be one. */
export function fromActive(
  context: BatchContext,
  active: Value,
  ins: readonly Mapped[],
): readonly Value[] {
  const first = fronts.argmax(active, { axis: 0 });
  return ins.map(({ value, batched }) =>
    batched ? choose(context, active, value, fronts.take(value, first)) : value,
  );
}

/** Int32, 1 for each example whose one element is not 0. */
export function truths(context: BatchContext, x: Value): Value {
  return fronts.cast(fronts.notEqual(reshape(x, [context.size]), 0), { dtype: "int32" });
}

/** 1 if any example is active: one element without axes. */
export function anyActive(active: Value): Value {
  return reshape(fronts.max(active), []);
}

/** Applies a body, its inputs in order. */
export function applyBody(
  { builder, registry }: BatchContext,
  body: Graph,
  ins: readonly Value[],
): readonly Value[] {
  const names = inputsOf(body).map(({ name }) => name);
  const given = new Map(names.map((name, at) => [name, nth(body.name, ins, at)]));
  return [...applyGraph(builder, body, given, registry).values()];
}

/** A graph of values like `ins`, made by `make`. */
export function bodyLike(
  context: BatchContext,
  name: string,
  ins: readonly Value[],
  make: (inside: readonly Value[], context: BatchContext) => readonly Value[],
): Graph {
  const builder = new Builder(name);
  const inside = ins.map(({ type }, at) => builder.input(`in${at}`, type));
  make(inside, { ...context, builder }).forEach((value, at) => {
    builder.output(`out${at}`, value);
  });
  return builder.finish();
}
