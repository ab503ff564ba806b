import { autograd, nd } from "../src/index.js";
import { session } from "../src/session.js";

const MiB = 2 ** 20;

test("a training loop that disposes of nothing keeps a bounded part of the heap, and every number", () => {
  const { runtime } = session;
  runtime.mode = "compiled";
  const { heap } = runtime;
  heap.budget = 2 * MiB;
  nd.random.seed(1);
  const x = nd.random.normal({ shape: [32, 64] });
  const w = nd.random.normal({ shape: [64, 64] }).attachGrad();
  const step = () => {
    const loss = autograd.record(() => nd.dot(x, w).tanh().square().mean());
    loss.backward();
    if (w.grad !== null) w.subAssign(w.grad.mul(0.01));
    return loss;
  };
  const kept = Array.from({ length: 20 }, step);
  const before = kept.map((loss) => loss.asScalar());
  // What plans themselves need stays in the heap.
  heap.spill();
  const { spills, residentBytes: pinned } = heap.statistics;
  for (let time = 0; time < 400; time++) step();
  const { residentBytes, arenas, memoryBytes, spills: after } = heap.statistics;
  expect(after).toBeGreaterThan(spills + 2);
  expect(residentBytes - pinned).toBeLessThan(1.5 * heap.budget);
  expect(arenas).toBeLessThan(1500);
  expect(memoryBytes).toBeLessThanOrEqual(16 * MiB);
  expect(kept.map((loss) => loss.asScalar())).toEqual(before);
});
