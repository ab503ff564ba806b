import {
  ArgumentError,
  AttributeError,
  DTypeError,
  GradientError,
  ReleasedGraphError,
  ShapeError,
} from "@adjoint/graph";
import { autograd, type NDArray, nd } from "../src/index.js";

function gradOf(x: NDArray): number[] {
  if (x.grad === null) throw new Error("no gradient attached");
  return x.grad.toFlat();
}

const variable = (...values: number[]) => nd.array(values).attachGrad();
const record = autograd.record<NDArray>;

describe("gradient requests", () => {
  test("`write` overwrites: of two losses the last counts", () => {
    const x = variable(1, 2);
    const [first, second] = autograd.record(() => [x.mul(2), x.mul(3)] as const);
    first.backward();
    second.backward();
    expect(gradOf(x)).toEqual([3, 3]);
  });

  test("`add` adds up over calls", () => {
    const x = nd.array([1, 2]).attachGrad("add");
    const [first, second] = autograd.record(() => [x.mul(2), x.mul(3)] as const);
    first.backward();
    second.backward();
    expect(gradOf(x)).toEqual([5, 5]);
  });

  test("`null` leaves the gradient at zero, and is no variable", () => {
    const x = nd.array([1, 2]).attachGrad("null");
    const w = variable(3, 4);
    record(() => x.mul(w)).backward();
    expect(gradOf(x)).toEqual([0, 0]);
    expect(gradOf(w)).toEqual([1, 2]);
    expect(() => record(() => x.mul(2)).backward()).toThrow(GradientError);
  });

  test("the gradient is one buffer: who holds it sees what backward writes", () => {
    const x = variable(1, 2);
    const held = x.grad;
    record(() => x.mul(5)).backward();
    expect(held?.toFlat()).toEqual([5, 5]);
    expect(x.grad).toBe(held);
  });

  test("attaching again keeps the old buffer for the old graph", () => {
    const x = variable(1, 2);
    const held = x.grad;
    const y = record(() => x.mul(x));
    x.attachGrad();
    y.backward();
    expect(held?.toFlat()).toEqual([2, 4]);
    expect(gradOf(x)).toEqual([0, 0]);
  });

  test("attaching again inside record: later uses see the new leaf only", () => {
    const x = variable(3);
    const z = record(() => {
      const y = x.mul(2);
      x.attachGrad();
      return y.add(x);
    });
    z.backward();
    expect(gradOf(x)).toEqual([1]);
  });

  test("a variable that is not reached keeps its gradient", () => {
    const [x, other] = [variable(1), variable(2)];
    other.grad?.assign(7);
    record(() => x.mul(2)).backward();
    expect(gradOf(other)).toEqual([7]);
  });

  const flat: readonly (readonly [string, (x: NDArray) => NDArray])[] = [
    ["times 0", (x) => x.mul(0)],
    ["zerosLike", (x) => x.zerosLike()],
    ["floor", (x) => x.floor()],
    ["sign", (x) => x.sign()],
    ["a comparison", (x) => x.greater(1)],
    ["argmax", (x) => x.argmax()],
    ["argsort", (x) => x.argsort()],
    ["stopGradient", (x) => nd.stopGradient(x)],
    ["oneHot", (x) => x.oneHot({ depth: 4 })],
  ];
  test.each(flat)("a variable reached with derivative 0 gets 0: %s", (_, fn) => {
    const x = variable(1, 2);
    x.grad?.assign(7);
    record(() => fn(x)).backward();
    expect(gradOf(x)).toEqual([0, 0]);
  });

  test("an update in place keeps variable and gradient; a new array is none", () => {
    const x = variable(1, 2);
    record(() => x.mul(x)).backward();
    if (x.grad !== null) x.subAssign(x.grad.mul(0.5));
    expect(x.toFlat()).toEqual([0, 0]);
    expect(gradOf(x)).toEqual([2, 4]);
    expect(x.sub(1).grad).toBeNull();
  });
});

