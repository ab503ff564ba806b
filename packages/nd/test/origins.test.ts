import { sizeOf } from "@adjoint/graph";
import { autograd, type NDArray, nd } from "../src/index.js";
import { Values } from "../src/recording/values.js";

/** Bytes of the numbers that an array without numbers holds on to. */
function heldBy(array: NDArray): number {
  const { values } = array;
  if (!(values instanceof Values)) throw new Error("array has its numbers");
  return values.data.reduce(
    (sum, one) => sum + (one === undefined ? 0 : 4 * sizeOf(one.type.shape)),
    0,
  );
}

/** A training step on a batch of its own; gives what leads to the loss. */
function train(w: NDArray, batch: number): readonly NDArray[] {
  const x = nd.ones([batch, 256]).mul(0.01);
  x.asArray();
  const arrays = autograd.record(() => {
    const product = nd.dot(x, w);
    const active = product.add(1).tanh();
    return [product, active, active.square().mean()];
  });
  arrays[2]?.backward();
  if (w.grad !== null) w.subAssign(w.grad.mul(0.01));
  return arrays;
}

describe("arrays that nobody has read", () => {
  test.each([1, 8, 512])("hold a few times their own bytes at most, in batches of %d", (batch) => {
    const w = nd.ones([256, 64]).attachGrad();
    for (let step = 0; step < 4; step++) train(w, batch);
    const unread = train(w, batch).filter(({ storage }) => storage === undefined);
    expect(unread.length).toBeGreaterThan(0);
    for (const one of unread) {
      expect(heldBy(one)).toBeLessThanOrEqual(Math.max(8 * 4 * one.size, 4096));
    }
  });

  test("hold no input that they do not need", () => {
    const [w, v] = [nd.ones([64, 64]).attachGrad(), nd.ones([128, 64]).attachGrad()];
    const step = () => {
      const [doubled, loss] = autograd.record(() => {
        const doubled = w.mul(2);
        return [doubled, nd.dot(v, doubled).mean()];
      });
      loss?.backward();
      return doubled;
    };
    for (let time = 0; time < 3; time++) step();
    const doubled = step();
    if (doubled === undefined) throw new Error("no result");
    expect(heldBy(doubled)).toBe(4 * 64 * 64);
    expect(doubled.toFlat()).toEqual(new Array(64 * 64).fill(2));
  });

  test("have the numbers of their own step after many", () => {
    const w = nd.ones([256, 64]).attachGrad();
    const twin = nd.ones([256, 64]).attachGrad();
    const expected: number[] = [];
    const kept: NDArray[] = [];
    for (let step = 0; step < 8; step++) {
      for (const array of train(twin, 8)) expected.push(array.sum().asScalar());
      kept.push(...train(w, 8));
    }
    kept.forEach((array, at) => {
      expect(array.sum().asScalar()).toBeCloseTo(expected[at] ?? Number.NaN, 1);
    });
  });
});
