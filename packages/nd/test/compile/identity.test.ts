import { autograd, compile, type NDArray, nd } from "../../src/index.js";
import { contentsOf, expectSameAsPlain, gradOf } from "./support.js";

/** A product's gradients, of two arguments or of an argument and an array from outside. */
function backOf(a: NDArray, b: NDArray): NDArray {
  const product = autograd.record(() => a.mul(b).sum());
  product.backward();
  return product;
}

const variable = (...values: number[]) => nd.array(values).attachGrad();

describe("one array at several places", () => {
  test("a variable given twice gets the sum of both gradients", () => {
    const v = variable(3, 5);
    const w = variable(2, 7);
    const fn = compile(backOf);
    for (const [a, b] of [
      [v, w],
      [v, v],
      [v, w],
      [w, w],
    ] as const) {
      fn(a, b);
      const expected = a === b ? a.mul(2) : b;
      expect(gradOf(a).toFlat()).toEqual(expected.toFlat());
    }
    expect(fn.counts()).toMatchObject({ calls: 4, traces: 2 });
  });

  test("a variable given that is found outside as well gets the sum, too", () => {
    const w = variable(2, 7);
    const other = variable(3, 5);
    const fn = compile((x: NDArray) => backOf(x, w));
    for (const x of [other, w, other, w]) {
      fn(x);
      expect(gradOf(w).toFlat()).toEqual((x === w ? w.mul(2) : x).toFlat());
    }
    expect(fn.counts()).toMatchObject({ calls: 4, traces: 2 });
  });

  test("it adds up where the variable asks to add", () => {
    expectSameAsPlain(() => {
      const w = nd.array([2, 7]).attachGrad("add");
      return { fn: () => backOf(w, w), state: [w] };
    }, [(): [] => [], (): [] => [], (): [] => []]);
    const w = nd.array([2]).attachGrad("add");
    const fn = compile(backOf);
    for (const total of [4, 8, 12]) {
      fn(w, w);
      expect(gradOf(w).toFlat()).toEqual([total]);
    }
  });

  test("the gradient of an argument that is returned is the argument's own", () => {
    const fn = compile((x: NDArray) => {
      backOf(x, x);
      return { x, gradient: x.grad };
    });
    for (const w of [variable(1), variable(2)]) {
      const { x, gradient } = fn(w);
      expect(x).toBe(w);
      expect(gradient).toBe(w.grad);
      expect(gradOf(w).toFlat()).toEqual(w.mul(2).toFlat());
    }
  });

  test("an array that is returned twice is one object, with its gradient", () => {
    const fn = compile((x: NDArray) => {
      const y = x.mul(2).attachGrad();
      const row = x.at(0);
      return { y, list: [y, row], inner: { y }, gradient: y.grad, row };
    });
    for (const _ of [1, 2]) {
      const { y, list, inner, gradient, row } = fn(nd.array([[1, 2]]));
      expect(list[0]).toBe(y);
      expect(list[1]).toBe(row);
      expect(inner.y).toBe(y);
      expect(gradient).toBe(y.grad);
      y.assign(9);
      expect(contentsOf(list[0])).toEqual(contentsOf(y));
      expect(row.toFlat()).toEqual([1, 2]);
    }
  });
});
