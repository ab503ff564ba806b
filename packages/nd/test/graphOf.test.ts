import { ArgumentError, GradientError, nodesOf, toText } from "@adjoint/graph";
import { autograd, type NDArray, nd } from "../src/index.js";

describe("graphOf", () => {
  test("gives program and gradient of the first example", () => {
    const x = nd.arange(4).reshape([4, 1]).attachGrad();
    const y = autograd.record(() => nd.dot(x.T, x).mul(2));
    const { forward, backward } = autograd.graphOf(y);
    expect(nodesOf(forward).map(({ op }) => op)).toEqual(["transpose", "dot", "full", "mul"]);
    expect(backward.inputs.map(({ role }) => role)).toContain("head");
    expect(backward.outputs).toHaveLength(1);
    expect(toText(forward)).toContain("graphOf.test.ts:");
  });

  test("neither runs nor releases anything", () => {
    const x = nd.array([3]).attachGrad();
    const y = autograd.record(() => x.mul(x));
    autograd.graphOf(y);
    y.backward();
    expect(x.grad?.toFlat()).toEqual([6]);
  });

  test("several results share one graph", () => {
    const x = nd.array([3]).attachGrad();
    const heads = autograd.record(() => [x.mul(x), x.exp()]);
    expect(autograd.graphOf(heads).forward.outputs.length).toBeGreaterThanOrEqual(2);
  });

  test("leaves out what the result does not need", () => {
    const x = nd.array([3]).attachGrad();
    const y = autograd.record(() => {
      x.exp();
      return x.sin();
    });
    expect(nodesOf(autograd.graphOf(y).forward).map(({ op }) => op)).toEqual(["sin"]);
  });

  test("values of an earlier scope are inputs, by which the gradient is taken too", () => {
    const x = nd.array([1, 2]).attachGrad();
    const y = autograd.record(() => x.square());
    const z = autograd.record(() => y.mul(x).sum());
    const { forward, backward } = autograd.graphOf(z);
    expect(forward.inputs).toHaveLength(2);
    expect(nodesOf(forward).map(({ op }) => op)).toEqual(["mul", "sum", "reshape"]);
    expect(backward.outputs).toHaveLength(2);
    z.backward();
    expect(x.grad?.toFlat()).toEqual([3, 12]);
  });

  test("refuses a result of variables that ask for no gradient, as `backward` does", () => {
    const x = nd.array([1, 2]).attachGrad("null");
    const y = autograd.record(() => x.square());
    expect(() => autograd.graphOf(y)).toThrow(GradientError);
    expect(() => y.backward()).toThrow(GradientError);
    expect(x.grad?.toFlat()).toEqual([0, 0]);
  });

  test("refuses arrays that were not recorded", () => {
    expect(() => autograd.graphOf(nd.ones(1))).toThrow(GradientError);
    expect(() => autograd.graphOf([])).toThrow(ArgumentError);
  });
});

describe("nameScope", () => {
  const scopesOf = (y: NDArray) =>
    nodesOf(autograd.graphOf(y).forward).map(({ op, scope }) => [op, scope]);

  test("names the block of each node, nested names joined", () => {
    const x = nd.array([1.5]).attachGrad();
    const y = autograd.record(() =>
      nd.nameScope("mlp", () => {
        const hidden = nd.nameScope("dense1", () => x.tanh());
        return nd.nameScope("dense2", () => hidden.sigmoid()).exp();
      }),
    );
    expect(scopesOf(y)).toEqual([
      ["tanh", "mlp/dense1"],
      ["sigmoid", "mlp/dense2"],
      ["exp", "mlp"],
    ]);
    expect(toText(autograd.graphOf(y).forward)).toContain("mlp/dense1");
  });

  test("ends with its body, even when that throws", () => {
    const fail = () => {
      throw new Error("body");
    };
    expect(() => nd.nameScope("outer", fail)).toThrow("body");
    const x = nd.array([2.5]).attachGrad();
    const y = autograd.record(() => x.arctan());
    expect(scopesOf(y)).toEqual([["arctan", undefined]]);
  });

  test("gives what its body gives", () => {
    expect(nd.nameScope("a", () => 5)).toBe(5);
  });

  test("refuses an empty name and one with a slash", () => {
    expect(() => nd.nameScope("", () => 1)).toThrow(ArgumentError);
    expect(() => nd.nameScope("a/b", () => 1)).toThrow(ArgumentError);
  });
});

describe("checkGradients", () => {
  test("passes for a right gradient, up to second order", () => {
    const found = autograd.checkGradients((x) => nd.tanh(x).sum(), [nd.array([0.1, -2])], {
      order: 2,
    });
    expect(found.length).toBeGreaterThan(1);
  });

  test("finds a custom function with a wrong gradient", () => {
    class Wrong extends autograd.Function {
      forward(x: NDArray): NDArray {
        return x.mul(x);
      }
      backward(head: NDArray): NDArray {
        return head;
      }
    }
    expect(() => autograd.checkGradients((x) => new Wrong().call(x), [nd.array([3])])).toThrow();
  });
});
