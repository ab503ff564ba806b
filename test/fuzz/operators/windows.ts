import type { Shape, TensorType, Value } from "@adjoint/graph";
import type { Call, Sketch } from "../sketch.js";
import type { Maker, Makers } from "./maker.js";

interface Windows {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilate: readonly number[];
  readonly padLow: readonly number[];
  readonly padHigh: readonly number[];
}

/** Windows that fit the spatial axes; padding stays smaller than the window. */
function windowsOver({ choices }: Sketch, spatial: Shape, dilated: boolean): Windows {
  const axes = spatial.map((length) => {
    const kernel = choices.between(1, Math.min(3, length));
    const padLow = choices.between(0, kernel - 1);
    const padHigh = choices.between(0, kernel - 1);
    const room = kernel > 1 ? Math.floor((length + padLow + padHigh - 1) / (kernel - 1)) : 2;
    const dilate = dilated ? choices.between(1, Math.min(2, room)) : 1;
    return { kernel, padLow, padHigh, dilate, stride: choices.between(1, 2) };
  });
  return {
    kernel: axes.map(({ kernel }) => kernel),
    stride: axes.map(({ stride }) => stride),
    dilate: axes.map(({ dilate }) => dilate),
    padLow: axes.map(({ padLow }) => padLow),
    padHigh: axes.map(({ padHigh }) => padHigh),
  };
}

function counts(spatial: Shape, { kernel, stride, dilate, padLow, padHigh }: Windows): number[] {
  return spatial.map((length, axis) => {
    const extent = ((kernel[axis] ?? 1) - 1) * (dilate[axis] ?? 1) + 1;
    const padded = length + (padLow[axis] ?? 0) + (padHigh[axis] ?? 0);
    return Math.floor((padded - extent) / (stride[axis] ?? 1)) + 1;
  });
}

/** Data (batch, channels, ...spatial) with something in its spatial axes. */
function data(sketch: Sketch, domain: "real" | "moderate" | "positive" = "moderate"): Value {
  const accept = (shape: Shape) => !shape.slice(1).includes(0);
  return sketch.array({ ranks: sketch.choices.chance(0.1) ? [5, 5] : [3, 4], accept, domain });
}

interface Convolved {
  readonly x: Value;
  readonly weight: TensorType;
  readonly result: TensorType;
  readonly windows: Windows;
  readonly groups: number;
}

function convolved(sketch: Sketch, symmetric = false): Convolved {
  const { choices } = sketch;
  const x = data(sketch);
  const { dtype, shape } = x.type;
  const [batch = 1, channels = 1, ...spatial] = shape;
  const chosen = windowsOver(sketch, spatial, true);
  const windows = symmetric
    ? { ...chosen, padHigh: chosen.padLow, dilate: spatial.map(() => 1) }
    : chosen;
  const groups = channels % 2 === 0 && choices.chance(0.4) ? 2 : 1;
  const filters = groups * choices.between(1, 2);
  const weight = { dtype, shape: [filters, channels / groups, ...windows.kernel] };
  const result = { dtype, shape: [batch, filters, ...counts(spatial, windows)] };
  return { x, weight, result, windows, groups };
}

function placement({ stride, dilate, padLow, padHigh }: Windows) {
  return { stride, dilate, padLow, padHigh };
}

function pooled(sketch: Sketch): {
  x: Value;
  windows: Omit<Windows, "dilate">;
  result: TensorType;
} {
  const x = data(sketch, "real");
  const { dtype, shape } = x.type;
  const [batch = 1, channels = 1, ...spatial] = shape;
  const { dilate, ...windows } = windowsOver(sketch, spatial, false);
  const lengths = counts(spatial, { ...windows, dilate });
  return { x, windows, result: { dtype, shape: [batch, channels, ...lengths] } };
}