describe("heads", () => {
  test("several heads add up", () => {
    const x = variable(1, 2);
    const losses = autograd.record(() => [x.mul(2), x.mul(3)]);
    autograd.backward(losses);
    expect(gradOf(x)).toEqual([5, 5]);
  });

  test("head gradients weigh them; null counts as ones", () => {
    const x = variable(1, 2);
    const heads = autograd.record(() => [x.mul(2), x.mul(3)]);
    autograd.backward(heads, { headGrads: [nd.array([10, 100]), null] });
    expect(gradOf(x)).toEqual([23, 203]);
  });

  test("heads may depend on each other, in any order", () => {
    const x = variable(2);
    for (const swap of [false, true]) {
      const [y, z] = autograd.record(() => {
        const square = x.mul(x);
        return [square, square.mul(3)] as const;
      });
      autograd.backward(swap ? [z, y] : [y, z], { retainGraph: true });
      expect(gradOf(x)).toEqual([16]);
    }
  });

  test("the same head twice counts once, with the last head gradient", () => {
    const x = variable(1);
    const y = record(() => x.mul(2));
    autograd.backward([y, y], { headGrads: [nd.array([10]), nd.array([1])] });
    expect(gradOf(x)).toEqual([2]);
  });

  test("a head given twice still receives from another head", () => {
    const x = variable(1);
    const [y, z] = autograd.record(() => {
      const double = x.mul(2);
      return [double, double.mul(5)] as const;
    });
    autograd.backward([y, y, z], { headGrads: [nd.array([10]), nd.array([1]), null] });
    expect(gradOf(x)).toEqual([12]);
  });

  test("a variable may itself be a head", () => {
    const x = variable(2);
    const y = record(() => x.mul(x));
    autograd.backward([y, x], { headGrads: [nd.array([1]), nd.array([100])] });
    expect(gradOf(x)).toEqual([104]);
  });

  describe("of variables with the request `null` only", () => {
    const silent = () => nd.array([1, 2]).attachGrad("null");

    test("are let through beside others, in any order, also across recorded scopes", () => {
      const [x, b] = [variable(1, 2), silent()];
      const before = autograd.record(() => b.mul(3));
      for (const swap of [false, true]) {
        const [y, z] = autograd.record(() => [x.mul(2), before.mul(2)] as const);
        autograd.backward(swap ? [z, y] : [y, z]);
        expect(gradOf(x)).toEqual([2, 2]);
      }
      const [y, z] = autograd.record(() => [x.mul(2), b.mul(3)] as const);
      expect(autograd.grad([z, y], x)[0]?.toFlat()).toEqual([2, 2]);
      const [slope] = autograd.record(() =>
        autograd.grad([x.mul(x), b.mul(3)], x, { createGraph: true }),
      );
      expect(slope?.toFlat()).toEqual([2, 4]);
      const [u, v] = autograd.record(() => [x.mul(5), b] as const);
      autograd.backward([u, v]);
      expect(gradOf(x)).toEqual([5, 5]);
    });

    test("alone they are refused, and so are constants beside others", () => {
      const [x, b] = [variable(1, 2), silent()];
      const heads = autograd.record(() => [b.mul(3), b.mul(4)]);
      expect(() => autograd.backward(heads)).toThrow("no variable behind the heads asks");
      expect(() => b.backward()).toThrow(GradientError);
      const [y, constant, cut] = autograd.record(
        () => [x.mul(2), nd.ones(2).mul(3), b.mul(2).detach()] as const,
      );
      expect(() => autograd.backward([y, constant])).toThrow("not the result of a recorded");
      expect(() => autograd.backward([y, cut])).toThrow("not the result of a recorded");
      autograd.backward([y, y]);
      expect(gradOf(x)).toEqual([2, 2]);
    });

    test("get a head gradient of their own type, or it is refused", () => {
      const [x, b] = [variable(1, 2), silent()];
      const heads = autograd.record(() => [x.mul(2), b.mul(3)]);
      const headGrads = [null, nd.ones(7)];
      expect(() => autograd.backward(heads, { headGrads })).toThrow("does not fit its array");
      expect(gradOf(x)).toEqual([0, 0]);
    });
  });

  test("a variable alone receives its head gradient, any number of times", () => {
    const x = variable(2);
    x.backward();
    expect(gradOf(x)).toEqual([1]);
    x.backward(nd.array([5]));
    expect(gradOf(x)).toEqual([5]);
  });

  test("heads of different recorded scopes add up", () => {
    const x = variable(2);
    const [y, z] = [record(() => x.mul(x)), record(() => x.mul(7))];
    autograd.backward([z, y]);
    expect(gradOf(x)).toEqual([11]);
  });

  test("a head gradient of another shape, size or dtype is refused", () => {
    const x = variable(1, 2);
    const y = record(() => x.mul(x));
    x.grad?.assign(9);
    expect(() => y.backward(nd.ones(3))).toThrow(ShapeError);
    expect(() => y.backward(nd.ones([1, 2]))).toThrow(ShapeError);
    expect(() => y.backward(nd.ones(2, { dtype: "float64" }))).toThrow(DTypeError);
    expect(gradOf(x)).toEqual([9, 9]);
    y.backward();
    expect(gradOf(x)).toEqual([2, 4]);
  });

  test("no heads, other things than arrays, and lists of other lengths are refused", () => {
    const y = record(() => variable(1).mul(2));
    expect(() => autograd.backward([])).toThrow(ArgumentError);
    expect(() => autograd.backward([y], { headGrads: [] })).toThrow(ArgumentError);
    expect(() => autograd.backward([y, y], { headGrads: nd.ones(1) })).toThrow(ArgumentError);
  });

  test("what was not recorded on variables is refused", () => {
    const x = variable(1);
    const plain = nd.ones(1);
    expect(() => plain.backward()).toThrow(GradientError);
    expect(() => x.mul(2).backward()).toThrow(GradientError);
    expect(() => record(() => plain.mul(2)).backward()).toThrow(GradientError);
    expect(() =>
      record(() => x.mul(2))
        .detach()
        .backward(),
    ).toThrow(GradientError);
  });
});

