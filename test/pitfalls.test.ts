import {
  ArgumentError,
  autograd,
  compile,
  DTypeError,
  type NDArray,
  nd,
  ReleasedGraphError,
} from "adjoint";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./pages.js";

/** What `fn` gives at `x`, backwards: the gradient as nested numbers. */
function gradientOf(x: NDArray, fn: (x: NDArray) => NDArray): unknown {
  x.attachGrad();
  autograd.record(() => fn(x)).backward();
  return x.grad?.asNested();
}

/** How many paths were new, and how many plans were made. */
function newWork(body: () => void): { paths: number; plans: number } {
  const before = autograd.counts();
  body();
  const after = autograd.counts();
  return { paths: after.traces - before.traces, plans: after.plans - before.plans };
}

const pitfalls: Readonly<Record<string, () => void>> = {
  "Rebinding a variable loses its gradient": () => {
    const x = nd.array([1]).attachGrad();
    expect(x.sub(0.1).grad).toBeNull();
    expect(x.subAssign(0.5).grad?.asNested()).toEqual([0]);
    expect(x.asNested()).toEqual([0.5]);
  },

  "A second backward needs the graph kept": () => {
    const x = nd.array([3]).attachGrad();
    const y = autograd.record(() => x.mul(x));
    y.backward(null, { retainGraph: true });
    y.backward();
    expect(x.grad?.asNested()).toEqual([6]);
    expect(() => y.backward()).toThrow(ReleasedGraphError);
  },

  "Two losses, two backwards: the last one wins": () => {
    const x = nd.array([1]).attachGrad();
    const heads = () => autograd.record(() => [x.mul(2), x.mul(3)]);
    for (const head of heads()) head.backward();
    expect(x.grad?.asNested()).toEqual([3]);
    autograd.backward(heads());
    expect(x.grad?.asNested()).toEqual([5]);
  },

  'Gradients attached with "add" pile up until they are reset': () => {
    const x = nd.array([1]).attachGrad("add");
    const step = () => autograd.record(() => x.mul(2)).backward();
    step();
    step();
    expect(x.grad?.asNested()).toEqual([4]);
    x.grad?.assign(0);
    step();
    expect(x.grad?.asNested()).toEqual([2]);
  },

  "x.grad is the live buffer": () => {
    const x = nd.array([1]).attachGrad();
    const held = x.grad;
    autograd.record(() => x.mul(7)).backward();
    expect(held?.asNested()).toEqual([7]);
  },

  "attachGrad inside record cuts the array off": () => {
    const square: NDArray[] = [];
    const gradient = gradientOf(nd.array([3]), (x) => {
      square.push(x.mul(x).attachGrad());
      return x.add(square[0] ?? x);
    });
    expect(gradient).toEqual([1]);
    expect(square[0]?.grad?.asNested()).toEqual([1]);
  },

  "An unreached variable keeps its old gradient": () => {
    const [x, w] = [nd.array([1]).attachGrad(), nd.array([1]).attachGrad()];
    w.grad?.assign(7);
    autograd.record(() => x.mul(5)).backward();
    expect(w.grad?.asNested()).toEqual([7]);
  },

  "Numbers read from arrays are constants to the gradient": () => {
    expect(gradientOf(nd.array([2]), (x) => x.mul(x.asScalar()))).toEqual([2]);
    expect(gradientOf(nd.array([2]), (x) => x.mul(x))).toEqual([4]);
  },

  "Reading inside record ends a segment": () => {
    const x = nd.ones([5]).attachGrad();
    const run = (read: boolean) => {
      const y = autograd.record(() => {
        const half = x.mul(2).add(1).tanh();
        if (read) half.asArray();
        return half.mul(half).sum();
      });
      y.asScalar();
    };
    expect(newWork(() => run(false)).plans).toBe(1);
    expect(newWork(() => run(true)).plans).toBe(2);
  },

  "Attributes that change at each step are new programs": () => {
    const x = nd.ones([6]);
    const paths = (step: (value: number) => NDArray) =>
      newWork(() => {
        for (let value = 1; value <= 50; value++) autograd.record(() => step(value));
      }).paths;
    expect(paths((bound) => x.clip({ aMin: 0, aMax: bound }))).toBe(50);
    expect(paths((rate) => x.mul(rate))).toBeLessThan(12);
  },

  "Full reductions have shape (1,)": () => {
    const x = nd.ones([2, 3]);
    expect([x.sum().shape, x.max().shape, x.norm().shape]).toEqual([[1], [1], [1]]);
  },

  "dtypes never promote": () => {
    const seven = nd.array([7], { dtype: "int32" });
    expect(() => seven.add(nd.ones([1]))).toThrow(DTypeError);
    expect(seven.mul(0.5).asNested()).toEqual([0]);
    expect(seven.div(2).asNested()).toEqual([3]);
  },

  "Arrays of numbers are float32, whatever they held": () => {
    expect(nd.array(Float64Array.of(2 ** 24 + 1)).asNested()).toEqual([2 ** 24]);
    expect(nd.array(Int32Array.of(1)).dtype).toBe("float32");
  },

  "Scopes do not wait for promises": () => {
    expect(() => autograd.record(async () => nd.ones([1]))).toThrow(ArgumentError);
    expect(autograd.isRecording()).toBe(false);
  },

  "detach, at and reshape share memory outside recording": () => {
    const x = nd.arange(3);
    x.detach().assign(5);
    x.at([0, 1]).assign(7);
    x.reshape([3, 1]).setAt([2], 9);
    expect(x.asNested()).toEqual([7, 5, 9]);
    autograd.record(() => x.detach()).assign(0);
    expect(x.asNested()).toEqual([7, 5, 9]);
  },

  "Tied maxima each get the whole gradient": () => {
    expect(gradientOf(nd.array([2, 2, 1]), (x) => x.max())).toEqual([1, 1, 0]);
    expect(gradientOf(nd.array([2, 1, 1]), (x) => x.min())).toEqual([0, 1, 1]);
    const [a, b] = [nd.array([2]).attachGrad(), nd.array([2]).attachGrad()];
    autograd.record(() => nd.maximum(a, b)).backward();
    expect([a.grad?.asNested(), b.grad?.asNested()]).toEqual([[1], [0]]);
  },

  "where does not shield from NaN": () => {
    const naive = (x: NDArray) => nd.where(x.greater(0), x.sqrt(), nd.zerosLike(x));
    const safe = (x: NDArray) => nd.where(x.greater(0), x, nd.onesLike(x));
    expect(gradientOf(nd.array([0, 4]), naive)).toEqual([Number.NaN, 0.25]);
    const shielded = (x: NDArray) => nd.where(x.greater(0), safe(x).sqrt(), nd.zerosLike(x));
    expect(gradientOf(nd.array([0, 4]), shielded)).toEqual([0, 0.25]);
  },

  "The norm has no gradient at 0": () => {
    expect(gradientOf(nd.zeros([2]), (x) => x.norm())).toEqual([Number.NaN, Number.NaN]);
    expect(gradientOf(nd.zeros([1]), (x) => x.sqrt())).toEqual([Number.POSITIVE_INFINITY]);
    const smooth = (x: NDArray) => x.square().sum().add(1e-12).sqrt();
    expect(gradientOf(nd.zeros([2]), smooth)).toEqual([0, 0]);
  },

  "take clips indices": () => {
    const [row, indices] = [nd.array([10, 20, 30]), nd.array([-1, 5])];
    expect(nd.take(row, indices).asNested()).toEqual([10, 30]);
    expect(nd.take(row, indices, { mode: "wrap" }).asNested()).toEqual([30, 30]);
  },

  "A comparison as an index picks rows": () => {
    const x = nd.array([10, 20, 30]);
    expect(x.at(x.greater(15)).asNested()).toEqual([10, 20, 20]);
    expect(nd.contrib.booleanMask(x, x.greater(15)).asNested()).toEqual([20, 30]);
  },

  "Output layers ignore the head gradient": () => {
    const loss = (factor: number) => (x: NDArray) => nd.SoftmaxOutput(x, nd.array([1])).mul(factor);
    expect(gradientOf(nd.zeros([1, 2]), loss(1))).toEqual([[0.5, -0.5]]);
    expect(gradientOf(nd.zeros([1, 2]), loss(100))).toEqual([[0.5, -0.5]]);
  },

  "BatchNorm moves its statistics in backward": () => {
    const x = nd.array([[1], [3]]).attachGrad();
    const [gamma, beta, mean, variance] = [
      nd.ones([1]),
      nd.zeros([1]),
      nd.zeros([1]),
      nd.ones([1]),
    ];
    const forward = (trainMode: boolean) =>
      autograd.record(() => nd.BatchNorm(x, gamma, beta, mean, variance, { momentum: 0.5 }), {
        trainMode,
      });
    forward(false).backward();
    const y = forward(true);
    expect([y.shape, mean.asNested()]).toEqual([[2, 1], [0]]);
    y.backward(null, { retainGraph: true });
    expect(mean.asNested()).toEqual([1]);
    y.backward();
    expect(mean.asNested()).toEqual([1.5]);
  },

  "A compiled function freezes numbers from outside": () => {
    const outside = { rate: 1, offset: nd.array([0]) };
    const fn = compile((x: NDArray, by: number) => x.mul(outside.rate).mul(by).add(outside.offset));
    expect(fn(nd.array([2]), 1).asScalar()).toBe(2);
    outside.rate = 3;
    expect(fn(nd.array([2]), 1).asScalar()).toBe(2);
    expect(fn(nd.array([2]), 3).asScalar()).toBe(18);
    outside.offset.assign(1);
    expect(fn(nd.array([2]), 1).asScalar()).toBe(3);
  },

  "asScalar in a compiled function pins the number": () => {
    const pinned = compile((x: NDArray) => (x.sum().asScalar() > 0 ? x : x.neg()));
    const forked = compile((x: NDArray) => (x.sum().greater(0).asBoolean() ? x : x.neg()));
    for (const value of [1, 2, -3, 1, 2, -3]) {
      for (const fn of [pinned, forked])
        expect(fn(nd.array([value])).asScalar()).toBe(Math.abs(value));
    }
    expect([pinned.counts().traces, forked.counts().traces]).toEqual([3, 2]);
  },
};

test.each(Object.entries(pitfalls))("%s", (_heading, check) => {
  check();
});

test("the page has one heading per pitfall", () => {
  const page = readFileSync(join(root, "docs/pitfalls.md"), "utf8");
  const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(Object.keys(pitfalls));
});
