import { autograd, type NDArray, nd } from "../src/index.js";
import { Trace } from "../src/recording/trace.js";
import { session } from "../src/session.js";

function gradOf(x: NDArray): NDArray {
  if (x.grad === null) throw new Error("no gradient attached");
  return x.grad;
}

const { recorder, segments, gradients } = session;

describe("long loops stay bounded", () => {
  test("20,000 steps of record, backward and update", () => {
    const w = nd.array([5, -3]).attachGrad();
    const step = () => {
      autograd.record(() => w.mul(w).sum()).backward();
      w.subAssign(gradOf(w).mul(0.001));
    };
    for (let time = 0; time < 10; time++) step();
    const before = { steps: recorder.steps, plans: autograd.counts().plans };
    const sizes = [segments.ring.size, gradients.size];
    for (let time = 0; time < 20_000; time++) step();
    expect({ steps: recorder.steps, plans: autograd.counts().plans }).toEqual(before);
    expect([segments.ring.size, gradients.size]).toEqual(sizes);
    expect(Math.abs(w.toFlat()[0] ?? 1)).toBeLessThan(1e-6);
  });

  test("after backward a trace holds neither numbers nor arrays", () => {
    const x = nd.ones(1000).attachGrad();
    const y = autograd.record(() => x.mul(x).exp().sum());
    y.backward();
    const { trace } = y;
    if (!(trace instanceof Trace)) throw new Error("not recorded");
    expect([trace.values.data, trace.handles]).toEqual([[], []]);
    expect([trace.destinations.size, trace.customs.size, trace.effects.length]).toEqual([0, 0, 0]);
    expect(y.asScalar()).toBeCloseTo(1000 * Math.E, 2);
  });

  test("a number that differs each time becomes an input after 8 values at one place", () => {
    const x = nd.array([2]).attachGrad();
    const run = (factor: number) => {
      autograd.record(() => x.mul(factor).exp()).backward();
    };
    for (let time = 0; time < 20; time++) run(0.01 * time + 0.1234);
    const { steps } = recorder;
    const { traces, plans } = autograd.counts();
    for (let time = 0; time < 500; time++) run(0.0001 * time + 0.4321);
    expect(recorder.steps).toBe(steps);
    expect(autograd.counts()).toMatchObject({ traces, plans });
    const factor = Math.fround(0.0001 * 499 + 0.4321);
    expect(gradOf(x).asScalar()).toBeCloseTo(factor * Math.exp(2 * factor), 4);
  });

  test("an attribute that differs each time keeps a bounded number of branches, the latest", () => {
    const x = nd.array([2]).attachGrad();
    const run = (aMax: number) => {
      const { traces } = autograd.counts();
      autograd.record(() => x.clip({ aMin: 0, aMax }));
      return autograd.counts().traces - traces;
    };
    for (let time = 0; time < 400; time++) expect(run(time)).toBe(1);
    expect([run(399), run(200), run(0)]).toEqual([0, 0, 1]);
  });

  test("100,000 operations outside record, none read", () => {
    const held = new Set<unknown>();
    let x = nd.zeros([2]);
    for (let time = 0; time < 100_000; time++) {
      x = x.add(1);
      if (time % 1000 === 0) held.add(x.trace);
    }
    expect(held.size).toBeGreaterThan(50);
    expect(x.toFlat()).toEqual([100_000, 100_000]);
  });

  test("a chain of 20,000 recorded operations, and its gradient", () => {
    const x = nd.array([1]).attachGrad();
    const y = autograd.record(() => {
      let chain = x;
      for (let time = 0; time < 20_000; time++) chain = chain.add(1);
      return chain;
    });
    y.backward();
    expect([y.asScalar(), gradOf(x).asScalar()]).toEqual([20_001, 1]);
  });

  test("a chain over 2,000 scopes", () => {
    const x = nd.array([1]).attachGrad();
    let y = x;
    for (let time = 0; time < 2000; time++) y = autograd.record(() => y.add(x));
    y.backward();
    expect([y.asScalar(), gradOf(x).asScalar()]).toEqual([2001, 2001]);
  });
});
