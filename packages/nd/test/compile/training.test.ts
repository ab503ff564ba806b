import type { Node } from "@adjoint/graph";
import { autograd, engine, type NDArray, nd } from "../../src/index.js";
import { expectSameAsPlain, gradOf, noise, type Setup } from "./support.js";

// Generated code rounds otherwise than the interpreter, and the two sides may be compiled apart.
beforeAll(() => engine.setMode("interpreted"));
afterAll(() => engine.setMode("tiered"));

/** A network of two layers, and what its optimiser keeps of each parameter. */
function network() {
  const parameters = [noise([5, 8], 2), noise([8], 3), noise([8, 3], 4), noise([3], 5)].map((w) =>
    w.attachGrad(),
  );
  const [w1, b1, w2, b2] = parameters;
  if (w1 === undefined || b1 === undefined || w2 === undefined || b2 === undefined) {
    throw new Error("no parameters");
  }
  const forward = (x: NDArray) => x.dot(w1).add(b1).relu().dot(w2).add(b2);
  return { parameters, forward };
}

const labels = nd.array([0, 2, 1, 1]);
const batches = [1, 2, 3, 4, 5].map((seed) => (): [NDArray] => [noise([4, 5], seed)]);

const rates = { lr: 0.1, wd: 0.01 };

type Update = (w: NDArray, states: readonly NDArray[]) => void;

function trainingWith(states: number, update: Update): () => Setup<[NDArray]> {
  return () => {
    const { parameters, forward } = network();
    const kept = parameters.map((w) => Array.from({ length: states }, () => nd.zerosLike(w)));
    const fn = (x: NDArray) => {
      const loss = autograd.record(() => nd.softmaxCrossEntropy(forward(x), labels));
      loss.backward();
      parameters.forEach((w, at) => {
        update(w, kept[at] ?? []);
      });
      return loss;
    };
    return { fn, state: [...parameters, ...kept.flat()] };
  };
}

const at = (states: readonly NDArray[], position: number): NDArray => {
  const state = states[position];
  if (state === undefined) throw new Error("no state");
  return state;
};

