import { registry } from "@adjoint/ops";
import { autograd, describePlan, joint, type NDArray, nd } from "adjoint";
import { attention, mlp } from "../examples/models.js";

function variable(...shape: number[]): NDArray {
  return nd.random.normal({ shape }).attachGrad();
}

/** Two layers of a residual network, and the mean over each plane. */
function residual(): NDArray {
  const [x, w1, w2] = [variable(8, 16, 14, 14), variable(16, 16, 3, 3), variable(16, 16, 3, 3)];
  const [gamma, beta] = [variable(16), variable(16)];
  const layer = (y: NDArray, weight: NDArray) => {
    const z = nd.Convolution(y, weight, { noBias: true, pad: [1, 1] });
    return nd.BatchNorm(z, gamma, beta, nd.zeros([16]), nd.ones([16]), { fixGamma: false });
  };
  const y = nd.relu(layer(nd.relu(layer(x, w1)), w2).add(x));
  return nd.Pooling(y, { globalPool: true, poolType: "avg" }).mean();
}

/** A convolution, pooled, and a dense layer. */
function lenet(): NDArray {
  const x = nd.random.normal({ shape: [8, 1, 28, 28] });
  const [weight, bias, dense] = [variable(6, 1, 5, 5), variable(6), variable(10, 1176)];
  const h = nd.relu(nd.Convolution(x, weight, bias, { pad: [2, 2] }));
  const pooled = nd.Pooling(h, { kernel: [2, 2], stride: [2, 2] });
  return nd.dot(nd.flatten(pooled), dense, { transposeB: true }).square().mean();
}

const models = {
  "mlp of the gallery": () =>
    mlp(variable(64, 784), variable(784, 256), variable(256, 10), nd.zeros([64])),
  "attention of the gallery": () =>
    attention(variable(64, 64), variable(64, 64), variable(64, 64), variable(64, 64)),
  "residual network": residual,
  LeNet: lenet,
} as const;

/** Slots begin at multiples of it. */
const alignment = 64;

test.each(Object.entries(models))(
  "temporaries of %s take no more than is alive at one step, but for alignment",
  (_name, model) => {
    const { forward, backward } = autograd.graphOf(autograd.record(model));
    for (const graph of [forward, backward, joint({ forward, backward })]) {
      const { temporaryBytes, liveBytesBound, slots } = describePlan(graph, registry);
      expect(temporaryBytes).toBeGreaterThanOrEqual(liveBytesBound);
      expect(temporaryBytes).toBeLessThan(liveBytesBound + alignment * Math.max(1, slots.length));
    }
  },
);

test.each(Object.entries(models))(
  "a training step of %s is planned at its bound",
  (_name, model) => {
    const step = joint(autograd.graphOf(autograd.record(model)));
    const { temporaryBytes, liveBytesBound } = describePlan(step, registry);
    expect(liveBytesBound).toBeGreaterThan(100_000);
    expect(temporaryBytes).toBe(liveBytesBound);
  },
);
