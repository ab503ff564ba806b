import { type Shape, sizeOf } from "@adjoint/graph";
import type { DomainName } from "../domains.js";
import { anyNumber } from "../domains.js";
import type { Sketch } from "../sketch.js";
import { each, isFilled, type Maker, type Makers } from "./maker.js";

const reduction =
  (filled = false, domain: DomainName = "real"): Maker =>
  (sketch) => {
    const x = sketch.array({ domain, ...(filled ? { accept: isFilled } : {}) });
    const axes = sketch.axes(x.type.shape.length);
    return { ins: [x], attrs: { axes, keepdims: sketch.choices.chance(0.5) } };
  };

/** Any way to write a number of elements as lengths of axes. */
function reshaped({ choices }: Sketch, shape: Shape): number[] {
  const size = sizeOf(shape);
  if (size === 0) return choices.chance(0.5) ? [0, 2] : [...shape, 1];
  const lengths: number[] = [];
  for (let rest = size; rest > 1; ) {
    const factor = [4, 3, 2].find((one) => rest % one === 0 && choices.chance(0.6)) ?? rest;
    lengths.push(factor);
    rest /= factor;
  }
  const order = choices.permutation(lengths.length).map((at) => lengths[at] ?? 1);
  return choices.chance(0.4) ? [1, ...order] : choices.chance(0.3) ? [...order, 1] : order;
}

const slices: Maker = (sketch) => {
  const { choices } = sketch;
  const x = sketch.array();
  const ranges = x.type.shape.map((length) => {
    if (length === 0 || choices.chance(0.04)) return { start: 0, size: 0, step: 1 };
    const step = choices.pick([1, 1, 2, -1, -2]);
    const start = choices.between(0, length - 1);
    const room = step > 0 ? length - 1 - start : start;
    return { start, step, size: choices.between(1, Math.floor(room / Math.abs(step)) + 1) };
  });
  const starts = ranges.map(({ start }) => start);
  const sizes = ranges.map(({ size }) => size);
  return { ins: [x], attrs: { starts, sizes, steps: ranges.map(({ step }) => step) } };
};

const pads: Maker = (sketch) => {
  const { choices, style } = sketch;
  const x = sketch.array();
  const { dtype, shape } = x.type;
  const interior = shape.map(() => choices.pick([0, 0, 1]));
  const low = shape.map(() => choices.between(-1, 2));
  const high = shape.map((length, axis) => {
    const spread = length + Math.max(length - 1, 0) * (interior[axis] ?? 0);
    return Math.max(choices.between(-1, 2), -spread - (low[axis] ?? 0));
  });
  const value = style === "smooth" ? choices.real(-1, 1) : anyNumber(choices, dtype);
  return { ins: [x], attrs: { low, high, interior, value: choices.chance(0.5) ? 0 : value } };
};

const joins: Maker = (sketch) => {
  const x = sketch.array({ ranks: [1, 3] });
  const { dtype, shape } = x.type;
  const axis = sketch.axis(shape.length);
  const others = Array.from({ length: sketch.choices.between(0, 2) }, () =>
    sketch.like({ dtype, shape: shape.map((all, at) => (at === axis ? sketch.length() : all)) }),
  );
  return { ins: sketch.choices.chance(0.2) ? [x, x] : [x, ...others], attrs: { axis } };
};

const scans: Maker = (sketch) => {
  const x = sketch.array({ ranks: [1, 3], domain: "moderate" });
  const axis = sketch.axis(x.type.shape.length);
  return { ins: [x], attrs: { axis, reverse: sketch.choices.chance(0.5) } };
};

/** Operators that reduce, move and order. */
export const arrayMakers: Makers = {
  ...each(reduction(), "sum", "mean", "nansum", "nanprod", "moments"),
  ...each(reduction(true), "max", "min", "argmax", "argmin"),
  prod: reduction(false, "moderate"),
  norm: (sketch) => {
    const { ins, attrs } = reduction(false, "positive")(sketch);
    return { ins, attrs: { ...attrs, ord: sketch.choices.between(1, 2) } };
  },
  broadcastTo: (sketch) => {
    const x = sketch.array({ ranks: [0, 2] });
    const kept = x.type.shape.map((length) => (length === 1 ? sketch.length() : length));
    return { ins: [x], attrs: { shape: [...sketch.shape(0, 1), ...kept] } };
  },
  barrier: (sketch) => ({ ins: [sketch.array()], attrs: {} }),
  reshape: (sketch) => {
    const x = sketch.array();
    return { ins: [x], attrs: { shape: reshaped(sketch, x.type.shape) } };
  },
  transpose: (sketch) => {
    const x = sketch.array();
    return { ins: [x], attrs: { axes: sketch.choices.permutation(x.type.shape.length) } };
  },
  slice: slices,
  pad: pads,
  concat: joins,
  sort: (sketch) => {
    const x = sketch.array({ ranks: [1, 3] });
    const axis = sketch.axis(x.type.shape.length);
    return { ins: [x], attrs: { axis, ascending: sketch.choices.chance(0.5) } };
  },
  ...each(scans, "cumsum", "cumprod"),
};
