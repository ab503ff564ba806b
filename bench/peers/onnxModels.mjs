/** The workloads that need no gradients, as ONNX models: bytes, and the arrays to feed. */
import * as inputs from "../inputs.ts";
import { OnnxModel } from "./onnxModel.mjs";

function crossEntropy(model, logits, { data }) {
  const oneHot = new Float32Array(data.length * 10);
  for (const [row, label] of data.entries()) oneHot[10 * row + label] = 1;
  const target = model.constant({ data: oneHot, shape: [data.length, 10] });
  const chosen = model.apply("Mul", [model.apply("LogSoftmax", [logits], { axis: -1 }), target]);
  const sums = model.apply("ReduceSum", [chosen, model.integers([-1])], { keepdims: 0 });
  return model.apply("Neg", [model.apply("ReduceMean", [sums], { keepdims: 0 })]);
}

function dense(model, x, params) {
  let h = x;
  for (let at = 0; at < params.length; at += 2) {
    h = model.apply("Gemm", [h, model.constant(params[at]), model.constant(params[at + 1])]);
    if (at + 2 < params.length) h = model.apply("Relu", [h]);
  }
  return h;
}

function product(size) {
  const [a, b] = inputs.productInputs(size);
  const model = new OnnxModel();
  const shapes = { a: a.shape, b: b.shape };
  return {
    bytes: model.finish(shapes, model.apply("MatMul", ["a", "b"]), a.shape),
    feeds: { a, b },
  };
}

function mlp() {
  const { x, y, params } = inputs.smallMlpInputs();
  const model = new OnnxModel();
  const loss = crossEntropy(model, dense(model, "x", params), y);
  return { bytes: model.finish({ x: x.shape }, loss, []), feeds: { x } };
}

function lenet() {
  const { x, y, params } = inputs.lenetInputs();
  const [kernel1, bias1, kernel2, bias2, ...rest] = params;
  const model = new OnnxModel();
  const layer = (x, kernel, bias, pad) => {
    const args = [x, model.constant(kernel), model.constant(bias)];
    const h = model.apply("Relu", [model.apply("Conv", args, { pads: [pad, pad, pad, pad] })]);
    return model.apply("MaxPool", [h], { kernel_shape: [2, 2], strides: [2, 2] });
  };
  const h = layer(layer("x", kernel1, bias1, 2), kernel2, bias2, 0);
  const loss = crossEntropy(model, dense(model, model.apply("Flatten", [h]), rest), y);
  return { bytes: model.finish({ x: x.shape }, loss, []), feeds: { x } };
}

function transformer() {
  const { batch, sequence, width, heads } = inputs.transformer;
  const { x, target, params } = inputs.transformerInputs();
  const model = new OnnxModel();
  const p = (name) => model.constant(params[inputs.transformerNames.indexOf(name)]);
  const affine = (x, w, b) => model.apply("Add", [model.apply("MatMul", [x, p(w)]), p(b)]);
  const normalize = (x, gain, shift) =>
    model.apply("LayerNormalization", [x, p(gain), p(shift)], { epsilon: 1e-5 });
  const perHead = model.integers([batch, sequence, heads, width / heads]);
  const h = normalize("x", "gain1", "shift1");
  const project = (name, perm) => {
    const split = model.apply("Reshape", [affine(h, `w${name}`, `b${name}`), perHead]);
    return model.apply("Transpose", [split], { perm });
  };
  const [q, k] = [project("q", [0, 2, 1, 3]), project("k", [0, 2, 3, 1])];
  const scale = model.scalar(1 / Math.sqrt(width / heads));
  const scores = model.apply("Mul", [model.apply("MatMul", [q, k]), scale]);
  const shares = model.apply("Softmax", [scores], { axis: -1 });
  const mixed = model.apply("MatMul", [shares, project("v", [0, 2, 1, 3])]);
  const merged = model.apply("Reshape", [
    model.apply("Transpose", [mixed], { perm: [0, 2, 1, 3] }),
    model.integers([batch, sequence, width]),
  ]);
  const r = model.apply("Add", ["x", affine(merged, "wo", "bo")]);
  const inner = affine(normalize(r, "gain2", "shift2"), "w1", "b1");
  const active = model.apply("Gelu", [inner], { approximate: "tanh" });
  const y = model.apply("Add", [r, affine(active, "w2", "b2")]);
  const rest = model.apply("Sub", [y, model.constant(target)]);
  const loss = model.apply("ReduceMean", [model.apply("Mul", [rest, rest])], { keepdims: 0 });
  return { bytes: model.finish({ x: x.shape }, loss, []), feeds: { x } };
}

function chain() {
  const [a, b, c, d, e] = inputs.elementwiseInputs();
  const model = new OnnxModel();
  const bent = model.apply("Tanh", [model.apply("Add", [model.apply("Mul", ["a", "b"]), "c"])]);
  const decay = model.apply("Exp", [model.apply("Neg", ["a"])]);
  const share = model.apply("Add", [model.scalar(1), decay]);
  const right = model.apply("Div", [model.apply("Mul", ["e", "e"]), share]);
  const all = model.apply("Sub", [model.apply("Mul", [bent, "d"]), right]);
  const sum = model.apply("ReduceSum", [all], { keepdims: 0 });
  const shapes = Object.fromEntries(["a", "b", "c", "d", "e"].map((name) => [name, a.shape]));
  return { bytes: model.finish(shapes, sum, []), feeds: { a, b, c, d, e } };
}

export const models = {
  W7_256: () => product(256),
  W7_512: () => product(512),
  W7_1024: () => product(1024),
  W3_fwd: mlp,
  W4_fwd: lenet,
  W5_fwd: transformer,
  W6_fwd: chain,
};
