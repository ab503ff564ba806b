import { type Shape, sizeOf, type TensorType, type Value } from "@adjoint/graph";
import { positions } from "../domains.js";
import type { Sketch } from "../sketch.js";
import { each, isFilled, type Maker, type Makers } from "./maker.js";

function filledFloats(sketch: Sketch, least: number, most = 3): Value {
  return sketch.array({ dtypes: sketch.floats, ranks: [least, most], accept: isFilled });
}

/** Class labels below `classes`, in any dtype that can hold them. */
function labels(sketch: Sketch, shape: Shape, classes: number): Value {
  const dtype = sketch.dtype(sketch.indexDTypes);
  return sketch.fresh({ dtype, shape }, positions(classes, dtype, 0));
}

const regression: Maker = (sketch) => {
  const x = filledFloats(sketch, 1, 2);
  const attrs = { gradScale: sketch.choices.pick([1, 2]) };
  return { ins: [x, sketch.like(x.type)], attrs };
};

const softmaxOutput: Maker = (sketch) => {
  const { choices } = sketch;
  const multiOutput = choices.chance(0.4);
  const preserveShape = !multiOutput && choices.chance(0.4);
  const x = filledFloats(sketch, 2, 3);
  const { shape } = x.type;
  const [rows = 1, classes = 1, ...rest] = shape;
  const count = preserveShape
    ? (shape.at(-1) ?? 1)
    : multiOutput
      ? classes
      : sizeOf(shape.slice(1));
  const places = preserveShape ? shape.slice(0, -1) : multiOutput ? [rows, ...rest] : [rows];
  const attrs = {
    gradScale: choices.pick([1, 0.5]),
    ignoreLabel: choices.between(-1, 1),
    useIgnore: choices.chance(0.4),
    multiOutput,
    preserveShape,
    normalization: choices.pick(["null", "batch", "valid"]),
    outGrad: choices.chance(0.4),
    smoothAlpha: choices.pick([0, 0, 0.1]),
  };
  return { ins: [x, labels(sketch, places, count)], attrs };
};

/** Scale and shift per channel, of the data's dtype. */
function perChannel(sketch: Sketch, { dtype }: TensorType, count: number): readonly Value[] {
  const type = { dtype, shape: [count] };
  return [sketch.like(type), sketch.like(type)];
}

/** Moving statistics count as constants. */
function movingStatistics(sketch: Sketch, { dtype }: TensorType, count: number): readonly Value[] {
  const type = { dtype, shape: [count] };
  return [0, 1].map((least) =>
    sketch.fresh(
      type,
      (choices, shape) => Array.from({ length: sizeOf(shape) }, () => choices.real(least, 2)),
      true,
    ),
  );
}

const batchNorm: Maker = (sketch) => {
  const { choices } = sketch;
  const x = filledFloats(sketch, 2, 4);
  const axis = sketch.axis(x.type.shape.length);
  const count = x.type.shape[axis] ?? 1;
  const attrs = { axis, eps: 0.1, fixGamma: choices.chance(0.3), training: choices.chance(0.6) };
  const statistics = movingStatistics(sketch, x.type, count);
  return { ins: [x, ...perChannel(sketch, x.type, count), ...statistics], attrs };
};

const groupNorm: Maker = (sketch) => {
  const x = filledFloats(sketch, 3, 4);
  const groups = (x.type.shape[1] ?? 1) % 2 === 0 ? 2 : 1;
  return { ins: [x, ...perChannel(sketch, x.type, groups)], attrs: { groups, eps: 0.1 } };
};

const fullyConnected: Maker = (sketch) => {
  const { choices } = sketch;
  const x = sketch.array({ ranks: [2, 3], domain: "moderate" });
  const { dtype, shape } = x.type;
  const flatten = choices.chance(0.5);
  const features = flatten ? sizeOf(shape.slice(1)) : (shape.at(-1) ?? 1);
  const hidden = choices.between(1, 3);
  const weight = sketch.like({ dtype, shape: [hidden, features] });
  const bias = choices.some([{ dtype, shape: [hidden] }]).map((type) => sketch.like(type));
  return { ins: [x, weight, ...bias], attrs: { flatten } };
};

const temperature = ({ choices }: Sketch) => choices.pick([1, 2, 0.5]);

const softmax: Maker = (sketch) => {
  const x = filledFloats(sketch, 1);
  const { shape } = x.type;
  const axis = sketch.axis(shape.length);
  const attrs = { axis, temperature: temperature(sketch) };
  if (sketch.choices.chance(0.6)) return { ins: [x], attrs };
  const rows = shape.filter((_, other) => other !== axis);
  return { ins: [x, labels(sketch, rows, (shape[axis] ?? 1) + 1)], attrs };
};

/** The layers of MXNet, but for those that move windows. */
export const layerMakers: Makers = {
  FullyConnected: fullyConnected,
  softmax,
  logSumExp: (sketch) => {
    const x = filledFloats(sketch, 1);
    const axes = [sketch.axis(x.type.shape.length)];
    return { ins: [x], attrs: { axes, keepdims: sketch.choices.chance(0.5) } };
  },
  logSoftmax: (sketch) => {
    const x = filledFloats(sketch, 1);
    const axis = sketch.axis(x.type.shape.length);
    return { ins: [x], attrs: { axis, temperature: temperature(sketch) } };
  },
  softmaxCrossEntropy: (sketch) => {
    const x = filledFloats(sketch, 2, 2);
    const [rows = 1, classes = 1] = x.type.shape;
    return { ins: [x, labels(sketch, [rows], classes)], attrs: {} };
  },
  SoftmaxOutput: softmaxOutput,
  ...each(regression, "LinearRegressionOutput", "LogisticRegressionOutput", "MAERegressionOutput"),
  SVMOutput: (sketch) => {
    const x = filledFloats(sketch, 2, 2);
    const [rows = 1, classes = 1] = x.type.shape;
    const useLinear = sketch.choices.chance(0.5);
    const attrs = { margin: 1, regularizationCoefficient: 0.5, useLinear };
    return { ins: [x, labels(sketch, [rows], classes)], attrs };
  },
  BatchNorm: batchNorm,
  LayerNorm: (sketch) => {
    const x = filledFloats(sketch, 1);
    const axis = sketch.axis(x.type.shape.length);
    const parameters = perChannel(sketch, x.type, x.type.shape[axis] ?? 1);
    return { ins: [x, ...parameters], attrs: { axis, eps: 0.1 } };
  },
  InstanceNorm: (sketch) => {
    const x = filledFloats(sketch, 3, 4);
    return { ins: [x, ...perChannel(sketch, x.type, x.type.shape[1] ?? 1)], attrs: { eps: 0.1 } };
  },
  GroupNorm: groupNorm,
  L2Normalization: (sketch) => {
    const x = filledFloats(sketch, 2);
    return { ins: [x], attrs: { axes: sketch.axes(x.type.shape.length), eps: 0.1 } };
  },
  LRN: (sketch) => ({
    ins: [filledFloats(sketch, 2, 4)],
    attrs: { alpha: 0.1, beta: 0.75, knorm: 2, nsize: sketch.choices.pick([1, 3]) },
  }),
  Dropout: (sketch) => {
    const x = sketch.array({ dtypes: sketch.floats });
    const attrs = { p: sketch.choices.pick([0.5, 0.2, 0]), axes: sketch.axes(x.type.shape.length) };
    return { ins: [x, sketch.state()], attrs };
  },
};
