import { jest } from "@jest/globals";
import { ArgumentError, GradientError, InPlaceError, ShapeError } from "@adjoint/graph";
import { autograd, compile, NDArray, nd } from "../../src/index.js";
import { contentsOf, expectSameAsPlain, gradOf, noise } from "./support.js";

describe("arguments and results", () => {
  test("arrays, numbers, texts, lists and objects; the same ones again are a replay", () => {
    const fn = compile(
      (x: NDArray, options: { scale: number; by: readonly NDArray[] }, how: string) => {
        const [by = x] = options.by;
        return { sum: x.add(by), list: [x.mul(options.scale), how, null, options.scale] };
      },
    );
    const call = (value: number) =>
      contentsOf(fn(nd.array([value]), { scale: 3, by: [nd.array([1])] }, "up"));
    expect(call(2)).toEqual(
      contentsOf({ sum: nd.array([3]), list: [nd.array([6]), "up", null, 3] }),
    );
    expect(call(5)).toEqual(
      contentsOf({ sum: nd.array([6]), list: [nd.array([15]), "up", null, 3] }),
    );
    expect(fn.counts()).toMatchObject({ calls: 2, traces: 1, replays: 1 });
  });

  test.each<[string, readonly unknown[], readonly unknown[]]>([
    ["shape", [nd.ones([2])], [nd.ones([3])]],
    ["dtype", [nd.ones([2])], [nd.ones([2], { dtype: "float64" })]],
    ["a variable", [nd.ones([2])], [nd.ones([2]).attachGrad()]],
    ["the gradient's request", [nd.ones([2]).attachGrad()], [nd.ones([2]).attachGrad("add")]],
    ["a number", [nd.ones([2]), 1], [nd.ones([2]), 2]],
    ["0 and -0", [nd.ones([2]), 0], [nd.ones([2]), -0]],
    ["a text", [nd.ones([2]), "a"], [nd.ones([2]), "b"]],
    ["null and undefined", [nd.ones([2]), null], [nd.ones([2]), undefined]],
    ["how many", [nd.ones([2])], [nd.ones([2]), nd.ones([2])]],
    ["length of a list", [[nd.ones([2])]], [[nd.ones([2]), nd.ones([2])]]],
    ["keys", [{ x: nd.ones([2]) }], [{ y: nd.ones([2]) }]],
  ])("%s makes another kind of call", (_, first, second) => {
    const fn = compile((...args: readonly unknown[]) => {
      const [x] = args;
      return x instanceof NDArray ? x.add(1) : args.length;
    });
    fn(...first);
    fn(...second);
    expect(fn.counts()).toMatchObject({ traces: 2, replays: 0 });
    fn(...first);
    fn(...second);
    expect(fn.counts()).toMatchObject({ traces: 2, replays: 2 });
  });

  test("N kinds of calls in turns: N traces, then none", () => {
    const fn = compile((x: NDArray) => x.mul(2).sum());
    const kinds = [1, 2, 3, 4, 5].map((size) => nd.ones([size]));
    for (let time = 0; time < 40; time++) for (const x of kinds) fn(x);
    expect(fn.counts()).toMatchObject({ calls: 200, traces: 5, replays: 195, plans: 5 });
  });

  test("an argument comes back as itself, a view of it shares its memory", () => {
    const fn = compile((x: NDArray) => [x, x.at(0), x.reshape([4])]);
    const x = noise([2, 2]);
    for (const _ of [1, 2]) {
      const [same, row, flat] = fn(x);
      expect(same).toBe(x);
      flat?.setAt([0], 9);
      expect([x.at(0, 0).asScalar(), row?.at(0).asScalar()]).toEqual([9, 9]);
    }
  });

  test("results that share memory share it again", () => {
    expectSameAsPlain(() => {
      const fn = (x: NDArray) => {
        const y = x.mul(2);
        return [y, y.at(1)];
      };
      return { fn, state: [] };
    }, [(): [NDArray] => [noise([2, 2])], (): [NDArray] => [noise([2, 2], 3)]]);
    const fn = compile((x: NDArray) => {
      const y = x.mul(2);
      return [y, y.at(1)];
    });
    const [y, row] = fn(nd.ones([2, 2]));
    row?.assign(7);
    expect(y?.toFlat()).toEqual([2, 2, 7, 7]);
  });

  test("one value returned twice and written: every array has numbers of its own", () => {
    const w = nd.array([1, 2]);
    const fn = compile((x: NDArray) => {
      const y = x.mul(3);
      w.assign(y);
      return [y, x.add(0)];
    });
    const [y] = fn(nd.array([1, 1]));
    y?.assign(0);
    expect(w.toFlat()).toEqual([3, 3]);
  });

  test("variables that are made within come with their gradients", () => {
    const fn = compile((x: NDArray) => {
      const y = x.mul(1).attachGrad();
      autograd.record(() => y.mul(y)).backward();
      return y;
    });
    for (const value of [1, 2, 3]) {
      const y = fn(nd.array([value]));
      expect([y.toFlat(), gradOf(y).toFlat()]).toEqual([[value], [2 * value]]);
    }
  });

  test.each<[string, unknown]>([
    ["a function", () => 1],
    ["an object of a class", new Date(0)],
    ["a typed array", new Float32Array(2)],
    ["a promise", Promise.resolve(1)],
    ["a map", new Map()],
  ])("%s is refused as argument and as result", (_, value) => {
    const fn = compile((x: unknown) => (x === null ? value : null));
    expect(() => fn(value)).toThrow(ArgumentError);
    expect(() => fn(null)).toThrow(ArgumentError);
  });

  test("what nests in itself is refused", () => {
    const list: unknown[] = [];
    list.push(list);
    expect(() => compile((x: unknown) => x)(list)).toThrow(/nested too deeply/);
    expect(() => compile(() => list)()).toThrow(/nested too deeply/);
  });

  test("asynchronous functions and generators are refused at once", () => {
    expect(() => compile(async () => 1)).toThrow(/not a synchronous function.*AsyncFunction/);
    expect(() =>
      compile(function* () {
        yield 1;
      }),
    ).toThrow(/GeneratorFunction/);
  });
});

