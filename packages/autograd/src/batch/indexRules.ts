import { type IndexKernel, sizeOf, type Value } from "@adjoint/graph";
import { broadcastTo, fronts, nth, reshape } from "@adjoint/ops";
import {
  again,
  type BatchedCall,
  type BatchRule,
  batchAt,
  batches,
  emit,
  isBatched,
  moveAxis,
  numberOf,
  numbersOf,
  valueAt,
} from "./batchedCall.js";

/** Shared indices: the data has one more axis in front. */
function sharedIndices(call: BatchedCall, axis: number): readonly Value[] {
  return again(call, [valueAt(call, 0), valueAt(call, 1)], { axis: axis + 1 });
}

/** Indices of each example, repeated over the axes before and behind the one that they run along. */
function spreadIndices(indices: Value, before: number, after: number): Value {
  const { shape } = indices.type;
  const [size = 0, ...own] = shape;
  const count = sizeOf(own);
  return broadcastTo(reshape(indices, [size, 1, count, 1]), [size, before, count, after]);
}

const take: BatchRule = (call) => {
  const axis = numberOf(call.attrs, "axis");
  if (!isBatched(call, 1)) return sharedIndices(call, axis);
  if (!isBatched(call, 0)) {
    return again(call, [valueAt(call, 0), valueAt(call, 1)]).map((y) => moveAxis(y, axis, 0));
  }
  const [data, indices] = [valueAt(call, 0), valueAt(call, 1)];
  const shape = nth("take", call.types, 0).shape;
  const [before, after] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
  const flat = reshape(data, [call.size, before, nth("take", shape, axis), after]);
  const taken = emit(call, "takeAlong", [flat, spreadIndices(indices, before, after)], {
    axis: 2,
    mode: call.attrs.mode ?? "clip",
  });
  return taken.map((y) => reshape(y, [call.size, ...nth("take", call.outs, 0).shape]));
};

const takeAdjoint: BatchRule = (call) => {
  const axis = numberOf(call.attrs, "axis");
  if (!isBatched(call, 1)) return sharedIndices(call, axis);
  const [head, indices] = [batchAt(call, 0), valueAt(call, 1)];
  const shape = nth("takeAdjoint", call.outs, 0).shape;
  const [before, after] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
  const count = sizeOf(nth("takeAdjoint", call.types, 1).shape);
  const flat = reshape(head, [call.size, before, count, after]);
  const attrs = {
    axis: 2,
    mode: call.attrs.mode ?? "clip",
    length: numberOf(call.attrs, "length"),
  };
  const added = emit(
    call,
    "takeAlongAdjoint",
    [flat, spreadIndices(indices, before, after)],
    attrs,
  );
  return added.map((y) => reshape(y, [call.size, ...shape]));
};

const alongAxis: BatchRule = (call) =>
  again(call, batches(call), { axis: numberOf(call.attrs, "axis") + 1 });

/** How many axes of the data the indices of one example count. */
function depthOf(call: BatchedCall): number {
  return nth(call.op.name, nth(call.op.name, call.types, 1).shape, 0);
}

/** How many axes the indices of one example have besides that. */
function positionAxes(call: BatchedCall): number {
  return nth(call.op.name, call.types, 1).shape.length - 1;
}

/**
 * Indices (size, M, ...rest) as (M + 1, size, ...rest): each position starts with the number of its example. In double,
 * which holds every index of the other dtypes.
 */
function numberedIndices(call: BatchedCall): Value {
  const indices = moveAxis(fronts.cast(valueAt(call, 1), { dtype: "float64" }), 0, 1);
  const [, size = 0, ...rest] = indices.type.shape;
  const attrs = { start: 0, step: 1, length: size, repeat: 1, dtype: "float64" };
  const numbers = nth("arange", emit(call, "arange", [], attrs), 0);
  const column = reshape(numbers, [1, size, ...rest.map(() => 1)]);
  return fronts.concat(broadcastTo(column, [1, size, ...rest]), indices, { dim: 0 });
}

const gatherNd: BatchRule = (call) => {
  const [data, indices] = [valueAt(call, 0), valueAt(call, 1)];
  if (!isBatched(call, 1)) {
    const taken = again(call, [moveAxis(data, 0, depthOf(call)), indices]);
    return taken.map((y) => moveAxis(y, positionAxes(call), 0));
  }
  if (!isBatched(call, 0)) return again(call, [data, moveAxis(indices, 0, 1)]);
  return again(call, [data, numberedIndices(call)]);
};

const scatter: BatchRule = (call) => {
  const shape = numbersOf(call.attrs, "shape");
  if (isBatched(call, 1)) {
    const attrs = { shape: [call.size, ...shape] };
    return again(call, [batchAt(call, 0), numberedIndices(call)], attrs);
  }
  const depth = depthOf(call);
  const head = moveAxis(valueAt(call, 0), 0, positionAxes(call));
  const wide = [...shape.slice(0, depth), call.size, ...shape.slice(depth)];
  return again(call, [head, valueAt(call, 1)], { shape: wide }).map((y) => moveAxis(y, depth, 0));
};

const forms: { readonly [F in IndexKernel["form"]]: BatchRule } = {
  take,
  takeAdjoint,
  takeAlong: alongAxis,
  takeAlongAdjoint: alongAxis,
  gatherNd,
  gatherNdAdjoint: scatter,
  scatterNd: scatter,
};

export function indexRule(call: BatchedCall, { form }: IndexKernel): readonly Value[] {
  return forms[form](call);
}