const layerConvolution: Maker = (sketch) => {
  const { x, weight, result, windows, groups } = convolved(sketch, true);
  const { stride, dilate, padLow: pad } = windows;
  const bias = { dtype: x.type.dtype, shape: result.shape.slice(1, 2) };
  const ins = [
    x,
    sketch.like(weight),
    ...sketch.choices.some([bias]).map((type) => sketch.like(type)),
  ];
  return { ins, attrs: { stride, dilate, pad, groups } };
};

/** The result's extent must stay positive, whatever the padding. */
const deconvolution: Maker = (sketch) => {
  const { choices } = sketch;
  const x = data(sketch);
  const { dtype, shape } = x.type;
  const [, channels = 1, ...spatial] = shape;
  const kernel = spatial.map(() => choices.between(1, 3));
  const stride = spatial.map(() => choices.between(1, 2));
  const pad = spatial.map((_, axis) => ((kernel[axis] ?? 1) === 3 ? choices.between(0, 1) : 0));
  const adj = spatial.map((_, axis) => choices.between(0, (stride[axis] ?? 1) - 1));
  const groups = channels % 2 === 0 && choices.chance(0.4) ? 2 : 1;
  const perGroup = choices.between(1, 2);
  const weight = sketch.like({ dtype, shape: [channels, perGroup, ...kernel] });
  const bias = { dtype, shape: [perGroup * groups] };
  const ins = [x, weight, ...choices.some([bias]).map((type) => sketch.like(type))];
  return { ins, attrs: { stride, dilate: spatial.map(() => 1), pad, groups, adj } };
};

const pooling: Maker = (sketch): Call => {
  const { choices } = sketch;
  const poolType = choices.pick(["max", "sum", "avg", "lp"]);
  const { x, windows } = pooled(sketch);
  const exact = poolType === "max" || poolType === "sum";
  const attrs = {
    ...windows,
    poolType,
    pValue: choices.between(1, 3),
    countIncludePad: choices.chance(0.5),
  };
  if (exact || sketch.floats.includes(x.type.dtype)) {
    const positive = poolType === "lp" ? fallback(sketch, x) : x;
    return { ins: [positive], attrs };
  }
  return { ins: [x], attrs: { ...attrs, poolType: "sum" } };
};

/** Roots of sums of powers are smooth where no window is zero. */
function fallback(sketch: Sketch, { type }: Value): Value {
  return sketch.freshArray(type, "positive");
}

/** Operators that move windows over data. */
export const windowMakers: Makers = {
  conv: (sketch) => {
    const { x, weight, windows, groups } = convolved(sketch);
    return { ins: [x, sketch.like(weight)], attrs: { ...placement(windows), groups } };
  },
  convData: (sketch) => {
    const { x, weight, result, windows, groups } = convolved(sketch);
    const spatial = x.type.shape.slice(2);
    const attrs = { ...placement(windows), groups, spatial };
    return { ins: [sketch.like(result), sketch.like(weight)], attrs };
  },
  convWeight: (sketch) => {
    const { x, result, windows, groups } = convolved(sketch);
    const attrs = { ...placement(windows), groups, kernel: windows.kernel };
    return { ins: [x, sketch.like(result)], attrs };
  },
  poolSum: (sketch) => {
    const { x, windows } = pooled(sketch);
    return { ins: [x], attrs: windows };
  },
  poolSumAdjoint: (sketch) => {
    const { x, windows, result } = pooled(sketch);
    return { ins: [sketch.like(result)], attrs: { ...windows, spatial: x.type.shape.slice(2) } };
  },
  poolMax: (sketch) => {
    const { x, windows } = pooled(sketch);
    return { ins: [x], attrs: windows };
  },
  Convolution: layerConvolution,
  Deconvolution: deconvolution,
  Pooling: pooling,
  UpSampling: (sketch) => ({
    ins: [sketch.array({ ranks: [4, 4] })],
    attrs: { scale: sketch.choices.between(1, 2) },
  }),
};