describe("a training step is one plan, and gives the same bits as the plain loop", () => {
  test.each<[string, number, Update]>([
    ["subAssign", 0, (w) => void w.subAssign(gradOf(w).mul(0.1))],
    ["assign", 0, (w) => void w.assign(w.sub(gradOf(w).mul(0.1)))],
    ["setAt", 0, (w) => void w.setAt([0], w.at(0).sub(gradOf(w).at(0)))],
    ["setAt with steps", 0, (w) => void w.setAt([[null, null, 2]], 0.5)],
    ["sgdUpdate", 0, (w) => void nd.sgdUpdate(w, gradOf(w), { lr: 0.1, wd: 0.01, out: w })],
    [
      "momentum",
      1,
      (w, s) => void nd.sgdMomUpdate(w, gradOf(w), at(s, 0), { lr: 0.1, momentum: 0.9, out: w }),
    ],
    [
      "Adam",
      2,
      (w, s) => void nd.adamUpdate(w, gradOf(w), at(s, 0), at(s, 1), { lr: 0.01, out: w }),
    ],
    [
      "momentum by hand",
      1,
      (w, s) => {
        at(s, 0).mulAssign(0.9).addAssign(gradOf(w));
        w.subAssign(at(s, 0).mul(0.1));
      },
    ],
  ])("%s", (_, states, update) => {
    const step = expectSameAsPlain(trainingWith(states, update), batches);
    expect(step.counts()).toEqual({
      calls: 5,
      traces: 1,
      retraces: 0,
      replays: 4,
      refreshes: 0,
      plans: 1,
      inlined: 0,
    });
    const [path] = step.graphs();
    expect(path?.segments.length).toBe(1);
    const written = path?.graph.outputs.map(({ name }) => name) ?? [];
    expect(written.filter((name) => name.startsWith("set.")).length).toBe(8 + 4 * states);
  });

  test.each<[string, number, Update]>([
    [
      "nag",
      1,
      (w, s) => void nd.nagMomUpdate(w, gradOf(w), at(s, 0), { ...rates, momentum: 0.9, out: w }),
    ],
    ["rmsprop", 1, (w, s) => void nd.rmspropUpdate(w, gradOf(w), at(s, 0), { ...rates, out: w })],
    [
      "rmspropalex",
      3,
      (w, s) =>
        void nd.rmspropalexUpdate(w, gradOf(w), at(s, 0), at(s, 1), at(s, 2), { ...rates, out: w }),
    ],
    [
      "ftrl",
      2,
      (w, s) => void nd.ftrlUpdate(w, gradOf(w), at(s, 0), at(s, 1), { ...rates, out: w }),
    ],
    ["signsgd", 0, (w) => void nd.signsgdUpdate(w, gradOf(w), { ...rates, out: w })],
    [
      "signum",
      1,
      (w, s) => void nd.signumUpdate(w, gradOf(w), at(s, 0), { ...rates, momentum: 0.5, out: w }),
    ],
    [
      "ftml",
      3,
      (w, s) =>
        void nd.ftmlUpdate(w, gradOf(w), at(s, 0), at(s, 1), at(s, 2), { ...rates, t: 2, out: w }),
    ],
    [
      "lamb",
      2,
      (w, s) => {
        const g = nd.lambUpdatePhase1(w, gradOf(w), at(s, 0), at(s, 1), { t: 1, wd: 0.01 });
        nd.lambUpdatePhase2(w, g, w.norm(), g.norm(), { lr: 0.1, out: w });
      },
    ],
    [
      "adamw with a scale that is an array",
      3,
      (w, s) => {
        const scale = at(s, 2).sum().add(1);
        nd.contrib.adamwUpdate(w, gradOf(w), at(s, 0), at(s, 1), scale, {
          lr: 0.1,
          eta: 1,
          out: w,
        });
      },
    ],
  ])("%s", (_, states, update) => {
    const step = expectSameAsPlain(trainingWith(states, update), batches.slice(0, 3));
    expect(step.counts()).toMatchObject({ traces: 1, plans: 1 });
  });

  test("a list of parameters with one update of all of them", () => {
    const step = expectSameAsPlain(() => {
      const { parameters, forward } = network();
      const fn = (x: NDArray) => {
        const loss = autograd.record(() => forward(x).square().sum());
        loss.backward();
        nd.multiSgdUpdate(
          parameters.flatMap((w) => [w, gradOf(w)]),
          {
            lrs: [0.1, 0.2, 0.1, 0.2],
            wds: [0, 0, 0, 0],
            out: parameters,
          },
        );
        return loss;
      };
      return { fn, state: parameters };
    }, batches);
    expect(step.counts().plans).toBe(1);
  });

  test("gradients that add up over calls, and are cleared", () => {
    const step = expectSameAsPlain(
      () => {
        const w = noise([3]).attachGrad("add");
        const fn = (x: NDArray, clear: boolean) => {
          if (clear) gradOf(w).assign(0);
          autograd.record(() => w.mul(x).tanh().sum()).backward();
        };
        return { fn, state: [w] };
      },
      [false, false, true, false, true].map((clear, seed) => (): [NDArray, boolean] => [
        noise([3], seed + 1),
        clear,
      ]),
    );
    expect(step.counts()).toMatchObject({ traces: 2, replays: 3 });
  });

  test("Dropout and BatchNorm: random numbers go on, running statistics move", () => {
    const step = expectSameAsPlain(() => {
      const { parameters } = network();
      const [w, gamma] = [parameters[0] ?? nd.ones([1]), parameters[1] ?? nd.ones([1])];
      const beta = nd.zeros([8]).attachGrad();
      const [mean, variance] = [nd.zeros([8]), nd.ones([8])];
      const fn = (x: NDArray) => {
        const loss = autograd.record(() => {
          const h = nd.BatchNorm(x.dot(w), gamma, beta, mean, variance, { fixGamma: false });
          return nd.Dropout(h.relu(), { p: 0.4 }).square().sum();
        });
        loss.backward();
        for (const one of [w, gamma, beta]) one.subAssign(gradOf(one).mul(0.01));
        return loss;
      };
      return { fn, state: [w, gamma, beta, mean, variance] };
    }, batches);
    expect(step.counts()).toMatchObject({ traces: 1, plans: 1 });
    expect(step.graphs()[0]?.graph.outputs.map(({ name }) => name)).toContain("set.random");
  });

  test("BatchNorm with a fixed gamma sets it to 1", () => {
    expectSameAsPlain(() => {
      const gamma = nd.array([3, 4]).attachGrad();
      const [beta, mean, variance] = [nd.zeros([2]), nd.zeros([2]), nd.ones([2])];
      const fn = (x: NDArray) => {
        const y = autograd.record(() =>
          nd.BatchNorm(x, gamma, beta, mean, variance).square().sum(),
        );
        y.backward();
        return y;
      };
      return { fn, state: [gamma, mean, variance] };
    }, [(): [NDArray] => [noise([3, 2])], (): [NDArray] => [noise([3, 2], 2)]]);
  });

  test("a convolutional network", () => {
    const step = expectSameAsPlain(
      () => {
        const w = noise([2, 1, 3, 3]).attachGrad();
        const b = nd.zeros([2]).attachGrad();
        const fn = (x: NDArray) => {
          const loss = autograd.record(() => {
            const c = nd.Convolution(x, w, b, { kernel: [3, 3], numFilter: 2 }).relu();
            return nd.Pooling(c, { kernel: [2, 2], poolType: "max" }).mean();
          });
          loss.backward();
          for (const one of [w, b]) nd.sgdUpdate(one, gradOf(one), { lr: 0.1, out: one });
          return loss;
        };
        return { fn, state: [w, b] };
      },
      [1, 2, 3].map((seed) => (): [NDArray] => [noise([2, 1, 6, 6], seed)]),
    );
    expect(step.counts().plans).toBe(1);
  });

  test("forward and backward share what they have in common", () => {
    const step = expectSameAsPlain(() => {
      const x = noise([4]).attachGrad();
      const fn = () => {
        const y = autograd.record(() => x.exp().mul(x.exp()).sum());
        y.backward();
        return y;
      };
      return { fn, state: [x] };
    }, [(): [] => [], (): [] => []]);
    const { nodes } = step.graphs()[0]?.graph ?? { nodes: {} };
    expect(Object.values<Node>(nodes).filter(({ op }) => op === "exp").length).toBe(1);
  });
});

