import { autograd, type NDArray, nd } from "../src/index.js";
import { Retention } from "../src/recording/retention.js";
import { Trace } from "../src/recording/trace.js";
import { session } from "../src/session.js";

describe("numbers that runs leave behind", () => {
  /** Whether they seem to be held after each of some windows, given what the memory held at their ends. */
  const judged = (memory: readonly (number | undefined)[]) => {
    const sizes = memory.values();
    const retention = new Retention(() => sizes.next().value, 100);
    return memory.map(() => [retention.add(60), retention.add(60)].some(Boolean));
  };

  test("are taken for garbage while memory does not grow with them", () => {
    expect(judged([0, 10, 5, 30, 20, 40])).toEqual(new Array(6).fill(false));
  });

  test("are not taken for held because memory grew once", () => {
    expect(judged([0, 1000, 1000, 1010, 3000, 3000])).toEqual(new Array(6).fill(false));
  });

  test("are taken for held where it grows again and again", () => {
    expect(judged([0, 120, 240, 240, 240])).toEqual([false, false, true, false, false]);
  });

  test("are taken for held where nobody can tell", () => {
    expect(judged([undefined])).toEqual([true]);
  });
});

test("a path whose unread results are held keeps them from then on, and leaves nothing behind", () => {
  const w = nd.ones([4]).attachGrad();
  const step = (): NDArray => {
    const [a, y] = autograd.record(() => {
      const a = w.mul(2);
      return [a, a.mul(a).sum()] as const;
    });
    y.backward();
    if (w.grad !== null) w.subAssign(w.grad.mul(0.01));
    return a;
  };
  for (let time = 0; time < 3; time++) step();
  const unread = step();
  const { trace } = unread;
  if (!(trace instanceof Trace)) throw new Error("not recorded");
  expect([unread.storage, unread.values?.at(unread.index).type.shape]).toEqual([undefined, [4]]);
  session.segments.keepAll(trace.cursor);
  step();
  const { recomputations } = autograd.counts();
  const held = step();
  expect([held.storage?.length, held.values]).toEqual([4, undefined]);
  expect(held.toFlat()).toHaveLength(4);
  expect(autograd.counts().recomputations).toBe(recomputations);
});
