import { ArgumentError, DTypeError, nodesOf, ShapeError } from "@adjoint/graph";
import { autograd, NDArray, nd } from "../src/index.js";

const { checkpoint, hessian, hvp, jacobian, jvp, vjp, vmap } = autograd;

const d = (source: number | number[] | number[][]) => nd.array(source, { dtype: "float64" });
const x = d([
  [1, 2],
  [3, 4],
  [5, 6],
]);
const w = d([1, 10]);

function numbers(array: NDArray | null | undefined): number[] {
  return [...(array?.toFlat() ?? [])];
}

/** Something of everything: products, a branch, a loop, an array from outside. */
function program(row: NDArray, weight: NDArray): NDArray {
  const y = nd.tanh(row.mul(weight).div(20)).add(w.mul(0.1));
  const halved = nd.contrib.cond(
    y.sum().greater(1.5),
    () => y.square(),
    () => y.sin(),
  );
  const [, last] = nd.contrib.whileLoop(
    (s) => s.sum().lesser(3),
    (s) => [null, s.mul(1.5)],
    halved,
    { maxIterations: 9 },
  );
  return last;
}

describe("vmap", () => {
  test("equals a loop over the examples, whose branches and lengths of loops differ", () => {
    const loop = [0, 1, 2].map((at) => numbers(program(x.at(at), w)));
    const mapped = vmap(program, { inAxes: [0, null] })(x, w);
    expect(mapped.shape).toEqual([3, 2]);
    expect(numbers(mapped)).toEqual(loop.flat().map((one) => expect.closeTo(one, 12)));
  });

  test("takes examples along any axis and puts them along any", () => {
    const scale = vmap((a: NDArray, b: NDArray) => a.mul(b), { inAxes: [1, null], outAxis: -1 });
    const result = scale(x, d([1, 2, 3]));
    expect(result.shape).toEqual([3, 2]);
    expect(numbers(result)).toEqual([1, 2, 6, 8, 15, 18]);
  });

  test("keeps lists of arrays, in arguments and results", () => {
    const layer = vmap(([a, b]: [NDArray, NDArray], row: NDArray) => [row.mul(a), [row.add(b)]], {
      inAxes: [null, 0],
    });
    const [product, rest] = layer([w, w], x);
    expect(numbers(product instanceof NDArray ? product : null)).toEqual([1, 20, 3, 40, 5, 60]);
    expect(rest).toHaveLength(1);
  });

  test("an example of a list of numbers has no axes", () => {
    const shapes: (readonly number[])[] = [];
    const square = vmap((one: NDArray) => {
      shapes.push(one.shape);
      return one.mul(one);
    });
    expect(numbers(square(d([1, 2, 3])))).toEqual([1, 4, 9]);
    expect(shapes).toEqual([[]]);
  });

  test("with vjp inside gives the gradient of each example by shared weights", () => {
    const loss = (row: NDArray, weight: NDArray) => nd.dot(row, weight).square();
    const each = vmap(
      (row: NDArray, weight: NDArray) => vjp((one: NDArray) => loss(row, one))([weight])[1][0],
      { inAxes: [0, null] },
    )(x, w);
    const loop = [0, 1, 2].flatMap((at) => {
      const weight = w.mul(1).attachGrad();
      autograd.record(() => loss(x.at(at), weight)).backward();
      return numbers(weight.grad);
    });
    expect(numbers(each)).toEqual(loop);
  });

  test("draws random numbers once for all examples, and moves the state on", () => {
    nd.random.seed(3);
    const noisy = vmap((one: NDArray) => one.add(nd.random.uniform({ shape: [2] })));
    const [first, second] = [noisy(nd.zeros([2, 2])), noisy(nd.zeros([2, 2]))].map(numbers);
    expect(first?.slice(0, 2)).toEqual(first?.slice(2));
    expect(second).not.toEqual(first);
  });

  test("a known call takes the known path", () => {
    const mapped = vmap((row: NDArray) => nd.dot(row, w).tanh());
    const once = () => numbers(mapped(x));
    // The second call begins where the first one's read has left off.
    for (let time = 0; time < 2; time++) once();
    const { plans, traces } = autograd.counts();
    for (let time = 0; time < 5; time++) once();
    expect(autograd.counts()).toMatchObject({ plans, traces });
  });
});