describe("arrays from outside", () => {
  test("are inputs: later changes are seen, numbers of JavaScript are not", () => {
    const w = nd.array([1, 2]);
    let factor = 10;
    const fn = compile((x: NDArray) => x.add(w).mul(factor));
    const call = () => fn(nd.ones([2])).toFlat();
    expect(call()).toEqual([20, 30]);
    w.mulAssign(2);
    expect(call()).toEqual([30, 50]);
    w.setAt([0], 0);
    expect(call()).toEqual([10, 50]);
    factor = 100;
    expect(call()).toEqual([10, 50]);
    expect(fn.counts().traces).toBe(1);
  });

  test("may be pending, views, and results of other compiled functions", () => {
    const base = noise([4]);
    const view = base.at([1, 3]);
    const pending = base.mul(2);
    const made = compile(() => base.add(1))();
    const fn = compile(() => view.sum().add(pending.sum()).add(made.sum()));
    const expected = () => view.sum().add(pending.sum()).add(made.sum()).toFlat();
    expect(fn().toFlat()).toEqual(expected());
    base.assign(1);
    expect(fn().toFlat()).toEqual(expected());
  });

  test("another gradient attached: the function is traced again, and writes to the new one", () => {
    const w = nd.array([3]).attachGrad();
    const fn = compile(() => autograd.record(() => w.mul(w)).backward());
    fn();
    w.attachGrad();
    fn();
    expect(gradOf(w).toFlat()).toEqual([6]);
    fn();
    expect(fn.counts()).toMatchObject({ traces: 2, replays: 1 });
    expect(fn.explain().retraces).toMatchObject([{ cause: "captured", count: 1 }]);
  });

  test("reads after writes see the new numbers, also through views", () => {
    expectSameAsPlain(() => {
      const w = noise([3, 2]);
      const row = w.at(1);
      const fn = (x: NDArray) => {
        const before = w.sum();
        w.at(0).assign(x);
        w.reshape([6]).setAt([[4, 6]], x.mul(2));
        const top = w.at(0);
        top.mulAssign(3);
        return [before, w.sum(), top, w.at(":", 1)];
      };
      return { fn, state: [w, row] };
    }, [(): [NDArray] => [noise([2])], (): [NDArray] => [noise([2], 2)]]);
  });

  test("one array in two places of the arguments is one memory", () => {
    const fn = compile((x: NDArray, y: NDArray) => {
      x.addAssign(1);
      return y.mul(1);
    });
    const [x, y] = [nd.zeros([1]), nd.zeros([1])];
    expect([fn(x, x), fn(x, y), fn(y, y), fn(y, x)].map((z) => z.asScalar())).toEqual([1, 0, 1, 2]);
    expect(fn.counts()).toMatchObject({ traces: 2, replays: 2 });
    expect(fn.explain().retraces).toMatchObject([{ cause: "sharing" }]);
  });

  test("an argument that is also used from outside is told apart from others", () => {
    const w = nd.array([5]);
    const fn = compile((x: NDArray) => x.sub(w));
    expect([w, nd.array([7]), w].map((x) => fn(x).asScalar())).toEqual([0, 2, 0]);
  });

  test("an argument over memory that the function writes to elsewhere", () => {
    const w = nd.array([1, 2]);
    const fn = compile((x: NDArray) => {
      w.mulAssign(10);
      return x.add(w);
    });
    expect(fn(nd.array([1, 1])).toFlat()).toEqual([11, 21]);
    expect(fn(w).toFlat()).toEqual([200, 400]);
    expect(fn(w.reshape([2])).toFlat()).toEqual([2000, 4000]);
    expect(() => fn(nd.concat(w, w, { dim: 0 }).at([0, 2]))).not.toThrow();
    expect(fn.counts()).toMatchObject({ traces: 2, replays: 2 });
    const part = compile((x: NDArray) => {
      w.mulAssign(10);
      return x.sum();
    });
    part(nd.array([1]));
    expect(() => part(w.at([0, 1]))).toThrow(/shares part of its memory/);
  });

  test("writes to a part of memory that another array uses are refused, and nothing has changed", () => {
    const base = nd.zeros([4]);
    const part = base.at([0, 2]);
    const fn = compile(() => {
      base.assign(1);
      part.assign(2);
    });
    expect(fn).toThrow(InPlaceError);
    expect(fn).toThrow(/shares part of its memory/);
    expect(base.toFlat()).toEqual([0, 0, 0, 0]);
  });

  test("a batch of a data set is an input of its own, not the whole set", () => {
    const data = noise([6, 2]);
    const fn = compile((x: NDArray) => x.sum());
    const sums = [0, 2, 4].map((start) => fn(data.at([start, start + 2])).asScalar());
    expect(sums).toEqual(
      [0, 2, 4].map((start) =>
        data
          .at([start, start + 2])
          .sum()
          .asScalar(),
      ),
    );
    expect(fn.counts().traces).toBe(1);
    expect(fn.graphs()[0]?.graph.inputs[0]?.type.shape).toEqual([2, 2]);
  });
});

