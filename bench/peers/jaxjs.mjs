/**
 * jax-js on its wasm backend, under `jit`, one thread: `node jaxjs.js WORKLOAD`. A function of arrays consumes its
 * arguments there, so that whatever is needed again is taken with `.ref`.
 */
import { summarize } from "../check.ts";
import * as inputs from "../inputs.ts";
import { serve } from "../protocol.ts";
import { measure, measureAsync } from "../timing.ts";

// Its `init` reads `navigator`, which Node 20 does not have.
globalThis.navigator ??= {};
const jax = await import("@jax-js/jax");
const { numpy: np, lax, nn, grad, jit, valueAndGrad, tree } = jax;
await jax.init();
jax.defaultDevice("wasm");

const learningRate = 0.01;
const toArray = ({ data, shape }) => np.array(data).reshape(shape);
const isReady = (x) => jax.blockUntilReady(x);
const refs = (arrays) => arrays.map((one) => one.ref);
const scalar = async (x) => (await x.data())[0];

async function numbers(arrays) {
  return Promise.all(arrays.map((one) => one.ref.data()));
}

function train(given, lossOf, batch) {
  let params = given.map(toArray);
  const lossAndGradients = valueAndGrad(lossOf);
  const update = jit((params, ...data) => {
    const [loss, gradients] = lossAndGradients(tree.ref(params), ...data);
    return [params.map((one, at) => one.sub(gradients[at].mul(learningRate))), loss];
  });
  const step = async () => {
    const [next, loss] = update(params, ...refs(batch));
    params = next;
    await isReady(params);
    return scalar(loss);
  };
  const first = jit((params, ...data) => lossAndGradients(params, ...data));
  const check = async () => {
    const [loss, gradients] = first(tree.ref(params), ...refs(batch));
    const result = { loss: await scalar(loss), gradients: summarize(await numbers(gradients)) };
    tree.dispose(gradients);
    let fifthLoss;
    for (let at = 0; at < 5; at++) fifthLoss = await step();
    return { ...result, fifthLoss };
  };
  return { step, check };
}

function gradientsOf(lossOf, given) {
  const args = given.map(toArray);
  const run = jit(valueAndGrad(lossOf, { argnums: args.map((_, at) => at) }));
  const step = async () => {
    const [loss, gradients] = run(...refs(args));
    await isReady(gradients);
    tree.dispose(gradients);
    return scalar(loss);
  };
  const check = async () => {
    const [loss, gradients] = run(...refs(args));
    const result = { gradients: summarize(await numbers(gradients)) };
    tree.dispose(gradients);
    return { ...result, loss: await scalar(loss) };
  };
  return { step, check };
}

function dense(params, x, activation) {
  let h = x;
  for (let at = 0; at < params.length; at += 2) {
    h = np.matmul(h, params[at]).add(params[at + 1]);
    if (at + 2 < params.length) h = activation(h);
  }
  return h;
}

const crossEntropy = (logits, target) => nn.logSoftmax(logits).mul(target).sum(-1).mean().neg();
const oneHot = ({ data }) => nn.oneHot(np.array(data, { dtype: np.int32 }), 10);
const convolve = (x, kernel, pad) =>
  lax.convGeneralDilated(
    x,
    kernel,
    [1, 1],
    [
      [pad, pad],
      [pad, pad],
    ],
  );
const pooled = (x) => lax.reduceWindow(x, np.max, [2, 2], [2, 2]);
const perChannel = (bias) => bias.reshape([bias.shape[0], 1, 1]);

function mlp({ x, y, params }) {
  const lossOf = (params, x, y) => crossEntropy(dense(params, x, nn.relu), y);
  return train(params, lossOf, [toArray(x), oneHot(y)]);
}

function lenet() {
  const { x, y, params } = inputs.lenetInputs();
  const lossOf = (p, x, y) => {
    const h1 = pooled(nn.relu(convolve(x, p[0], 2).add(perChannel(p[1]))));
    const h2 = pooled(nn.relu(convolve(h1, p[2], 0).add(perChannel(p[3]))));
    return crossEntropy(dense(p.slice(4), h2.reshape([64, 400]), nn.relu), y);
  };
  return train(params, lossOf, [toArray(x), oneHot(y)]);
}

