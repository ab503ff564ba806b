import fc from "fast-check";
import { autograd, type NDArray, nd } from "../src/index.js";
import { session } from "../src/session.js";

const { runtime, segments } = session;

function gradOf(x: NDArray): number[] {
  return x.grad?.toFlat() ?? [];
}

/** What has been counted since. */
function since(before: ReturnType<typeof autograd.counts>) {
  const now = autograd.counts();
  return {
    plans: now.plans - before.plans,
    recomputations: now.recomputations - before.recomputations,
  };
}

beforeEach(() => {
  runtime.mode = "tiered";
});

describe("results that nobody asked for", () => {
  /** Recorded and differentiated; `square` is read by nobody but `y`. */
  const pass = (x: NDArray) => {
    const [square, y] = autograd.record(() => {
      const square = x.mul(x);
      return [square, square.mul(3).sum()] as const;
    });
    y.backward();
    return { square, y };
  };

  test.each(["interpreted", "compiled"] as const)("have the numbers of their run: %s", (mode) => {
    runtime.mode = mode;
    const x = nd.array([1, 2]).attachGrad();
    const late = [1, 2, 3].map((factor) => {
      const { square } = pass(x);
      x.assign(nd.array([factor * 10, factor * 20]));
      return square;
    });
    expect(late.map((square) => square.toFlat())).toEqual([
      [1, 4],
      [100, 400],
      [400, 1600],
    ]);
  });

  test("are computed again once, and kept from the next run on", () => {
    const x = nd.array([1, 2, 3]).attachGrad();
    for (let time = 0; time < 3; time++) pass(x);
    const before = autograd.counts();
    expect(pass(x).square.toFlat()).toEqual([1, 4, 9]);
    expect(since(before)).toEqual({ plans: 1, recomputations: 1 });
    pass(x);
    const known = autograd.counts();
    expect(since(before)).toEqual({ plans: 2, recomputations: 1 });
    for (let time = 0; time < 50; time++) expect(pass(x).square.toFlat()).toEqual([1, 4, 9]);
    expect(since(known)).toEqual({ plans: 0, recomputations: 0 });
  });

  test("cost nothing further when several are read, in any order", () => {
    const x = nd.array([1, 2, 3, 4]).attachGrad();
    const chain = () => {
      const results: NDArray[] = [x];
      autograd
        .record(() => {
          for (let time = 0; time < 9; time++) results.push((results.at(-1) ?? x).add(1));
          return (results.at(-1) ?? x).sum();
        })
        .backward();
      return results;
    };
    chain();
    const before = autograd.counts();
    const numbers = chain().map((result) => result.toFlat()[0]);
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(since(before).recomputations).toBe(9);
    chain().reverse();
    const again = autograd.counts();
    const backwards = chain()
      .reverse()
      .map((result) => result.toFlat()[0]);
    expect(backwards).toEqual([...numbers].reverse());
    expect(since(again).recomputations).toBe(0);
  });

  test("a program that runs once computes nothing twice", () => {
    const before = autograd.counts();
    const x = nd.array([1, 2, 3, 4, 5]);
    const [a, b] = autograd.record(() => {
      const a = x.mul(2);
      return [a, a.add(1)] as const;
    });
    expect([b.toFlat(), a.toFlat()]).toEqual([
      [3, 5, 7, 9, 11],
      [2, 4, 6, 8, 10],
    ]);
    expect(since(before)).toEqual({ plans: 1, recomputations: 0 });
  });
});

