import { autograd, compile, engine, nd } from "../src/index.js";

afterEach(() => {
  engine.setMode("tiered");
  engine.setThreads(1);
});

/** Loss and gradients of a layer, after some steps. */
function trained() {
  const x = nd.array([
    [0.5, -1, 2],
    [1, 0.25, -0.5],
  ]);
  const w = nd
    .array([
      [0.1, 0.2],
      [0.3, -0.4],
      [-0.5, 0.6],
    ])
    .attachGrad();
  const step = () => {
    const loss = autograd.record(() => nd.dot(x, w).tanh().square().mean());
    loss.backward();
    w.subAssign((w.grad ?? w).mul(0.5));
    return loss;
  };
  const losses = Array.from({ length: 5 }, () => step().asScalar());
  return { losses, w: w.toFlat() };
}

test("interpreted and compiled programs agree", () => {
  engine.setMode("interpreted");
  const reference = trained();
  engine.setMode("compiled");
  const compiled = trained();
  compiled.losses.forEach((loss, at) => {
    expect(loss).toBeCloseTo(reference.losses[at] ?? Number.NaN, 6);
  });
  compiled.w.forEach((value, at) => {
    expect(value).toBeCloseTo(reference.w[at] ?? Number.NaN, 6);
  });
});

test("nothing is compiled while programs are interpreted", () => {
  engine.setMode("interpreted");
  const { compiledPlans } = engine.statistics();
  const double = compile((x: ReturnType<typeof nd.ones>) => x.mul(2));
  for (let run = 0; run < 500; run++) double(nd.ones([3]));
  expect(engine.statistics().compiledPlans).toBe(compiledPlans);
});

test("a hot program is compiled twice: its plan, then its known paths as one function", () => {
  engine.setMode("tiered");
  const { compiledPlans } = engine.statistics();
  const triple = compile((x: ReturnType<typeof nd.ones>) => x.mul(3).exp());
  for (let run = 0; run < 1000; run++) triple(nd.ones([5]));
  expect(engine.statistics().compiledPlans).toBe(compiledPlans + 2);
  expect(triple.counts().plans).toBe(2);
  for (let run = 0; run < 1000; run++) triple(nd.ones([5]));
  expect(engine.statistics().compiledPlans).toBe(compiledPlans + 2);
  expect(triple(nd.zeros([2])).toFlat()).toEqual([1, 1]);
});

test("unknown modes and impossible numbers of threads are refused", () => {
  // A caller without types.
  const setMode: (mode: string) => unknown = (mode) => Reflect.apply(engine.setMode, null, [mode]);
  expect(() => setMode("fast")).toThrow("setMode: unknown mode");
  expect(() => engine.setThreads(0)).toThrow("setThreads: number of threads is out of range");
});