describe("derivatives within", () => {
  test("grad, and the gradient of a gradient", () => {
    const step = expectSameAsPlain(
      () => {
        const x = noise([3]).attachGrad();
        const fn = (scale: NDArray) => {
          const slope = autograd.record(() => {
            const y = x.mul(x).mul(x).mul(scale).sum();
            const [first] = autograd.grad(y, x, { createGraph: true });
            return first ?? x;
          });
          slope.backward();
          return slope;
        };
        return { fn, state: [x] };
      },
      [1, 2].map((seed) => (): [NDArray] => [noise([3], seed)]),
    );
    expect(step.counts().traces).toBe(1);
  });

  test("head gradients, several heads, retained graphs, pause and detach", () => {
    expectSameAsPlain(
      () => {
        const [x, y] = [noise([3]).attachGrad(), noise([3], 2).attachGrad("add")];
        const fn = (head: NDArray) => {
          const heads = autograd.record(() => {
            const z = x.mul(y);
            const fixed = autograd.pause(() => z.mul(2));
            return [z.mul(fixed), z.detach().mul(x)];
          });
          autograd.backward(heads, { headGrads: [head, null], retainGraph: true });
          const first = nd.array(gradOf(x));
          autograd.backward(heads, { headGrads: [null, head] });
          return [first, ...heads];
        };
        return { fn, state: [x, y] };
      },
      [1, 2].map((seed) => (): [NDArray] => [noise([3], seed)]),
    );
  });

  test("variables made within, and arguments that become variables", () => {
    const step = expectSameAsPlain(
      () => {
        const fn = (x: NDArray) => {
          x.attachGrad();
          const z = autograd.record(() => {
            const y = x.mul(2);
            y.attachGrad();
            return y.mul(x);
          });
          z.backward();
          return { z, slope: x.grad };
        };
        return { fn, state: [] };
      },
      [1, 2, 3].map((seed) => (): [NDArray] => [noise([3], seed)]),
    );
    expect(step.counts().traces).toBe(1);
  });

  test("a custom function runs its backward while it is traced, and no more", () => {
    let runs = 0;
    class Cube extends autograd.Function {
      forward(x: NDArray) {
        this.saveForBackward(x);
        return x.mul(x).mul(x);
      }
      backward(head: NDArray) {
        runs++;
        const [x = head] = this.savedTensors;
        return head.mul(x).mul(x).mul(30);
      }
    }
    const step = expectSameAsPlain(() => {
      const x = noise([3]).attachGrad();
      const fn = (scale: NDArray) => {
        const y = autograd.record(() => new Cube().call(x.mul(scale)));
        y.backward();
        return y;
      };
      return { fn, state: [x] };
    }, [
      (): [NDArray] => [noise([3])],
      (): [NDArray] => [noise([3], 2)],
      (): [NDArray] => [noise([3], 3)],
    ]);
    expect(step.counts().traces).toBe(1);
    expect(runs).toBe(3 + 1);
  });

  test("a custom function whose gradient is differentiated", () => {
    class Square extends autograd.Function {
      forward(x: NDArray) {
        this.saveForBackward(x);
        return x.mul(x);
      }
      backward(head: NDArray) {
        const [x = head] = this.savedTensors;
        return head.mul(x).mul(2);
      }
    }
    expectSameAsPlain(() => {
      const x = noise([3]).attachGrad();
      const fn = () => {
        const slope = autograd.record(() => {
          const y = new Square().call(x).mul(x);
          const [first] = autograd.grad(y, x, { createGraph: true });
          return first ?? x;
        });
        slope.backward();
        return slope;
      };
      return { fn, state: [x] };
    }, [(): [] => [], (): [] => []]);
  });

  test("loops and branches in the graph", () => {
    expectSameAsPlain(() => {
      const w = noise([2]).attachGrad();
      const fn = (x: NDArray) => {
        const y = autograd.record(() => {
          const [outputs] = nd.contrib.foreach(
            (row, state: NDArray) => [row.mul(w).add(state), row.add(state)],
            x,
            nd.zeros([2]),
          );
          const sum = outputs.sum();
          return nd.contrib.cond(
            sum.greater(0),
            () => sum.mul(w).sum(),
            () => sum.square(),
          );
        });
        y.backward();
        return y;
      };
      return { fn, state: [w] };
    }, [
      (): [NDArray] => [noise([3, 2])],
      (): [NDArray] => [noise([3, 2], 2)],
      (): [NDArray] => [noise([3, 2]).neg()],
    ]);
  });
});
