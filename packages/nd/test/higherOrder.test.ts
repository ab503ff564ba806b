import { ArgumentError, GradientError, ReleasedGraphError } from "@adjoint/graph";
import { autograd, type NDArray, nd } from "../src/index.js";

function gradOf(x: NDArray): number[] {
  if (x.grad === null) throw new Error("no gradient attached");
  return x.grad.toFlat();
}

const variable = (...values: number[]) => nd.array(values).attachGrad();

/** The gradient of one array by another, itself recorded. */
function slope(y: NDArray, x: NDArray): NDArray {
  const [gradient] = autograd.grad(y, x, { createGraph: true });
  if (gradient === undefined) throw new Error("no gradient");
  return gradient;
}

describe("grad", () => {
  test("gives a list, and leaves `.grad` as it is", () => {
    const x = nd.array([3]).attachGrad("add");
    x.grad?.assign(7);
    const y = autograd.record(() => x.mul(x));
    const gradients = autograd.grad(y, x);
    expect(gradients.map((one) => one.toFlat())).toEqual([[6]]);
    expect(gradOf(x)).toEqual([7]);
  });

  test("takes lists and head gradients", () => {
    const [x, w] = [variable(3), variable(5)];
    const heads = autograd.record(() => [x.mul(w), x.mul(x)]);
    const gradients = autograd.grad(heads, [w, x], { headGrads: [nd.array([10]), null] });
    expect(gradients.map((one) => one.toFlat())).toEqual([[30], [56]]);
  });

  test("releases the graph unless it is retained", () => {
    const x = variable(3);
    const y = autograd.record(() => x.mul(x));
    autograd.grad(y, x, { retainGraph: true });
    autograd.grad(y, x);
    expect(() => autograd.grad(y, x)).toThrow(ReleasedGraphError);
  });

  test("a gradient that was not recorded is no part of a graph", () => {
    const x = variable(3);
    const y = autograd.record(() => x.mul(x));
    const [gradient] = autograd.grad(y, x, { retainGraph: true });
    expect(() => gradient?.backward()).toThrow(GradientError);
  });

  test("refuses what is no variable, what is not reached, and an empty list", () => {
    const [x, other] = [variable(3), variable(4)];
    const silent = nd.array([1]).attachGrad("null");
    const y = autograd.record(() => x.mul(x).mul(silent));
    expect(() => autograd.grad(y, nd.ones(1))).toThrow(/variable 1 does not require/);
    expect(() => autograd.grad(y, [x, silent])).toThrow(/variable 2 does not require/);
    expect(() => autograd.grad(y, [x, other])).toThrow(/variable 2 is not reached/);
    expect(() => autograd.grad(y, [])).toThrow(ArgumentError);
    y.backward();
    expect(gradOf(x)).toEqual([6]);
  });

  test("by a value inside, once it is attached", () => {
    const x = variable(3);
    let y = x;
    const z = autograd.record(() => {
      y = x.mul(2).attachGrad();
      return y.mul(y);
    });
    expect(autograd.grad(z, y).map((one) => one.toFlat())).toEqual([[12]]);
  });
});

describe("createGraph", () => {
  test("the second derivative, inside record", () => {
    const x = variable(2, -1);
    autograd.record(() => slope(x.pow(3), x)).backward();
    expect(gradOf(x)).toEqual([12, -6]);
  });

  test("the second derivative, called outside record", () => {
    const x = variable(2, -1);
    const y = autograd.record(() => x.mul(x).mul(x));
    const first = slope(y, x);
    expect(first.toFlat()).toEqual([12, 3]);
    first.backward();
    expect(gradOf(x)).toEqual([12, -6]);
  });

  test("the third derivative", () => {
    const x = variable(0.5);
    autograd.record(() => slope(slope(x.sin(), x), x)).backward();
    expect(gradOf(x)[0]).toBeCloseTo(-Math.cos(0.5), 6);
  });

  test("the third derivative of a product of powers", () => {
    const x = variable(2);
    autograd.record(() => slope(slope(x.pow(5), x), x)).backward();
    expect(gradOf(x)).toEqual([240]);
  });

  test("across two recorded scopes", () => {
    const x = variable(2);
    const y = autograd.record(() => x.mul(x));
    const z = autograd.record(() => y.mul(x));
    const first = slope(z, x);
    expect(first.toFlat()).toEqual([12]);
    first.backward();
    expect(gradOf(x)).toEqual([12]);
  });

  test("a penalty on the gradient adds to the loss", () => {
    const x = variable(0.3);
    autograd.record(() => slope(x.sin(), x).square().sum()).backward();
    expect(gradOf(x)[0]).toBeCloseTo(-0.5646425, 6);
    autograd
      .record(() => {
        const y = x.mul(x).mul(x);
        return y.add(slope(y, x));
      })
      .backward();
    expect(gradOf(x)[0]).toBeCloseTo(3 * 0.09 + 6 * 0.3, 5);
  });

  test("the graph stays unless retainGraph is false", () => {
    const x = variable(2);
    const y = autograd.record(() => x.mul(x));
    slope(y, x);
    autograd.grad(y, x, { createGraph: true, retainGraph: false });
    expect(() => y.backward()).toThrow(ReleasedGraphError);
  });

  test("head gradients take part in the derivative", () => {
    const [x, head] = [variable(3), variable(5)];
    const y = autograd.record(() => x.mul(x));
    const [first] = autograd.grad(y, x, { headGrads: head, createGraph: true });
    first?.backward();
    expect([gradOf(x), gradOf(head)]).toEqual([[10], [6]]);
  });

  test("a constant gradient has derivative 0", () => {
    const x = variable(3);
    x.grad?.assign(7);
    autograd.record(() => slope(x.mul(4), x)).backward();
    expect(gradOf(x)).toEqual([0]);
  });

  test("a variable's gradient by itself is 1, with derivative 0", () => {
    const x = variable(3);
    x.grad?.assign(7);
    const first = slope(x, x);
    first.backward();
    expect([first.toFlat(), gradOf(x)]).toEqual([[1], [0]]);
  });

  test("a repeated second derivative takes the known path", () => {
    const x = variable(3);
    const run = () => autograd.record(() => slope(x.tanh(), x)).backward();
    run();
    const { traces, plans } = autograd.counts();
    for (let time = 0; time < 5; time++) run();
    expect(autograd.counts()).toMatchObject({ traces, plans });
  });

  test("the mixed derivative of two variables", () => {
    const [x, y] = [variable(2), variable(3)];
    autograd.record(() => slope(x.pow(2).mul(y.pow(3)), x)).backward();
    expect([gradOf(x), gradOf(y)]).toEqual([[54], [108]]);
  });
});
