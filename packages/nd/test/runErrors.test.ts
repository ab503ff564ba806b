import { AdjointError } from "@adjoint/graph";
import { autograd, type NDArray, nd } from "../src/index.js";

const ints = (...values: number[]) => nd.array(values, { dtype: "int32" });

/** Division by zero: refused when it runs, as the numbers are not known before. */
const broken = () => ints(1, 2).div(ints(1, 0));

/** Reads what cannot be computed. */
function expectFailure(array: NDArray): void {
  expect(() => array.toFlat()).toThrow(AdjointError);
}

describe("an error while pending operations run", () => {
  test("stays with its own result and what depends on it", () => {
    const before = nd.ones(2).mul(3);
    const bad = broken();
    const dependent = bad.add(1);
    const after = nd.ones(2).mul(4);
    expect(after.toFlat()).toEqual([4, 4]);
    expectFailure(bad);
    expectFailure(dependent);
    expect(before.toFlat()).toEqual([3, 3]);
    expect(after.add(before).toFlat()).toEqual([7, 7]);
  });

  test("comes again at each read, and at reads of what is computed from it later", () => {
    const bad = broken();
    for (let time = 0; time < 2; time++) expectFailure(bad);
    const later = () => bad.mul(2).toFlat();
    expect(later).toThrow(AdjointError);
    expect(nd.ones(1).add(1).toFlat()).toEqual([2]);
  });

  test("leaves the session as it was: modes, random numbers, later programs", () => {
    nd.random.seed(5);
    const expected = nd.random.uniform({ shape: 2 }).toFlat();
    nd.random.seed(5);
    const bad = broken();
    const drawn = nd.random.uniform({ shape: 2 });
    expectFailure(bad);
    expect(drawn.toFlat()).toEqual(expected);
    expect([autograd.isRecording(), autograd.isTraining()]).toEqual([false, false]);
    expectFailure(broken());
    expect(ints(6, 8).div(ints(2, 4)).toFlat()).toEqual([3, 2]);
  });

  test("in a recorded scope other results can still be read and differentiated", () => {
    const x = nd.array([1, 2]).attachGrad();
    const [y, bad, z] = autograd.record(() => {
      const square = x.mul(x);
      return [square, broken(), square.mul(2)] as const;
    });
    expectFailure(bad);
    expect(y.toFlat()).toEqual([1, 4]);
    z.backward();
    expect(x.grad?.toFlat()).toEqual([4, 8]);
  });

  test("thrown within a recorded scope, it ends the scope and leaves gradients alone", () => {
    const x = nd.array([1, 2]).attachGrad();
    autograd.record(() => x.mul(3)).backward();
    const run = () =>
      autograd.record(() => {
        const y = x.mul(x);
        return y.add(broken().toFlat()[0] ?? 0);
      });
    expect(run).toThrow(AdjointError);
    expect([autograd.isRecording(), autograd.isTraining()]).toEqual([false, false]);
    expect(x.grad?.toFlat()).toEqual([3, 3]);
    autograd.record(() => x.mul(5)).backward();
    expect(x.grad?.toFlat()).toEqual([5, 5]);
  });

  test("a path that failed runs again with other numbers", () => {
    const quotient = (divisor: NDArray) => ints(6, 8).div(divisor).add(1);
    expectFailure(quotient(ints(0, 1)));
    expect(quotient(ints(2, 4)).toFlat()).toEqual([4, 3]);
    expectFailure(quotient(ints(1, 0)));
    expect(quotient(ints(1, 1)).toFlat()).toEqual([7, 9]);
  });
});
