import { ArgumentError, BoundsError, type Graph, graphsIn, nodesOf, toText } from "@adjoint/graph";
import { autograd, type NDArray, nd } from "../src/index.js";

const { foreach } = nd.contrib;

function gradOf(x: NDArray): unknown {
  if (x.grad === null) throw new Error("no gradient attached");
  return x.grad.asNested();
}

const matrix = () =>
  nd
    .array([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    .attachGrad();

const opsOf = (graph: Graph): string[] => nodesOf(graph).map(({ op }) => op);

/** s' = s + s x + x, as MXNet's documentation has it. */
function growth(x: NDArray, s0: NDArray): readonly [NDArray, NDArray] {
  return foreach(
    (d, s) => {
      const next = s.add(s.mul(d)).add(d);
      return [next, next];
    },
    x,
    s0,
  );
}

describe("foreach", () => {
  test("has MXNet's values and gradients", () => {
    const x = matrix();
    const s0 = nd.zeros(2).attachGrad();
    const [, last] = autograd.record(() => growth(x, s0));
    expect(last.toFlat()).toEqual([47, 104]);
    last.backward();
    expect(gradOf(x)).toEqual([
      [24, 35],
      [12, 21],
      [8, 15],
    ]);
    expect(gradOf(s0)).toEqual([48, 105]);
  });

  test("stacks outputs, recorded or not", () => {
    const [rows] = growth(matrix(), nd.zeros(2));
    expect(rows.asNested()).toEqual([
      [1, 2],
      [7, 14],
      [47, 104],
    ]);
    const x = matrix();
    const [stacked] = autograd.record(() => growth(x, nd.zeros(2)));
    stacked.backward();
    const unrolled = matrix();
    autograd
      .record(() => {
        let s = nd.zeros(2);
        const all: NDArray[] = [];
        for (let row = 0; row < 3; row++) {
          const d = unrolled.at(row);
          s = s.add(s.mul(d)).add(d);
          all.push(s);
        }
        return nd.stack(...all);
      })
      .backward();
    expect(gradOf(x)).toEqual(gradOf(unrolled));
  });

  test("gives gradients to arrays from outside, on either side of an operator", () => {
    const x = matrix();
    const w = nd.array([2, 3]).attachGrad();
    const b = nd.array([0.5, 0.25]).attachGrad();
    const [y] = autograd.record(() =>
      foreach((d, s) => [w.mul(d).sub(b.mul(2)), [w.add(s[0])]], x, [nd.zeros(2)]),
    );
    expect(y.asNested()).toEqual([
      [1, 5.5],
      [5, 11.5],
      [9, 17.5],
    ]);
    y.backward();
    expect(gradOf(w)).toEqual([9, 12]);
    expect(gradOf(b)).toEqual([-6, -6]);
    expect(gradOf(x)).toEqual([
      [2, 3],
      [2, 3],
      [2, 3],
    ]);
  });

  test("keeps lists of data, states and outputs, and cuts longer data", () => {
    const data = [nd.arange(3), nd.arange(8).reshape([4, 2])] as const;
    const [[a, [b]], [s, t]] = foreach(
      ([x, y], [u, v]) => [
        [u.add(x), [y.mul(2)]],
        [u.add(x), v.add(y)],
      ],
      data,
      [nd.array([10]), nd.zeros(2)],
    );
    expect([a.asNested(), b.asNested()]).toEqual([
      [[10], [11], [13]],
      [
        [0, 2],
        [4, 6],
        [8, 10],
      ],
    ]);
    expect([s.toFlat(), t.toFlat()]).toEqual([[13], [6, 9]]);
  });

  test("gives slices of a list as `at` does, with one axis", () => {
    const [y] = foreach((d) => [d.mul(2), []], nd.array([1, 2, 3]), []);
    expect(y.asNested()).toEqual([[2], [4], [6]]);
    expect(foreach((d, s) => [d, s.add(d)], nd.arange(4), nd.zeros(1))[1].toFlat()).toEqual([6]);
  });

  test("runs without states, without outputs, and without slices", () => {
    const [squares, none] = foreach((x) => [x.square(), []], nd.array([[1], [2]]), []);
    expect([squares.asNested(), none]).toEqual([[[1], [4]], []]);
    const [nothing, total] = foreach((x, s) => [[], s.add(x)], nd.array([[1], [2]]), nd.zeros(1));
    expect([nothing, total.toFlat()]).toEqual([[], [3]]);
    expect(foreach(() => [[], []], nd.zeros([2, 1]), [])).toEqual([[], []]);
    const [empty, still] = foreach((x, s) => [x.mul(2), s.add(x)], nd.zeros([0, 2]), nd.ones(2));
    expect([empty.shape, still.toFlat()]).toEqual([
      [0, 2],
      [1, 1],
    ]);
  });

  test("is differentiable twice", () => {
    const w = nd.array(
      [
        [0.3, -0.2],
        [0.5, 0.1],
      ],
      { dtype: "float64" },
    );
    const x = nd.array(
      [
        [0.1, 0.7],
        [-0.4, 0.2],
        [0.3, 0.3],
      ],
      { dtype: "float64" },
    );
    const s0 = nd.array([0.2, -0.1], { dtype: "float64" });
    const program = (data: NDArray, state: NDArray, weight: NDArray) =>
      foreach(
        (d, s) => {
          const next = nd.dot(s, weight).add(d).tanh();
          return [next.mul(s), next];
        },
        data,
        state,
      );
    expect(autograd.checkGradients(program, [x, s0, w], { order: 2 })).toHaveLength(8);
  });

  test("has a recorded second derivative", () => {
    const x = nd.array([[2], [3]]).attachGrad();
    const [slope] = autograd.record(() => {
      const [, product] = foreach((d, s) => [[], s.mul(d).mul(d)], x, nd.ones(1));
      return autograd.grad(product, x, { createGraph: true }); // 2 x0 x1², 2 x0² x1
    });
    expect(slope?.toFlat()).toEqual([36, 24]);
    slope?.backward();
    expect(gradOf(x)).toEqual([[2 * 9 + 4 * 6], [4 * 6 + 2 * 4]]);
  });

  test("does not unroll: graphs are of one size for all lengths, and a known path is replayed", () => {
    const graphs = (length: number) => {
      const x = nd.ones([length, 2]).attachGrad();
      const [, last] = autograd.record(() => growth(x, nd.zeros(2)));
      return autograd.graphOf(last);
    };
    const [short, long] = [graphs(2), graphs(40)];
    const sizes = ({ forward, backward }: { forward: Graph; backward: Graph }) =>
      [forward, backward].map((graph) => [
        opsOf(graph),
        nodesOf(graph).flatMap(({ attrs }) => graphsIn(attrs).map(opsOf)),
      ]);
    expect(sizes(short)).toEqual(sizes(long));
    expect(opsOf(short.forward)).toEqual(["scan"]);
    const step = () => {
      const x = matrix();
      autograd.record(() => growth(x, nd.zeros(2))[1]).backward();
    };
    step();
    const before = autograd.counts();
    step();
    expect({ ...autograd.counts(), replays: before.replays }).toEqual(before);
  });

  test("shows its body in dumps", () => {
    const x = matrix();
    const [, last] = autograd.record(() => growth(x, nd.zeros(2)));
    const text = toText(autograd.graphOf(last).forward).replaceAll(/ +\/\/.*/g, "");
    expect(text).toMatchInlineSnapshot(`
"graph program(%c0: float32[2], %x1: float32[3,2]) -> (y0: %2.0, saved.x1: %x1, saved.2.2: %2.2) {
  %2 = scan(%c0, %x1) {states=1, slices=1, stacked=1, length=3, history=true, body=graph foreach.body(%s0: float32[2], %x0: float32[2]) -> (y0: %4, y1: %4) {
    %2 = mul(%s0, %x0) : float32[2]
    %3 = add(%s0, %2) : float32[2]
    %4 = add(%3, %x0) : float32[2]
  }} : float32[2], float32[3,2], float32[3,2]
}"
`);
  });

  test("draws new random numbers in each iteration, as outside, and moves the state on", () => {
    const draw = () => nd.random.uniform({ shape: 2 });
    nd.random.seed(7);
    const plain = [draw(), draw(), draw(), draw()].map((one) => one.toFlat());
    nd.random.seed(7);
    const [rows] = foreach((x) => [draw().add(x), []], nd.zeros([3, 2]), []);
    expect([...Array.from(rows, (row) => row.toFlat()), draw().toFlat()]).toEqual(plain);
    const x = nd.ones([3, 4]).attachGrad();
    const [y] = autograd.record(() => foreach((d) => [nd.Dropout(d), []], x, []));
    y.backward();
    expect(gradOf(x)).toEqual(y.asNested());
    expect(nd.random.uniform().tracked).toBe(false);
  });

  test("draws beside a captured array that is named as the random state", () => {
    const named = nd.ones(2);
    named.label = "random";
    const use = (first: boolean) =>
      foreach(
        (d) => [first ? d.add(named) : d.add(nd.random.uniform({ shape: 2 }).add(named)), []],
        nd.zeros([1, 2]),
        [],
      )[0].toFlat();
    expect(use(true)).toEqual([1, 1]);
    expect(use(false).every((value) => value >= 1 && value < 2)).toBe(true);
  });

  test("nests", () => {
    const x = nd
      .array([
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ])
      .attachGrad();
    const w = nd.array([2, 1]).attachGrad();
    const total = autograd.record(() => {
      const [, sum] = foreach(
        (rows, s) => {
          const [, inner] = foreach((d, t) => [[], t.add(w.mul(d)).add(s.mul(0))], rows, s);
          return [[], inner];
        },
        x,
        nd.zeros(2),
      );
      return sum;
    });
    expect(total.toFlat()).toEqual([32, 20]);
    total.backward();
    expect(gradOf(w)).toEqual([16, 20]);
  });

  test("cuts what is paused or detached", () => {
    const x = matrix();
    const [y] = autograd.record(() =>
      foreach((d) => [d.add(autograd.pause(() => d.mul(5))).add(d.square().detach()), []], x, []),
    );
    y.backward();
    expect(x.grad?.toFlat()).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test("indexes within the body", () => {
    const [y] = foreach(
      (d) => [[d.at(-1), d.at(nd.array([1, 0])), d.reshape([2, 1])], []],
      matrix(),
      [],
    );
    expect(y.map((one) => one.asNested())).toEqual([
      [[2], [4], [6]],
      [
        [2, 1],
        [4, 3],
        [6, 5],
      ],
      [
        [[1], [2]],
        [[3], [4]],
        [[5], [6]],
      ],
    ]);
  });

  class Identity extends autograd.Function {
    forward(x: NDArray): NDArray {
      return x.mul(1);
    }
    backward(head: NDArray): NDArray {
      return head;
    }
  }

  const refused: readonly [string, (d: NDArray, s: NDArray) => unknown, RegExp][] = [
    [
      "values",
      (d) => d.sum().asScalar(),
      /foreach: the value of an array is not known while the body/,
    ],
    ["truth values", (d) => (d.sum().asBoolean() ? d : d), /not known while the body is traced/],
    ["writes", (d) => d.addAssign(1), /assign: arrays can't be written to in the body of foreach/],
    ["partial writes", (d) => d.setAt([0], 1), /setAt: arrays can't be written to/],
    ["variables", (d) => d.attachGrad(), /foreach: an array within a body can't be a variable/],
    ["backward", (d) => d.backward(), /foreach: backward can't be called within a body/],
    ["custom functions", (d) => new Identity().call(d), /backward of their own can't be part/],
    ["writes from outside", (d) => nd.zeros(2).assign(d), /not known while the body is traced/],
  ];
  test.each(refused)("refuses %s in its body", (_, use, message) => {
    const run = () =>
      autograd.record(() =>
        foreach(
          (d, s) => {
            use(d, s);
            return [d, s];
          },
          matrix(),
          nd.zeros(2),
        ),
      );
    expect(run).toThrow(message);
    expect(growth(matrix(), nd.zeros(2))[1].toFlat()).toEqual([47, 104]);
  });

  test("expands composites in its body, and refuses running statistics", () => {
    const x = nd.array([[1, 2, 4]]).attachGrad();
    const [y] = autograd.record(() => foreach((d) => [nd.softmax(d).square(), []], x, []));
    y.backward();
    const plain = nd.array([[1, 2, 4]]).attachGrad();
    autograd.record(() => nd.softmax(plain).square()).backward();
    expect(x.grad?.toFlat()).toEqual(plain.grad?.toFlat());
    const [ones, zeros] = [nd.ones(2), nd.zeros(2)];
    const normalize = (useGlobalStats: boolean) =>
      autograd.record(() =>
        foreach(
          (d) => [nd.BatchNorm(d, ones, zeros, zeros, ones, { useGlobalStats }), []],
          nd.ones([3, 1, 2]),
          [],
        ),
      );
    expect(normalize(true)[0].shape).toEqual([3, 1, 2]);
    expect(() => normalize(false)).toThrow(
      "foreach: running statistics can't be updated from within a body",
    );
  });

  test("refuses arrays of a body that has ended", () => {
    const kept: NDArray[] = [];
    foreach((d) => [kept.push(d) > 0 ? d : d, []], matrix(), []);
    expect(() => kept[0]?.add(1)).toThrow("foreach: array belongs to a body that has ended");
    expect(() => nd.ones(2).add(kept[0] ?? 1)).toThrow(ArgumentError);
  });

  test("refuses short data, other states, and no arrays", () => {
    const x = nd.zeros([3, 2]);
    const pair = () => foreach(([d]) => [d, []], [x, nd.zeros([2, 2])], []);
    expect(pair).toThrow(BoundsError);
    expect(() => foreach((d, s) => [d, s.add(d)], x, nd.zeros(1))).toThrow(
      "foreach: states: array 1 is of another type than before: float32[2] (allowed: float32[1])",
    );
    const other: readonly [NDArray, readonly []] = JSON.parse("7");
    expect(() => foreach(() => other, x, [])).toThrow("body does not return two parts");
    expect(() => foreach((d) => [d, []], nd.zeros(1).reshape([1]).sum().reshape([]), [])).toThrow(
      "data has no axis to run along",
    );
  });
});
