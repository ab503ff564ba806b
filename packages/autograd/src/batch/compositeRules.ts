import { type Attrs, equalShapes, type Value } from "@adjoint/graph";
import { nth } from "@adjoint/ops";
import { axesRule, axisRule, leadingRule } from "./axisRules.js";
import {
  again,
  type BatchedCall,
  batchAt,
  mergeAxes,
  noRule,
  numberOf,
  splitAxis,
} from "./batchedCall.js";
import { callRule } from "./controlRules.js";
import { foldRows } from "./windowRules.js";

/** The results of a batch; undefined where the composite has to be mapped part by part. */
type CompositeRule = (call: BatchedCall) => readonly Value[] | undefined;

function onlyDataBatched({ ins }: BatchedCall): boolean {
  return ins.every(({ batched }, position) => batched === (position === 0));
}

/** Layers over rows of data: more rows, as long as all examples share the parameters. */
const sharedParameters: CompositeRule = (call) =>
  onlyDataBatched(call) ? foldRows(call) : undefined;

/** Normalizes along one axis of the data with shared parameters. */
const sharedAlongAxis: CompositeRule = (call) =>
  onlyDataBatched(call)
    ? again(
        call,
        call.ins.map(({ value }) => value),
        { axis: numberOf(call.attrs, "axis") + 1 },
      )
    : undefined;

/**
 * Last layers with a loss in their gradient. That gradient is not the derivative of what they are made of, so they stay
 * whole: examples become more rows, data and labels alike.
 */
function foldedLoss(call: BatchedCall, changed: Attrs = {}): readonly Value[] {
  const rows = call.ins.map((_, position) => {
    const batch = batchAt(call, position);
    return batch.type.shape.length === 1 ? batch : mergeAxes(batch, 0);
  });
  const { shape } = nth(call.op.name, call.outs, 0);
  return again(call, rows, changed).map((y) =>
    shape.length === 0 ? y : splitAxis(y, 0, call.size),
  );
}

const softmaxOutput: CompositeRule = (call) => {
  const { attrs, types, size } = call;
  const [data, label] = [nth("SoftmaxOutput", types, 0), nth("SoftmaxOutput", types, 1)];
  // Probabilities as labels are not normalized; the batch's length grows by the number of examples.
  const normalization = equalShapes(data.shape, label.shape) ? "null" : attrs.normalization;
  if (normalization === "valid") {
    throw noRule(call, "normalization valid, which counts labels over the whole batch");
  }
  const factor = normalization === "batch" ? size : 1;
  return foldedLoss(call, { gradScale: numberOf(attrs, "gradScale") * factor });
};

/** `x Wᵀ + b` takes any number of axes before the features, or flattens all but the first. */
const fullyConnected: CompositeRule = (call) => {
  if (call.attrs.flatten === true) return sharedParameters(call);
  return onlyDataBatched(call)
    ? again(
        call,
        call.ins.map(({ value }) => value),
      )
    : undefined;
};

const unary: CompositeRule = (call) => (call.ins.length === 1 ? leadingRule(call) : undefined);

/** Composites that stay one node; the others are mapped part by part. */
const rules: Readonly<Record<string, CompositeRule>> = {
  Activation: unary,
  LeakyReLU: unary,
  oneHot: unary,
  det: unary,
  softmax: axisRule,
  logSoftmax: axisRule,
  mean: axesRule,
  nansum: axesRule,
  nanprod: axesRule,
  norm: axesRule,
  moments: axesRule,
  L2Normalization: axesRule,
  LayerNorm: sharedAlongAxis,
  FullyConnected: fullyConnected,
  Convolution: sharedParameters,
  Deconvolution: sharedParameters,
  Pooling: foldRows,
  UpSampling: foldRows,
  LRN: foldRows,
  InstanceNorm: sharedParameters,
  GroupNorm: sharedParameters,
  SoftmaxOutput: softmaxOutput,
  LinearRegressionOutput: (call) => foldedLoss(call),
  LogisticRegressionOutput: (call) => foldedLoss(call),
  MAERegressionOutput: (call) => foldedLoss(call),
  SVMOutput: (call) => foldedLoss(call),
  call: callRule,
  customFunction(call) {
    throw noRule(call, "a custom function, whose backward takes one example");
  },
};

export function compositeRule(call: BatchedCall): readonly Value[] | undefined {
  return rules[call.op.name]?.(call);
}
