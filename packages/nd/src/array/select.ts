import { equalShapes, type OpDef, sizeOf, tensorType } from "@adjoint/graph";
import { applyOne, fronts, registry, reshape } from "@adjoint/ops";
import { createTensor } from "@adjoint/runtime";
import type { NDArray } from "./ndarray.js";
import type { Selection } from "./selection.js";

const sliceOp: OpDef = registry.get("slice");

/** The selected elements, as ordinary operators take them; repeated ones add up in the gradient. */
export function select(array: NDArray, selection: Selection): NDArray {
  const { arrays, shape } = selection;
  const taken = ranges(array, selection);
  const [only] = arrays;
  if (only === undefined) return reshape(taken, shape);
  if (arrays.length > 1) return reshape(gathered(taken, selection), shape);
  const indices = indexArray(array, [only.indices], selection.block);
  return reshape(fronts.take(taken, indices, { axis: only.axis }), shape);
}

function ranges(array: NDArray, { begin, step, count }: Selection): NDArray {
  const whole = equalShapes(count, array.shape) && step.every((one) => one === 1);
  if (whole) return array;
  const starts = begin.map((start, axis) => (count[axis] === 0 ? 0 : start));
  return applyOne<NDArray>(sliceOp, [array], { starts, sizes: count, steps: step });
}

/** Elements by several index arrays: their axes to the front, gathered, and the block to its place. */
function gathered(x: NDArray, { arrays, block, before }: Selection): NDArray {
  const listed = arrays.map(({ axis }) => axis);
  const rest = x.shape.map((_, axis) => axis).filter((axis) => !listed.includes(axis));
  const lists = arrays.map(({ indices }) => indices);
  const indices = indexArray(x, lists, [lists.length, ...block]);
  const found = fronts.gatherNd(ordered(x, [...listed, ...rest]), indices);
  const own = block.map((_, axis) => axis);
  const others = rest.map((_, position) => block.length + position);
  return ordered(found, [...others.slice(0, before), ...own, ...others.slice(before)]);
}

function ordered(x: NDArray, axes: readonly number[]): NDArray {
  return axes.every((axis, position) => axis === position) ? x : fronts.transpose(x, { axes });
}

/** Indices as an array beside `like`. */
function indexArray(
  like: NDArray,
  lists: readonly Int32Array[],
  shape: readonly number[],
): NDArray {
  const { type, data } = createTensor(tensorType("int32", shape));
  if (data instanceof Int32Array) {
    lists.forEach((list, row) => {
      data.set(list, (row * sizeOf(shape)) / lists.length);
    });
  }
  return like.emitter.fromTensor({ type, data });
}
