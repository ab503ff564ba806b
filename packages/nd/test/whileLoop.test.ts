import { ArgumentError, nodesOf } from "@adjoint/graph";
import { autograd, NDArray, nd } from "../src/index.js";

const { whileLoop } = nd.contrib;

describe("whileLoop", () => {
  const doubled = (x: NDArray, limit: number, maxIterations: number) =>
    whileLoop(
      (s, i) => s.sum().lesser(limit).mul(i.greaterEqual(0)),
      (s, i) => [s.mul(x), [s.mul(x), i.add(1)]],
      [x, nd.zeros(1, { dtype: x.dtype })],
      { maxIterations },
    );

  test("runs while the condition holds, with rows of zeros to the end", () => {
    const [y, [last, count]] = doubled(nd.array([2]), 10, 5);
    expect(y).toBeInstanceOf(NDArray);
    expect(y instanceof NDArray && y.toFlat()).toEqual([4, 8, 16, 0, 0]);
    expect([last.toFlat(), count.toFlat()]).toEqual([[16], [3]]);
  });

  test("stops at the most iterations there may be, and gives [] if there were none", () => {
    const [y, [last]] = doubled(nd.array([2]), 1000, 3);
    expect([y instanceof NDArray && y.shape, last.toFlat()]).toEqual([[3, 1], [16]]);
    const [none, [first]] = doubled(nd.array([2]), 1, 3);
    expect([none, first.toFlat()]).toEqual([[], [2]]);
  });

  test("has the gradient of the unrolled program", () => {
    const x = nd.array([2]).attachGrad();
    const last = autograd.record(() => doubled(x, 10, 5)[1][0]);
    last.backward();
    expect(x.grad?.asNested()).toEqual([4 * 2 ** 3]);
    const nodes = nodesOf(autograd.graphOf(last).forward);
    expect(nodes.filter(({ op }) => op === "whileLoop")).toHaveLength(1);
  });

  test("takes one array, and outputs that are null or an empty list", () => {
    const halve = (s: NDArray) => s.div(2);
    const big = (s: NDArray) => s.greater(1);
    const options = { maxIterations: 9 };
    expect(whileLoop(big, (s) => [null, halve(s)], nd.array([8]), options)[1].toFlat()).toEqual([
      1,
    ]);
    const [outputs, last] = whileLoop(big, (s) => [[], halve(s)], nd.array([6]), options);
    expect([outputs, last.toFlat()]).toEqual([[], [0.75]]);
  });

  test("is differentiable twice", () => {
    const x = nd.array([1.3], { dtype: "float64" });
    const program = (value: NDArray) => {
      const [y, [last]] = doubled(value, 3, 6);
      return y instanceof NDArray ? [y, last] : [last];
    };
    expect(autograd.checkGradients(program, [x], { order: 2 })).toHaveLength(8);
  });

  test("draws random numbers in its body, and refuses them in the condition", () => {
    const draw = () => nd.random.uniform();
    nd.random.seed(3);
    const plain = [draw(), draw(), draw()].map((one) => one.asScalar());
    nd.random.seed(3);
    const options = { maxIterations: 2 };
    const [y] = whileLoop(
      (s) => s.lesser(9),
      (s) => [draw(), s.add(0)],
      nd.zeros(1),
      options,
    );
    expect([...(y instanceof NDArray ? y.toFlat() : []), draw().asScalar()]).toEqual(plain);
    const asked = () =>
      whileLoop(
        () => draw(),
        (s) => [null, s],
        nd.zeros(1),
        options,
      );
    expect(asked).toThrow("whileLoop: random numbers can't be drawn in the condition");
  });

  test("refuses to run without maxIterations, without variables, and on wide conditions", () => {
    const options: { maxIterations: number } = JSON.parse("{}");
    const loop = (given: typeof options) =>
      whileLoop(
        (s) => s.lesser(1),
        (s) => [null, s],
        nd.zeros(2),
        given,
      );
    expect(() => loop(options)).toThrow("whileLoop: maxIterations should be specified");
    expect(() => loop({ maxIterations: 2 })).toThrow(
      "whileLoop: condition is not one element: (2,)",
    );
    const empty: NDArray[] = [];
    const none = () =>
      whileLoop(
        () => nd.ones(1),
        () => [null, empty],
        empty,
        { maxIterations: 1 },
      );
    expect(none).toThrow(ArgumentError);
  });
});