describe("the other transforms", () => {
  const cube = (a: NDArray) => a.mul(a).mul(a);
  const f = (a: NDArray, b: NDArray) => nd.dot(a, b).tanh();
  const [a, b] = [
    d([
      [1, 0.2],
      [0.3, 0.4],
    ]),
    d([[0.1], [0.2]]),
  ];

  test("jvp and vjp are adjoint, and give the results too", () => {
    const [y, tangent] = jvp(f)([a, b], [b.mul(a), b]);
    const [same, [byA, byB]] = vjp(f)([a, b]);
    expect(numbers(y)).toEqual(numbers(same));
    const right = byA.mul(b.mul(a)).sum().add(byB.mul(b).sum());
    expect(tangent.sum().asScalar()).toBeCloseTo(right.asScalar(), 12);
  });

  test("a tangent of null is 0, and so are the tangent and the gradient of integers", () => {
    const pick = (values: NDArray, at: NDArray) => nd.take(values, at).mul(2);
    const at = nd.array([2, 2], { dtype: "int32" });
    const [, tangent] = jvp(pick)([d([1, 2, 3]), at], [d([1, 10, 100]), null]);
    expect(numbers(tangent)).toEqual([200, 200]);
    const [, [byValues, byAt]] = vjp(pick)([d([1, 2, 3]), at]);
    expect([numbers(byValues), numbers(byAt), byAt.dtype]).toEqual([[0, 0, 4], [0, 0], "int32"]);
  });

  test("head gradients of one value that is given twice add up", () => {
    const [, [gradient]] = vjp((one: NDArray) => [one, one])([w], [w, w.mul(2)]);
    expect(numbers(gradient)).toEqual([3, 30]);
  });

  test("jacobians of both modes are those of the rows; a jacobian has a jacobian", () => {
    const [forward, reverse] = (["forward", "reverse"] as const).map((mode) =>
      jacobian(f, { wrt: 1, mode })(a, b),
    );
    expect(forward?.shape).toEqual([2, 1, 2, 1]);
    expect(numbers(forward)).toEqual(numbers(reverse).map((one) => expect.closeTo(one, 12)));
    expect(numbers(jacobian(jacobian(cube))(d([1, 2])))).toEqual([6, 0, 0, 0, 0, 0, 0, 12]);
  });

  test("the hessian is the jacobian of the gradient, and hvp its product", () => {
    const g = (one: NDArray) => nd.dot(one.square(), one.sin());
    const at = d([0.3, -1.2, 0.7]);
    const matrix = hessian(g)(at);
    const ofGradient = jacobian((one: NDArray) => vjp(g)([one])[1][0])(at);
    expect(numbers(matrix)).toEqual(numbers(ofGradient).map((one) => expect.closeTo(one, 12)));
    const vector = d([1, 2, 3]);
    const [gradient, product] = hvp(g)([at], vector);
    expect(numbers(gradient)).toEqual(numbers(vjp(g)([at])[1][0]));
    const want = numbers(nd.dot(matrix, vector));
    expect(numbers(product)).toEqual(want.map((one) => expect.closeTo(one, 12)));
  });

  test("results are differentiated through, by arguments and by arrays from outside", () => {
    const outside = d([1, 2]).attachGrad();
    const inside = d([3, 5]).attachGrad();
    autograd
      .record(() => vjp((one: NDArray) => one.mul(outside).square())([inside])[1][0].sum())
      .backward();
    // The gradient is 2 x c², by x 2 c² and by c 4 x c.
    expect([numbers(inside.grad), numbers(outside.grad)]).toEqual([
      [2, 8],
      [12, 40],
    ]);
  });

  test("checkpoint keeps values, gradients and random numbers, and saves the argument alone", () => {
    const deep = (one: NDArray) => nd.Dropout(one.sin().exp().tanh(), { p: 0.5 }).mul(one);
    const run = (fn: (one: NDArray) => NDArray) => {
      nd.random.seed(5);
      const one = d([0.1, 0.2, 0.3, 0.4]).attachGrad();
      const y = autograd.record(() => fn(one).sum());
      const saved = autograd.graphOf(y).backward.inputs.filter(({ role }) => role === "saved");
      y.backward();
      return { y: numbers(y), gradient: numbers(one.grad), saved: saved.length };
    };
    const [plain, cut] = [run(deep), run(checkpoint(deep))];
    expect([cut.y, cut.gradient]).toEqual([plain.y, plain.gradient]);
    expect(cut.saved).toBeLessThan(plain.saved);
    const parts = run(checkpoint(deep, { segments: 2 }));
    expect(parts.gradient).toEqual(plain.gradient);
  });

  test("a checkpoint is one node", () => {
    const one = d([1]).attachGrad();
    const y = autograd.record(() => checkpoint(cube)(one).sum());
    expect(nodesOf(autograd.graphOf(y).forward).map(({ op }) => op)).toContain("call");
  });
});

