import type { Value } from "@adjoint/graph";
import { fronts, reshape } from "@adjoint/ops";
import {
  again,
  type BatchRule,
  batches,
  noRule,
  numberOf,
  numbersOf,
  valueAt,
  withFirst,
} from "./batchedCall.js";

/** Elementwise operators that do not stretch their arguments. */
const sameShapes: ReadonlySet<string> = new Set(["addN"]);

/** Elementwise: ranks are aligned, so that broadcasting pairs the axes as it does for one example. */
export const mapRule: BatchRule = (call) => {
  if (sameShapes.has(call.op.name)) return again(call, batches(call));
  const rank = Math.max(...call.outs.map(({ shape }) => shape.length));
  const aligned = call.ins.map(({ value, batched }) => {
    if (!batched) return value;
    const [size = 0, ...shape] = value.type.shape;
    return reshape(value, [size, ...new Array<number>(rank - shape.length).fill(1), ...shape]);
  });
  return again(call, aligned);
};

/** Axes named one by one move behind the examples' axis. */
export const axesRule: BatchRule = (call) => {
  const axes = numbersOf(call.attrs, "axes").map((axis) => axis + 1);
  return again(call, batches(call), { axes });
};

/** The axis named moves behind the examples' axis. */
export const axisRule: BatchRule = (call) =>
  again(call, batches(call), { axis: numberOf(call.attrs, "axis") + 1 });

/** Operators that work on the last axes and take any number of axes before them. */
export const leadingRule: BatchRule = (call) => again(call, batches(call));

/** Re-indexings of one array, by operator: their attributes get an entry for the examples' axis. */
const views: Readonly<Record<string, BatchRule>> = {
  barrier: (call) => again(call, batches(call)),
  reshape: (call) =>
    again(call, batches(call), { shape: withFirst(call.size, numbersOf(call.attrs, "shape")) }),
  transpose: (call) => {
    const axes = numbersOf(call.attrs, "axes").map((axis) => axis + 1);
    return again(call, batches(call), { axes: withFirst(0, axes) });
  },
  slice: (call) =>
    again(call, batches(call), {
      starts: withFirst(0, numbersOf(call.attrs, "starts")),
      sizes: withFirst(call.size, numbersOf(call.attrs, "sizes")),
      steps: withFirst(1, numbersOf(call.attrs, "steps")),
    }),
  broadcastTo: (call) => {
    const shape = numbersOf(call.attrs, "shape");
    const [size = 0, ...own] = valueAt(call, 0).type.shape;
    const ones = new Array<number>(shape.length - own.length).fill(1);
    const aligned = reshape(valueAt(call, 0), [size, ...ones, ...own]);
    return again(call, [aligned], { shape: withFirst(call.size, shape) });
  },
};

export const viewRule: BatchRule = (call) => {
  const rule = views[call.op.name];
  if (rule !== undefined) return rule(call);
  throw noRule(call, `a view other than ${Object.keys(views).join(", ")}`);
};

const packs: Readonly<Record<string, BatchRule>> = {
  concat: axisRule,
  pad: (call) =>
    again(call, batches(call), {
      low: withFirst(0, numbersOf(call.attrs, "low")),
      high: withFirst(0, numbersOf(call.attrs, "high")),
      interior: withFirst(0, numbersOf(call.attrs, "interior")),
    }),
};

export const packRule: BatchRule = (call) => {
  const rule = packs[call.op.name];
  if (rule !== undefined) return rule(call);
  throw noRule(call, `an operator other than ${Object.keys(packs).join(", ")}`);
};

/** Samples are functions of their state and parameters: one draw for each example. */
export const randomRule: BatchRule = (call) => {
  const draws = Array.from({ length: call.size }, (_, example) => {
    const ins = call.ins.map(({ value, batched }) => {
      if (!batched) return value;
      const own = fronts.sliceAxis(value, { axis: 0, begin: example, end: example + 1 });
      return reshape(own, own.type.shape.slice(1));
    });
    return again(call, ins);
  });
  return call.outs.map((_, out) => stacked(draws.flatMap((results) => results[out] ?? [])));
};

function stacked(parts: readonly Value[]): Value {
  return fronts.stack(...parts, { axis: 0 });
}