describe("late reads", () => {
  test("of a value from before a read within the scope", () => {
    const x = nd.array([2]).attachGrad();
    const run = () =>
      autograd.record(() => {
        const a = x.mul(3);
        const b = a.mul(a);
        const big = b.sum().asScalar() > 10;
        const c = big ? b.add(1) : b.sub(1);
        return [a, c.mul(c).sum(), c] as const;
      });
    for (let time = 0; time < 3; time++) run()[1].backward();
    const [a, y, c] = run();
    y.backward();
    x.assign(nd.array([0]));
    expect([a.toFlat(), c.toFlat(), y.toFlat(), gradOf(x)]).toEqual([
      [6],
      [37],
      [1369],
      [2 * 37 * 36],
    ]);
  });

  test("of random numbers give those that the run has drawn", () => {
    const x = nd.ones([3]).attachGrad();
    const run = () => {
      nd.random.seed(7);
      return autograd.record(() => {
        const noise = nd.random.normal({ shape: [3] });
        const noisy = x.mul(noise);
        return [noise, noisy, noisy.sum()] as const;
      });
    };
    const [first] = run();
    const expected = first.toFlat();
    for (let time = 0; time < 3; time++) run()[2].backward();
    const [noise, noisy, sum] = run();
    sum.backward();
    nd.random.seed(99);
    expect([noise.toFlat(), noisy.toFlat(), gradOf(x)]).toEqual([expected, expected, expected]);
  });

  test("of values that a gradient with a graph of its own was made from", () => {
    const x = nd.array([2]).attachGrad();
    const run = () =>
      autograd.record(() => {
        const cube = x.mul(x).mul(x);
        const [slope] = autograd.grad(cube, x, { createGraph: true });
        if (slope === undefined) throw new Error("no slope");
        return [cube, slope, slope.mul(slope).sum()] as const;
      });
    for (let time = 0; time < 3; time++) run()[2].backward();
    const [cube, slope, y] = run();
    y.backward();
    x.assign(nd.array([5]));
    expect([slope.toFlat(), cube.toFlat(), gradOf(x)]).toEqual([[12], [8], [2 * 12 * 12]]);
  });

  test("after plans were dropped, and after the heap was spilled", () => {
    runtime.mode = "compiled";
    const x = nd.array([1, 2]).attachGrad();
    const run = () => {
      const [a, y] = autograd.record(() => {
        const a = x.exp();
        return [a, a.mul(a).sum()] as const;
      });
      y.backward();
      return a;
    };
    const expected = run().toFlat();
    const [held, dropped] = [run(), run()];
    x.assign(nd.zeros([2]));
    runtime.heap.spill();
    expect(held.toFlat()).toEqual(expected);
    segments.ring.clear();
    expect(dropped.toFlat()).toEqual(expected);
  });

  test("of a value that a write replaced give what was written", () => {
    const x = nd.array([1, 2]).attachGrad();
    const [a, y] = autograd.record(() => {
      const a = x.mul(2);
      return [a, a.sum()] as const;
    });
    y.backward();
    a.assign(nd.array([7, 8]));
    expect(a.toFlat()).toEqual([7, 8]);
  });

  test("of what was computed from a gradient that the next backward replaced", () => {
    runtime.mode = "compiled";
    const x = nd.ones([2000]).attachGrad();
    const late = [1, 2, 3].map((factor) => {
      autograd.record(() => x.mul(factor).sum()).backward();
      return [x.grad?.mul(10), x.grad?.copy()] as const;
    });
    const firsts = late.map((pair) => pair.map((array) => array?.toFlat()[1999]));
    expect(firsts).toEqual([
      [10, 1],
      [20, 2],
      [30, 3],
    ]);
  });

  test("a second backward over a retained graph", () => {
    const x = nd.array([1, 2]).attachGrad();
    const run = () => {
      const y = autograd.record(() => x.exp().mul(x).sum());
      y.backward(null, { retainGraph: true });
      const first = gradOf(x);
      y.backward();
      return [first, gradOf(x)];
    };
    for (let time = 0; time < 3; time++) {
      const [first, second] = run();
      expect(second).toEqual(first);
    }
    const before = autograd.counts();
    run();
    expect(since(before)).toEqual({ plans: 0, recomputations: 0 });
  });
});

type Choice = readonly [step: number, left: number, right: number];

/** What a list of numbers describes: operations on earlier results. */
function results(x: NDArray, w: NDArray, choices: readonly Choice[]): NDArray[] {
  const made = [x, w];
  for (const [step, left, right] of choices) {
    const a = made[left % made.length] ?? x;
    const b = made[right % made.length] ?? w;
    if (step === 0) made.push(a.add(b));
    else if (step === 1) made.push(nd.tanh(nd.dot(a, b)));
    else if (step === 2) made.push(a.mul(b).softmax());
    else if (step === 3) made.push(a.add(nd.random.uniform({ shape: [2, 2] })));
    else made.push(a.sum().asScalar() > 0 ? a.sub(b) : a.mul(0.5));
  }
  return made;
}

const anyChoices = fc.array(fc.tuple(fc.nat(4), fc.nat(20), fc.nat(20)), {
  minLength: 1,
  maxLength: 8,
});

test.each(["interpreted", "compiled"] as const)("any results read at any time: %s", (mode) => {
  runtime.mode = mode;
  fc.assert(
    fc.property(
      anyChoices,
      fc.array(fc.tuple(fc.array(fc.nat(10), { maxLength: 3 }), fc.boolean()), { maxLength: 4 }),
      (choices, readings) => {
        const numbers = () => {
          nd.random.seed(3);
          return [1, 2].map(() => nd.random.normal({ shape: [2, 2] }).attachGrad());
        };
        const run = ([x, w]: readonly NDArray[], order: readonly number[], gradient: boolean) => {
          if (x === undefined || w === undefined) throw new Error("two arrays");
          const { made, sum } = autograd.record(() => {
            const made = results(x, w, choices);
            return { made, sum: (made.at(-1) ?? x).sum() };
          });
          if (gradient) sum.backward();
          for (const array of [x, w]) array.assign(nd.zeros([2, 2]));
          const late = made.slice(2);
          const read = new Map<number, number[]>();
          for (const at of order) {
            const array = late[at % late.length];
            if (array !== undefined) read.set(at % late.length, array.toFlat());
          }
          return { read, late };
        };
        const reference = run(numbers(), [], false).late.map((array) => array.toFlat());
        for (const [order, gradient] of readings) {
          const { read } = run(numbers(), order, gradient);
          for (const [at, found] of read) {
            const expected = reference[at] ?? [];
            found.forEach((value, element) => {
              expect(value).toBeCloseTo(expected[element] ?? Number.NaN, 5);
            });
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});