const sumOf = (one: NDArray) => one.sum();

const refused: readonly (readonly [string, () => unknown, typeof ArgumentError, RegExp])[] = [
  ["no function", () => Reflect.apply(vmap, undefined, [3]), ArgumentError, /fn is not a function/],
  ["different sizes", () => vmap(program)(x, w), ShapeError, /numbers of examples differ: 3, 2/],
  ["no examples", () => vmap(program, { inAxes: null })(x, w), ShapeError, /no argument has/],
  ["an empty axis", () => vmap((one: NDArray) => one)(nd.zeros([0, 2])), ShapeError, /no examples/],
  [
    "a list for a vector",
    () => Reflect.apply(hvp(sumOf), undefined, [[w], [w]]),
    ArgumentError,
    /hvp: vector is not/,
  ],
  [
    "another vector",
    () => hvp(sumOf)([w], nd.ones([2])),
    ShapeError,
    /hvp: vector is not.*float32/,
  ],
  [
    "no list for hvp",
    () => Reflect.apply(hvp(sumOf), undefined, [w, w]),
    ArgumentError,
    /hvp: arguments are not a list/,
  ],
  ["other axes", () => vmap(program, { inAxes: [0] })(x, w), ArgumentError, /1 axes.*list of 2/],
  ["a read", () => vmap((one: NDArray) => one.mul(one.asScalar()))(w), ArgumentError, /not known/],
  [
    "another result",
    () => Reflect.apply(vmap, undefined, [() => 3])(w),
    ArgumentError,
    /result holds something else/,
  ],
  [
    "tangents of another type",
    () => jvp((one: NDArray) => one)([w], [nd.ones([2])]),
    ShapeError,
    /tangents.*float32/,
  ],
  [
    "other tangents",
    () =>
      Reflect.apply(
        jvp((one: NDArray) => one),
        undefined,
        [[w], []],
      ),
    ArgumentError,
    /another number of tangents/,
  ],
  [
    "no list of arguments",
    () =>
      Reflect.apply(
        vjp((one: NDArray) => one),
        undefined,
        [w],
      ),
    ArgumentError,
    /arguments are not a list/,
  ],
  ["several elements", () => hessian((one: NDArray) => one)(w), ShapeError, /not one element/],
  [
    "integers",
    () => jacobian((one: NDArray) => one)(nd.array([1], { dtype: "int32" })),
    DTypeError,
    /only floating dtypes/,
  ],
  ["no such argument", () => jacobian(program, { wrt: 2 })(x, w), ArgumentError, /argument 3/],
  [
    "several results",
    () => Reflect.apply(jacobian, undefined, [(one: NDArray) => [one, one]])(w),
    ArgumentError,
    /several arrays/,
  ],
];

test.each(refused)("%s is refused", (_, act, error, message) => {
  expect(act).toThrow(error);
  expect(act).toThrow(message);
});