describe("freeing", () => {
  test("a second backward without retainGraph is refused", () => {
    const x = variable(3);
    const y = record(() => x.mul(x));
    y.backward();
    expect(() => y.backward()).toThrow(ReleasedGraphError);
    expect(gradOf(x)).toEqual([6]);
  });

  test("with retainGraph any number of times; written, not doubled", () => {
    const x = variable(3);
    const y = record(() => x.mul(x));
    for (let time = 0; time < 3; time++) y.backward(null, { retainGraph: true });
    expect(gradOf(x)).toEqual([6]);
  });

  test("with retainGraph and `add` it doubles", () => {
    const x = nd.array([3]).attachGrad("add");
    const y = record(() => x.mul(x));
    y.backward(null, { retainGraph: true });
    y.backward();
    expect(gradOf(x)).toEqual([12]);
  });

  test("backward of one result releases what another result needs of it", () => {
    const x = variable(2);
    const [y, z] = autograd.record(() => {
      const square = x.mul(x);
      return [square, square.mul(3)] as const;
    });
    y.backward();
    expect(() => z.backward()).toThrow(ReleasedGraphError);
  });

  test("results that share only variables are independent", () => {
    const x = variable(2);
    const [y, z] = autograd.record(() => [x.mul(x), x.mul(5)] as const);
    z.backward();
    y.backward();
    expect(gradOf(x)).toEqual([4]);
  });

  test("a result that was released is a constant in a later scope", () => {
    const x = variable(2);
    const y = record(() => x.mul(x));
    y.backward();
    record(() => y.mul(x)).backward();
    expect(gradOf(x)).toEqual([4]);
  });

  test("backward inside record, before the program goes on", () => {
    const x = variable(2);
    autograd.record(() => {
      x.mul(x).backward();
      expect(gradOf(x)).toEqual([4]);
      const gradient = x.grad ?? x;
      gradient.mul(x).backward();
      expect(gradOf(x)).toEqual([4]);
      const y = x.mul(x).mul(x);
      y.backward();
      expect(gradOf(x)).toEqual([12]);
    });
  });

  test("values from before a backward inside record can be used after it", () => {
    const x = variable(2);
    autograd.record(() => {
      const constant = autograd.pause(() => x.mul(10));
      const y = x.mul(x);
      y.backward();
      y.mul(x).add(constant.mul(x)).backward();
      expect(gradOf(x)).toEqual([24]);
    });
  });

  test("a value asked for after backward, and after changes in place, is the recorded one", () => {
    const x = variable(3);
    const [hidden, y] = autograd.record(() => {
      const square = x.mul(x);
      return [square, square.mul(2)] as const;
    });
    y.backward();
    x.assign(100);
    expect(hidden.toFlat()).toEqual([9]);
    expect(y.toFlat()).toEqual([18]);
  });

  test("the gradient belongs to the recorded values, whatever was written since", () => {
    const x = variable(3);
    const y = record(() => x.mul(x));
    x.assign(100);
    y.backward();
    expect(gradOf(x)).toEqual([6]);
  });

  test("a write to a result after record changes its value, not the gradient", () => {
    const x = variable(1);
    const y = record(() => x.exp());
    y.assign(100);
    y.backward();
    expect(y.toFlat()).toEqual([100]);
    expect(gradOf(x)[0]).toBeCloseTo(Math.E, 6);
  });
});