describe("errors", () => {
  const failing = () => {
    const w = nd.array([1, 2]).attachGrad();
    const fn = compile((x: NDArray, fail: boolean) => {
      autograd.record(() => w.mul(x).sum()).backward();
      w.subAssign(1);
      nd.random.uniform({ shape: [2] });
      if (fail) throw new RangeError("mine");
      return w.sum();
    });
    return { w, fn };
  };

  test("of the user's code come through, and nothing has changed", () => {
    const { w, fn } = failing();
    nd.random.seed(1);
    const before = contentsOf(w);
    expect(() => fn(nd.ones([2]), true)).toThrow(new RangeError("mine"));
    expect(contentsOf(w)).toEqual(before);
    const drawn = nd.random.uniform({ shape: [2] }).toFlat();
    nd.random.seed(1);
    expect(nd.random.uniform({ shape: [2] }).toFlat()).toEqual(drawn);
    expect(fn.counts()).toMatchObject({ traces: 0 });
    fn(nd.ones([2]), false);
    expect(w.toFlat()).toEqual([0, 1]);
    expect(autograd.isRecording()).toBe(false);
  });

  test("of operators name the user's line, and nothing has changed", () => {
    const w = nd.array([1, 2]);
    const fn = compile((x: NDArray) => {
      w.assign(0);
      return w.dot(x);
    });
    expect(() => fn(nd.ones([3]))).toThrow(ShapeError);
    expect(() => fn(nd.ones([3]))).toThrow(/semantics\.test\.ts:\d+/);
    expect(w.toFlat()).toEqual([1, 2]);
  });

  test("while a plan runs leave everything as it was", () => {
    const w = nd.array([1]);
    const fn = compile((x: NDArray) => {
      w.addAssign(1);
      return nd.linalg.potrf(x);
    });
    fn(nd.array([[4]]));
    expect(w.toFlat()).toEqual([2]);
    expect(() => fn(nd.array([[-4]]))).toThrow();
    expect(w.toFlat()).toEqual([2]);
    expect(fn(nd.array([[9]])).toFlat()).toEqual([3]);
  });

  test("arrays of a run that has ended are refused", () => {
    const kept: NDArray[] = [];
    const fn = compile((x: NDArray) => {
      kept.push(x, x.mul(2));
      return x.sum();
    });
    fn(nd.ones([2]));
    for (const array of kept) {
      expect(() => array.add(1)).toThrow(/has ended/);
      expect(() => array.toFlat()).toThrow(/has ended/);
      expect(() => array.assign(1)).toThrow(/has ended/);
    }
  });

  test("what recorded scopes refuse is refused within", () => {
    const w = nd.ones([2]).attachGrad();
    const x = nd.ones([2]);
    expect(compile(() => autograd.record(() => w.assign(1)))).toThrow(/while recording/);
    expect(compile(() => x.mul(2).backward())).toThrow(GradientError);
    const twice = compile(() => {
      const y = autograd.record(() => w.mul(2));
      y.backward();
      y.backward();
    });
    expect(twice).toThrow(/released by an earlier backward/);
    expect(compile(() => x.attachGrad())).toThrow(/can't be made a variable/);
    expect(compile(() => autograd.checkGradients((a) => a, [x]))).toThrow(/compiled function/);
    expect(compile(() => autograd.graphOf(autograd.record(() => w.mul(2))))).toThrow(
      /compiled function/,
    );
  });

  test("gradients do not flow out into what was recorded outside", () => {
    const w = nd.ones([2]).attachGrad();
    const y = autograd.record(() => w.mul(2));
    const fn = compile((x: NDArray) => autograd.record(() => x.mul(3)).backward());
    expect(() => fn(y)).toThrow(/can't flow out of a compiled function/);
    expect(gradOf(w).toFlat()).toEqual([0, 0]);
  });

  test("a function that calls itself without end", () => {
    const fn: (x: NDArray) => NDArray = compile((x: NDArray) => fn(x.mul(2)), { name: "endless" });
    expect(() => fn(nd.ones([1]))).toThrow(/endless: compiled function calls itself/);
    const power: (x: NDArray, times: number) => NDArray = compile((x: NDArray, times: number) =>
      times === 0 ? x : power(x.mul(2), times - 1),
    );
    expect(power(nd.ones([1]), 5).asScalar()).toBe(32);
  });

  test("a function that does something else each time", () => {
    let time = 0;
    const fn = compile((x: NDArray) => {
      time++;
      return x.mul(time).sum().greater(0).asBoolean() ? x : x.neg();
    });
    fn(nd.ones([1]));
    expect(() => fn(nd.ones([1]).neg())).not.toThrow();
    expect(fn.explain().retraces.map(({ cause }) => cause)).toEqual(["branch", "code"]);
  });

  test("options are checked", () => {
    expect(() => compile((x: NDArray) => x, { warnAfter: 0 })).toThrow(/warnAfter is not valid/);
    // @ts-expect-error: no such option
    expect(() => compile((x: NDArray) => x, { warn: 1 })).toThrow(/warn/);
    // @ts-expect-error: no function
    expect(() => compile(3)).toThrow(ArgumentError);
  });
});

describe("within other programs", () => {
  test("a recorded scope sees through: the call is differentiable", () => {
    const w = noise([3]).attachGrad();
    const model = compile((x: NDArray) => w.mul(x).tanh());
    const plain = (x: NDArray) => w.mul(x).tanh();
    model(noise([3]));
    const results = [model, plain].map((fn) => {
      const y = autograd.record(() => fn(noise([3], 2)).sum());
      y.backward();
      return [contentsOf(y), contentsOf(w)];
    });
    expect(results[0]).toEqual(results[1]);
    expect(model.counts()).toMatchObject({ calls: 1, traces: 1, inlined: 1 });
  });

  test("transforms of functions of arrays", () => {
    const f = (x: NDArray) => x.mul(x).sum();
    expectSameAsPlain(
      () => ({
        fn: (x: NDArray) => [autograd.vmap(f)(x), autograd.jacobian(nd.tanh)(x.at(0))],
        state: [],
      }),
      [1, 2].map((seed) => (): [NDArray] => [noise([3, 2], seed)]),
    );
  });

  test("the body of a loop takes it in", () => {
    const inner = compile((x: NDArray) => x.mul(2));
    const [rows] = nd.contrib.foreach((row: NDArray) => [inner(row), []], noise([3, 2]), []);
    expect(contentsOf(rows)).toEqual(contentsOf(noise([3, 2]).mul(2)));
    expect(inner.counts()).toMatchObject({ calls: 0, inlined: 1 });
  });

  test("another compiled function takes it in", () => {
    const inner = compile((x: NDArray) => x.exp());
    const outer = compile((x: NDArray) => inner(x).add(inner(x)));
    expectSameAsPlain(
      () => ({ fn: (x: NDArray) => outer(x), state: [] }),
      [(): [NDArray] => [noise([2])], (): [NDArray] => [noise([2], 2)]],
    );
    const [path] = outer.graphs();
    expect(path?.segments.length).toBe(1);
    expect(Object.values(path?.graph.nodes ?? {}).map(({ op }) => op)).toEqual(["exp", "add"]);
  });

  test("training mode is part of the kind of call", () => {
    const fn = compile((x: NDArray) => [nd.Dropout(x), autograd.isTraining()]);
    const x = nd.ones([50]);
    const sums = [false, true, false, true].map((training) => {
      const [y] = training ? autograd.trainMode(() => fn(x)) : fn(x);
      return y instanceof NDArray && y.toFlat().includes(0);
    });
    expect(sums).toEqual([false, true, false, true]);
    expect(fn.counts()).toMatchObject({ traces: 2, replays: 2 });
    expect(fn.explain().retraces).toMatchObject([
      { cause: "mode", before: "false", after: "true" },
    ]);
  });
});

describe("random numbers", () => {
  test("go on from call to call as without compile, and a seed within starts them anew", () => {
    const draw = () => nd.random.normal({ shape: [3] }).add(nd.random.uniform({ shape: [3] }));
    expectSameAsPlain(() => ({ fn: draw, state: [] }), [(): [] => [], (): [] => []]);
    const seeded = compile(() => {
      nd.random.seed(3);
      return draw();
    });
    const [first, second] = [seeded().toFlat(), seeded().toFlat()];
    expect(second).toEqual(first);
  });
});

test("arrays made within start anew at each call", () => {
  const fn = compile((x: NDArray) => {
    const sum = nd.zeros([2]);
    const table = nd.array([1, 2]);
    sum.addAssign(x);
    table.setAt([0], sum.at(0));
    return [sum, table];
  });
  for (const _ of [1, 2, 3]) {
    expect(fn(nd.ones([2])).map((one) => one.toFlat())).toEqual([
      [1, 1],
      [1, 2],
    ]);
  }
});

test("prints of the function happen while it is traced, and no more", () => {
  const print = jest.fn();
  const fn = compile((x: NDArray) => {
    print();
    return x.mul(2);
  });
  for (const value of [1, 2, 3]) fn(nd.array([value]));
  expect(print).toHaveBeenCalledTimes(1);
});
