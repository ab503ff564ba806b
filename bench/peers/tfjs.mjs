/** TensorFlow.js, one thread: `node tfjs.js WORKLOAD wasm|cpu`. */
import tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { summarize } from "../check.ts";
import * as inputs from "../inputs.ts";
import { serve } from "../protocol.ts";
import { measure } from "../timing.ts";

const [, , workload, backend = "wasm"] = process.argv;
if (!(await tf.setBackend(backend))) throw new Error(`${backend} did not start`);
await tf.ready();

const toTensor = ({ data, shape }) =>
  tf.tensor(data, shape, data instanceof Int32Array ? "int32" : "float32");
const numbers = (tensors) => tensors.map((one) => one.dataSync());
const scalar = (x) => x.dataSync()[0];

/** `permuteBack` brings gradients into the layout that is compared. */
function train(given, lossOf, permuteBack = (x) => x) {
  const params = given.map((one) => tf.variable(one));
  const optimizer = tf.train.sgd(0.01);
  const loss = () => lossOf(params);
  const step = () => {
    const value = optimizer.minimize(loss, true, params);
    const number = scalar(value);
    value.dispose();
    return number;
  };
  const check = () => {
    const { value, grads } = tf.variableGrads(loss, params);
    const gradients = params.map(({ name }, at) => permuteBack(grads[name], at));
    const result = { loss: scalar(value), gradients: summarize(numbers(gradients)) };
    for (const one of Object.values(grads)) one.dispose();
    let fifthLoss;
    for (let at = 0; at < 5; at++) fifthLoss = step();
    return { ...result, fifthLoss };
  };
  return { step, check };
}

/** `permuteBack` as in `train`. */
function gradientsOf(lossOf, args, permuteBack = (x) => x) {
  const run = tf.valueAndGrads(lossOf);
  const step = () => tf.tidy(() => scalar(run(args).value));
  const check = () =>
    tf.tidy(() => {
      const { value, grads } = run(args);
      return { loss: scalar(value), gradients: summarize(numbers(grads.map(permuteBack))) };
    });
  return { step, check };
}

function dense(params, x, activation) {
  let h = x;
  for (let at = 0; at < params.length; at += 2) {
    h = tf.add(tf.matMul(h, params[at]), params[at + 1]);
    if (at + 2 < params.length) h = activation(h);
  }
  return h;
}

const crossEntropy = (logits, target) => tf.losses.softmaxCrossEntropy(target, logits);
const oneHot = (labels) => tf.oneHot(toTensor(labels), 10).toFloat();

function mlp({ x, y, params }) {
  const [images, target] = [toTensor(x), oneHot(y)];
  return train(params.map(toTensor), (p) => crossEntropy(dense(p, images, tf.relu), target));
}

// Convolutions run channels last, the layout that this library wants: inputs are permuted before, gradients after.
const channelsLast = (x) => x.transpose([0, 2, 3, 1]);
const kernelLast = (x) => x.transpose([2, 3, 1, 0]);
const kernelFirst = (x) => x.transpose([3, 2, 0, 1]);

function lenet() {
  const { x, y, params: given } = inputs.lenetInputs();
  const [images, target] = [channelsLast(toTensor(x)), oneHot(y)];
  const params = given.map(toTensor);
  params[0] = kernelLast(params[0]);
  params[2] = kernelLast(params[2]);
  const flatRows = (x) => x.reshape([16, 5, 5, 120]).transpose([1, 2, 0, 3]).reshape([400, 120]);
  const flatBack = (x) => x.reshape([5, 5, 16, 120]).transpose([2, 0, 1, 3]).reshape([400, 120]);
  params[4] = flatRows(params[4]);
  const back = (x, at) => (at === 0 || at === 2 ? kernelFirst(x) : at === 4 ? flatBack(x) : x);
  const layer = (x, kernel, bias, pad) =>
    tf.maxPool(tf.relu(tf.add(tf.conv2d(x, kernel, 1, pad), bias)), 2, 2, "valid");
  const lossOf = (p) => {
    const h = layer(layer(images, p[0], p[1], "same"), p[2], p[3], "valid");
    return crossEntropy(dense(p.slice(4), tf.reshape(h, [64, 400]), tf.relu), target);
  };
  return train(params, lossOf, back);
}

function convolution() {
  const [x, kernel, bias] = inputs.convolutionInputs().map(toTensor);
  const lossOf = (x, k, b) => tf.mean(tf.square(tf.relu(tf.add(tf.conv2d(x, k, 1, "same"), b))));
  const back = (gradient, at) =>
    at === 0 ? gradient.transpose([0, 3, 1, 2]) : at === 1 ? kernelFirst(gradient) : gradient;
  return gradientsOf(lossOf, [channelsLast(x), kernelLast(kernel), bias], back);
}

function gelu(x) {
  const cubic = tf.add(x, tf.mul(0.044715, tf.mul(x, tf.mul(x, x))));
  return tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(tf.mul(Math.sqrt(2 / Math.PI), cubic))));
}

