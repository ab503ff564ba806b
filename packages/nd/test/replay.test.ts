import fc from "fast-check";
import { autograd, type NDArray, nd } from "../src/index.js";

type Choice = readonly [step: number, literal: number];

/** A program that a list of numbers describes, with branches on values as it goes. */
function chosen(x: NDArray, w: NDArray, choices: readonly Choice[]): NDArray {
  let h = x;
  for (const [step, literal] of choices) {
    if (step === 0) h = h.mul(literal);
    else if (step === 1) h = nd.tanh(nd.dot(h, w));
    else if (step === 2) h = h.add(x).softmax();
    else h = h.sum().asScalar() > 0 ? h.sub(h.mean()) : h.square();
  }
  return h;
}

interface Result {
  readonly value: number[];
  readonly gradients: number[][];
}

function train(choices: readonly Choice[], seed: number): Result {
  nd.random.seed(seed);
  const x = nd.random.normal({ shape: [2, 3] }).attachGrad();
  const w = nd.random.normal({ shape: [3, 3] }).attachGrad();
  const y = autograd.record(() => chosen(x, w, choices));
  y.backward();
  return {
    value: y.toFlat(),
    gradients: [x, w].map((variable) => variable.grad?.toFlat() ?? []),
  };
}

const anyProgram = fc.array(fc.tuple(fc.nat(3), fc.constantFrom(0.5, 2, -1)), {
  minLength: 1,
  maxLength: 6,
});

test("a known path gives the same bits as its first run, also after other paths were traced", () => {
  fc.assert(
    fc.property(anyProgram, anyProgram, fc.nat(1000), (program, other, seed) => {
      const first = train(program, seed);
      train(other, seed + 1);
      // The second run plans for what the first one was asked for.
      expect(train(program, seed)).toEqual(first);
      const before = autograd.counts();
      expect(train(program, seed)).toEqual(first);
      const after = autograd.counts();
      expect(after.traces).toBe(before.traces);
      expect(after.plans).toBe(before.plans);
      expect(after.replays).toBeGreaterThan(before.replays);
    }),
    { numRuns: 60 },
  );
});

test("alternating paths are traced once each, and then never again", () => {
  const paths = 5;
  const x = nd.array([2]).attachGrad();
  const step = (time: number) => {
    const y = autograd.record(() => {
      let h = x;
      for (let round = 0; round <= time % paths; round++) h = h.mul(x).sum();
      return h;
    });
    y.backward();
  };
  const before = autograd.counts();
  for (let time = 0; time < paths; time++) step(time);
  const known = autograd.counts();
  expect(known.traces - before.traces).toBe(paths);
  for (let time = 0; time < 20_000; time++) step(time);
  const after = autograd.counts();
  expect([after.traces, after.plans]).toEqual([known.traces, known.plans]);
  expect(after.replays - known.replays).toBe(20_000);
});
