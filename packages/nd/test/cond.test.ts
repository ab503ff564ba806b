import { type Graph, nodesOf, ShapeError } from "@adjoint/graph";
import { autograd, type NDArray, nd } from "../src/index.js";

const { cond, foreach } = nd.contrib;

function gradOf(x: NDArray): unknown {
  if (x.grad === null) throw new Error("no gradient attached");
  return x.grad.asNested();
}

const opsOf = (graph: Graph): string[] => nodesOf(graph).map(({ op }) => op);

describe("cond", () => {
  const choose = (p: NDArray, a: NDArray, b: NDArray) =>
    cond(
      p.greater(0),
      () => a.mul(a),
      () => b.exp(),
    );

  test.each([
    [1, [4, 9], [4, 6], [0, 0]],
    [-1, [1, 1], [0, 0], [1, 1]],
  ])("where the predicate is %s runs one branch, and gives it the gradient", (p, y, da, db) => {
    const a = nd.array([2, 3]).attachGrad();
    const b = nd.zeros(2).attachGrad();
    const result = autograd.record(() => choose(nd.array([p]), a, b));
    expect(result.toFlat()).toEqual(y);
    expect(opsOf(autograd.graphOf(result).forward)).toContain("cond");
    result.backward();
    expect([gradOf(a), gradOf(b)]).toEqual([da, db]);
  });

  test("is differentiable twice, also in a loop, on a predicate that is traced", () => {
    const x = nd.array([0.4, -0.7, 0.9], { dtype: "float64" });
    const program = (value: NDArray) =>
      foreach(
        (d, s) => {
          const [next] = cond(
            d.greater(0),
            () => [s.mul(d).sin()],
            () => [s.add(d.square())],
          );
          return [next, next];
        },
        value.reshape([3, 1]),
        value.sliceAxis({ axis: 0, begin: 0, end: 1 }),
      );
    expect(autograd.checkGradients(program, [x], { order: 2 })).toHaveLength(8);
  });

  test("with a boolean calls one function only, and leaves no node", () => {
    const x = nd.array([3]).attachGrad();
    const y = autograd.record(() =>
      cond(
        true,
        () => x.mul(2),
        () => {
          throw new Error("called");
        },
      ),
    );
    expect(opsOf(autograd.graphOf(y).forward)).not.toContain("cond");
  });

  test("moves the random state on by the branch that runs", () => {
    const draw = () => nd.random.uniform();
    const branch = (p: number) => {
      nd.random.seed(5);
      const y = cond(nd.array([p]), draw, () => nd.zeros(1));
      return [y.asScalar(), draw().asScalar()];
    };
    nd.random.seed(5);
    const plain = [draw(), draw()].map((one) => one.asScalar());
    expect([branch(1), branch(0)]).toEqual([plain, [0, plain[0]]]);
  });

  test("refuses branches of different types, and predicates that are no truth value", () => {
    const p = nd.ones(1);
    const pick = (a: NDArray, b: NDArray) => () =>
      cond(
        p,
        () => a,
        () => b,
      );
    expect(pick(nd.ones(2), nd.ones(3))).toThrow(ShapeError);
    const wide = () =>
      cond(
        nd.ones(2),
        () => p,
        () => p,
      );
    expect(wide).toThrow("cond: predicate is not one element: (2,)");
  });
});