function normalize(x, gain, shift) {
  const { mean, variance } = tf.moments(x, -1, true);
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), gain), shift);
}

function transformer() {
  const { batch, sequence, width, heads } = inputs.transformer;
  const perHead = width / heads;
  const given = inputs.transformerInputs();
  const [x, target] = [given.x, given.target].map((one) =>
    toTensor(one).reshape([batch * sequence, width]),
  );
  const affine = (x, w, b) => tf.add(tf.matMul(x, w), b);
  const split = (x) =>
    tf
      .transpose(x.reshape([batch, sequence, heads, perHead]), [0, 2, 1, 3])
      .reshape([batch * heads, sequence, perHead]);
  const merge = (x) =>
    tf
      .transpose(x.reshape([batch, heads, sequence, perHead]), [0, 2, 1, 3])
      .reshape([batch * sequence, width]);
  const lossOf = ([g1, s1, wq, bq, wk, bk, wv, bv, wo, bo, g2, s2, w1, b1, w2, b2]) => {
    const h = normalize(x, g1, s1);
    const [q, k, v] = [affine(h, wq, bq), affine(h, wk, bk), affine(h, wv, bv)].map(split);
    const scores = tf.softmax(tf.div(tf.matMul(q, k, false, true), Math.sqrt(perHead)));
    const r = tf.add(x, affine(merge(tf.matMul(scores, v)), wo, bo));
    const inner = affine(gelu(affine(normalize(r, g2, s2), w1, b1)), w2, b2);
    return tf.mean(tf.square(tf.sub(tf.add(r, inner), target)));
  };
  return train(given.params.map(toTensor), lossOf);
}

function seed() {
  const x = toTensor(inputs.seedInputs());
  const slope = tf.grad((x) => tf.mul(2, tf.matMul(tf.transpose(x), x)).asScalar());
  const step = () => tf.tidy(() => slope(x).dataSync());
  return { step, check: () => ({ gradients: summarize([step()]) }) };
}

function controlFlow() {
  const numbers = inputs.controlFlowInputs().data;
  let iteration = 0;
  const slope = tf.grad((a) => {
    let b = tf.mul(a, 2);
    while (scalar(tf.norm(b)) < 1000) b = tf.mul(b, 2);
    return scalar(tf.sum(b)) > 0 ? b : tf.mul(100, b);
  });
  const step = () =>
    tf.tidy(() => slope(tf.tensor1d([numbers[iteration++ % numbers.length]])).dataSync());
  const check = () => ({
    gradients: summarize([Float32Array.from({ length: 100 }, () => step()[0])]),
  });
  return { step, check };
}

function product(size) {
  const [a, b] = inputs.productInputs(size).map(toTensor);
  const step = () => tf.matMul(a, b).dispose();
  return { step, check: () => ({ gradients: summarize([tf.matMul(a, b).dataSync()]) }) };
}

function recurrence(steps) {
  const [w, b, start] = inputs.recurrenceInputs().map(toTensor);
  return gradientsOf(
    (w, b) => {
      let h = start;
      for (let at = 0; at < steps; at++) {
        h = tf.add(h, tf.mul(0.001, tf.tanh(tf.add(tf.matMul(w, h), b))));
      }
      return tf.sum(h);
    },
    [w, b],
  );
}

function rosenbrock() {
  return gradientsOf(
    (x) => {
      const [next, here] = [tf.slice(x, [1], [9]), tf.slice(x, [0], [9])];
      const valley = tf.mul(100, tf.square(tf.sub(next, tf.square(here))));
      return tf.sum(tf.add(valley, tf.square(tf.sub(1, here))));
    },
    [toTensor(inputs.rosenbrockInputs())],
  );
}

function chain(a, b, c, d, e) {
  const left = tf.mul(tf.tanh(tf.add(tf.mul(a, b), c)), d);
  return tf.sum(tf.sub(left, tf.div(tf.mul(e, e), tf.add(1, tf.exp(tf.neg(a))))));
}

function productGradient(size) {
  return gradientsOf((a, b) => tf.sum(tf.matMul(a, b)), inputs.productInputs(size).map(toTensor));
}

// Second derivatives, W9, fail here, and so do the gradients of convolutions with wasm.
const programs = {
  W1: seed,
  W2: controlFlow,
  W3: () => mlp(inputs.smallMlpInputs()),
  W3big: () => mlp(inputs.largeMlpInputs()),
  W4: lenet,
  W4conv: convolution,
  W5: transformer,
  W6: () => gradientsOf(chain, inputs.elementwiseInputs().map(toTensor)),
  W7_256: () => product(256),
  W7_512: () => product(512),
  W7_1024: () => product(1024),
  W7g_512: () => productGradient(512),
  W8_100: () => recurrence(20),
  W8_1k: () => recurrence(200),
  W8_10k: () => recurrence(2000),
  W8r: rosenbrock,
};

const { step, check } = programs[workload]();
await serve({ check, measure: (milliseconds) => measure(step, milliseconds) });