function transformer() {
  const { batch, sequence, width, heads } = inputs.transformer;
  const { x, target, params } = inputs.transformerInputs();
  const normalize = (x, gain, shift) =>
    nn.standardize(x, -1, { epsilon: 1e-5 }).mul(gain).add(shift);
  const project = (h, w, b) =>
    np.transpose(
      np
        .matmul(h, w)
        .add(b)
        .reshape([batch, sequence, heads, width / heads]),
      [0, 2, 1, 3],
    );
  const lossOf = (params, x, target) => {
    const [g1, s1, wq, bq, wk, bk, wv, bv, wo, bo, g2, s2, w1, b1, w2, b2] = params;
    const h = normalize(x.ref, g1, s1);
    const [q, k, v] = [project(h.ref, wq, bq), project(h.ref, wk, bk), project(h, wv, bv)];
    const scores = np.matmul(q, np.transpose(k, [0, 1, 3, 2])).div(Math.sqrt(width / heads));
    const mixed = np.transpose(np.matmul(nn.softmax(scores, -1), v), [0, 2, 1, 3]);
    const r = x.add(np.matmul(mixed.reshape([batch, sequence, width]), wo).add(bo));
    const inner = nn.gelu(np.matmul(normalize(r.ref, g2, s2), w1).add(b1));
    return np.square(r.add(np.matmul(inner, w2).add(b2)).sub(target)).mean();
  };
  return train(params, lossOf, [toArray(x), toArray(target)]);
}

function seed() {
  const x = toArray(inputs.seedInputs());
  const slope = jit(grad((x) => np.matmul(np.transpose(x.ref), x).mul(2).sum()));
  const step = () => slope(x.ref).dataSync();
  return { step, check: () => ({ gradients: summarize([step()]) }), isSync: true };
}

function product(size) {
  const [a, b] = inputs.productInputs(size).map(toArray);
  const run = jit((a, b) => np.matmul(a, b));
  const step = async () => {
    const c = run(a.ref, b.ref);
    await isReady(c);
    c.dispose();
  };
  return { step, check: async () => ({ gradients: summarize([await run(a.ref, b.ref).data()]) }) };
}

function recurrence(steps) {
  const [w, b, start] = inputs.recurrenceInputs();
  const state = toArray(start);
  return gradientsOf(
    (w, b) => {
      let h = state.ref;
      for (let at = 0; at < steps; at++) {
        h = h.ref.add(np.tanh(np.matmul(w.ref, h).add(b.ref)).mul(0.001));
      }
      w.dispose();
      b.dispose();
      return h.sum();
    },
    [w, b],
  );
}

function rosenbrock() {
  return gradientsOf(
    (x) => {
      const [next, here] = [x.ref.slice([1, 10]), x.slice([0, 9])];
      const valley = np.square(next.sub(np.square(here.ref))).mul(100);
      return valley.add(np.square(here.neg().add(1))).sum();
    },
    [inputs.rosenbrockInputs()],
  );
}

function chain(a, b, c, d, e) {
  const left = np.tanh(a.ref.mul(b).add(c)).mul(d);
  return left.sub(np.square(e).div(np.exp(a.neg()).add(1))).sum();
}

function convolution() {
  const lossOf = (x, k, b) => np.square(nn.relu(convolve(x, k, 1).add(perChannel(b)))).mean();
  return gradientsOf(lossOf, inputs.convolutionInputs());
}

/** Reverse mode over reverse mode. */
function hessianVector() {
  const { x, y, params: given } = inputs.smallMlpInputs();
  const batch = [toArray(x), oneHot(y)];
  const [params, direction] = [given, inputs.directionLike(given)].map((list) => list.map(toArray));
  const lossOf = (p, x, y) => crossEntropy(dense(p, x, np.tanh), y);
  const slope = (p, v, x, y) =>
    grad(lossOf)(p, x, y)
      .map((one, at) => one.mul(v[at]).sum())
      .reduce((sum, one) => sum.add(one));
  const run = jit((p, v, x, y) => grad((q) => slope(q, v, x, y))(p));
  const products = () => run(tree.ref(params), tree.ref(direction), ...refs(batch));
  const step = async () => {
    const found = products();
    await isReady(found);
    tree.dispose(found);
  };
  const check = async () => {
    const found = products();
    const gradients = summarize(await numbers(found));
    tree.dispose(found);
    return { gradients, loss: await scalar(lossOf(tree.ref(params), ...refs(batch))) };
  };
  return { step, check };
}

// Functions under `jit` cannot branch on values, so there is no W2.
const programs = {
  W1: seed,
  W3: () => mlp(inputs.smallMlpInputs()),
  W3big: () => mlp(inputs.largeMlpInputs()),
  W4: lenet,
  W4conv: convolution,
  W5: transformer,
  W6: () => gradientsOf(chain, inputs.elementwiseInputs()),
  W7_256: () => product(256),
  W7_512: () => product(512),
  W7_1024: () => product(1024),
  W7g_512: () => gradientsOf((a, b) => np.matmul(a, b).sum(), inputs.productInputs(512)),
  W8_100: () => recurrence(20),
  W8_1k: () => recurrence(200),
  W8r: rosenbrock,
  W9: hessianVector,
};

// Promises that no timer waits for would let the process end.
setInterval(() => {}, 2 ** 30);
const { step, check, isSync = false } = programs[process.argv[2]]();
await serve({
  check,
  measure: (milliseconds) => (isSync ? measure : measureAsync)(step, milliseconds),
});