describe("constants", () => {
  test("what was computed under pause is a constant", () => {
    const x = variable(3);
    const z = record(() => {
      const y = autograd.pause(() => x.mul(x));
      return y.mul(x);
    });
    z.backward();
    expect(gradOf(x)).toEqual([9]);
  });

  test("what was computed before record is a constant", () => {
    const x = variable(3);
    const y = x.mul(x);
    record(() => y.mul(x)).backward();
    expect(gradOf(x)).toEqual([9]);
  });

  test("detach and stopGradient cut", () => {
    const x = variable(3);
    record(() => x.mul(x).detach().mul(x)).backward();
    expect(gradOf(x)).toEqual([9]);
    record(() => nd.stopGradient(x.mul(x)).mul(x)).backward();
    expect(gradOf(x)).toEqual([9]);
  });

  test("detach, copies and results have no gradient of their own", () => {
    const x = variable(3);
    expect(x.detach().grad).toBeNull();
    expect(nd.array(x).grad).toBeNull();
    expect(record(() => x.mul(2)).grad).toBeNull();
  });

  test("results of one scope carry gradients through another", () => {
    const x = variable(3);
    const y = record(() => x.mul(x));
    const z = record(() => y.mul(y));
    z.backward();
    expect(gradOf(x)).toEqual([108]);
  });
});

describe("markVariables", () => {
  test("the buffer given is the one that backward writes", () => {
    const [x, buffer] = [nd.array([3]), nd.array([0])];
    autograd.markVariables(x, buffer);
    record(() => x.mul(x)).backward();
    expect(buffer.toFlat()).toEqual([6]);
    expect(x.grad).toBe(buffer);
  });

  test("lists, with a request for each", () => {
    const [x, y] = [nd.array([3]), nd.array([4])];
    const [gx, gy] = [nd.array([1]), nd.array([1])];
    autograd.markVariables([x, y], [gx, gy], ["add", "write"]);
    record(() => x.mul(y)).backward();
    expect([gx.toFlat(), gy.toFlat()]).toEqual([[5], [3]]);
  });

  test("refuses other lengths, types and requests, and has marked nothing", () => {
    const x = nd.array([3]);
    expect(() => autograd.markVariables([x], [])).toThrow(ArgumentError);
    expect(() => autograd.markVariables(x, nd.ones(2))).toThrow(ShapeError);
    expect(() => autograd.markVariables(x, nd.ones(1, { dtype: "float64" }))).toThrow(DTypeError);
    const request = JSON.parse('"foo"');
    expect(() => autograd.markVariables(x, nd.ones(1), request)).toThrow(AttributeError);
    expect(x.grad).toBeNull();
  });
});
