import { ArgumentError, GradientError, ReleasedGraphError, ShapeError } from "@adjoint/graph";
import { autograd, type NDArray, nd } from "../src/index.js";

function gradOf(x: NDArray): number[] {
  if (x.grad === null) throw new Error("no gradient attached");
  return x.grad.toFlat();
}

const variable = (...values: number[]) => nd.array(values).attachGrad();

/** x^2, with a gradient that is ten times too large, so that it shows who computed it. */
class Square extends autograd.Function {
  forward(x: NDArray): NDArray {
    this.saveForBackward(x);
    return x.mul(x);
  }

  backward(head: NDArray): NDArray {
    const [x] = this.savedTensors;
    return x === undefined ? head : head.mul(x).mul(20);
  }
}

/** Sigmoid by its result. */
class Sigmoid extends autograd.Function {
  forward(x: NDArray): NDArray {
    const y = x.sigmoid();
    this.saveForBackward(y);
    return y;
  }

  backward(head: NDArray): NDArray {
    const [y] = this.savedTensors;
    return y === undefined ? head : head.mul(y).mul(nd.subtract(1, y));
  }
}

/** Product and sum of two arrays. */
class Both extends autograd.Function {
  seen: NDArray[] = [];

  forward(a: NDArray, b: NDArray): readonly NDArray[] {
    this.saveForBackward(a, b);
    return [a.mul(b), a.add(b)];
  }

  backward(product: NDArray, sum: NDArray): readonly NDArray[] {
    this.seen = [product, sum];
    const [a, b] = this.savedTensors;
    if (a === undefined || b === undefined) return [];
    return [product.mul(b).add(sum), product.mul(a).add(sum)];
  }
}

describe("Function", () => {
  test("backward is the user's own", () => {
    const x = variable(3);
    const y = autograd.record(() => new Square().call(x));
    y.backward();
    expect([y.toFlat(), gradOf(x)]).toEqual([[9], [60]]);
  });

  test("takes part in a larger program", () => {
    const x = variable(3);
    autograd.record(() => new Square().call(x.mul(2)).mul(5)).backward();
    expect(gradOf(x)).toEqual([600 * 2]);
  });

  test("outside record it only computes", () => {
    expect(new Square().call(nd.array([3])).toFlat()).toEqual([9]);
  });

  test("forward is not recorded and in the mode outside; backward in the mode of `trainMode`", () => {
    const seen: boolean[][] = [];
    class Watch extends autograd.Function {
      forward(x: NDArray): NDArray {
        seen.push([autograd.isRecording(), autograd.isTraining()]);
        return x.mul(1);
      }
      backward(head: NDArray): NDArray {
        seen.push([autograd.isRecording(), autograd.isTraining()]);
        return head;
      }
    }
    const x = variable(1);
    const y = autograd.record(() => new Watch().call(x), { trainMode: false });
    y.backward(null, { retainGraph: true });
    y.backward(null, { trainMode: false });
    expect(seen).toEqual([
      [false, false],
      [false, true],
      [false, false],
    ]);
    expect(autograd.isRecording()).toBe(false);
  });

  test("several arguments and results; results that nobody used give zeros", () => {
    const [a, b] = [variable(2), variable(5)];
    const both = new Both();
    const results: unknown = autograd.record(() => both.call(a, b));
    if (!Array.isArray(results)) throw new Error("expected a list");
    const [product] = results;
    product.backward();
    expect([gradOf(a), gradOf(b)]).toEqual([[5], [2]]);
    expect(both.seen.map((head) => head.toFlat())).toEqual([[1], [0]]);
  });

  test("works with retainGraph and `add`, and is released", () => {
    const x = nd.array([3]).attachGrad("add");
    const y = autograd.record(() => new Square().call(x));
    y.backward(null, { retainGraph: true });
    y.backward();
    expect(gradOf(x)).toEqual([120]);
    expect(() => y.backward()).toThrow(ReleasedGraphError);
  });

  test("is differentiated twice through saved inputs", () => {
    const x = variable(3);
    autograd
      .record(() => autograd.grad(new Square().call(x), x, { createGraph: true })[0] ?? x)
      .backward();
    expect(gradOf(x)).toEqual([20]);
  });

  test("is differentiated twice through saved results", () => {
    const x = variable(0.7);
    const derivative = (fn: (x: NDArray) => NDArray): number[] => {
      autograd.record(() => autograd.grad(fn(x), x, { createGraph: true })[0] ?? x).backward();
      return gradOf(x);
    };
    const own = derivative((arg) => new Sigmoid().call(arg));
    expect(own[0]).toBeCloseTo(derivative(nd.sigmoid)[0] ?? 0, 6);
  });

  test("is differentiated twice through other saved arrays, which forward computes again", () => {
    class Hidden extends autograd.Function {
      forward(x: NDArray): NDArray {
        const noise = nd.random.uniform({ shape: x.shape });
        const y = x.mul(x).mul(noise);
        this.saveForBackward(x.mul(2).mul(noise), y, noise);
        return y;
      }
      backward(head: NDArray): NDArray {
        return head.mul(this.savedTensors[0] ?? head);
      }
    }
    const x = variable(3);
    nd.random.seed(4);
    const [noise = 0] = nd.random.uniform({ shape: [1] }).toFlat();
    nd.random.seed(4);
    autograd
      .record(() => autograd.grad(new Hidden().call(x), x, { createGraph: true })[0] ?? x)
      .backward();
    expect(gradOf(x)[0]).toBeCloseTo(2 * noise, 6);
    expect(nd.random.uniform({ shape: [1] }).toFlat()).not.toEqual([noise]);
  });

  test("a forward that saves other arrays the second time is refused", () => {
    class Fickle extends autograd.Function {
      runs = 0;
      forward(x: NDArray): NDArray {
        this.saveForBackward(...(this.runs++ === 0 ? [x.mul(2)] : []));
        return x.mul(x);
      }
      backward(head: NDArray): NDArray {
        return head.mul(this.savedTensors[0] ?? head);
      }
    }
    const x = variable(3);
    autograd.record(() => new Fickle().call(x)).backward();
    expect(gradOf(x)).toEqual([6]);
    const y = autograd.record(() => new Fickle().call(x));
    expect(() => autograd.grad(y, x, { createGraph: true })).toThrow(/saved other arrays/);
  });

  test("many calls take one path", () => {
    const x = variable(3);
    const run = () => autograd.record(() => new Square().call(x)).backward();
    run();
    const { traces, plans } = autograd.counts();
    for (let time = 0; time < 10; time++) run();
    expect(autograd.counts()).toMatchObject({ traces, plans });
  });

  test("one instance serves one call", () => {
    const square = new Square();
    square.call(nd.ones(1));
    expect(() => square.call(nd.ones(1))).toThrow(ArgumentError);
  });

  class Broken extends autograd.Function {
    constructor(private readonly give: (head: NDArray) => NDArray) {
      super();
    }
    forward(x: NDArray): NDArray {
      return x.mul(1);
    }
    backward(head: NDArray): NDArray {
      return this.give(head);
    }
  }

  const broken: readonly (readonly [
    string,
    (head: NDArray) => NDArray,
    new (...args: never) => Error,
  ])[] = [
    ["an empty list", () => JSON.parse("[]"), ArgumentError],
    ["null", () => JSON.parse("null"), ArgumentError],
    ["a number", () => JSON.parse("5"), ArgumentError],
    ["too many", () => Reflect.get({ list: [nd.ones(1), nd.ones(1)] }, "list"), GradientError],
    ["another shape", () => nd.ones(3), ShapeError],
  ];
  test.each(broken)("backward that gives %s is refused, no gradient written", (_, give, error) => {
    const x = variable(3);
    x.grad?.assign(7);
    const y = autograd.record(() => new Broken(give).call(x));
    expect(() => y.backward()).toThrow(error);
    expect(gradOf(x)).toEqual([7]);
    expect(autograd.isRecording()).toBe(false);
  });

  test("an error of the user's own comes through, and the graph stays", () => {
    let fail = true;
    const x = variable(3);
    const y = autograd.record(() =>
      new Broken((head) => {
        if (fail) throw new RangeError("mine");
        return head;
      }).call(x),
    );
    expect(() => y.backward()).toThrow(RangeError);
    fail = false;
    y.backward();
    expect(gradOf(x)).toEqual([1]);
  });

  test("arguments that are no arrays are refused", () => {
    const argument: NDArray = JSON.parse("3");
    expect(() => new Square().call(argument)).toThrow(ArgumentError);
  });

  test("forward may give back its own argument", () => {
    class Same extends autograd.Function {
      forward(x: NDArray): NDArray {
        return x;
      }
      backward(head: NDArray): NDArray {
        return head.mul(3);
      }
    }
    const x = variable(2);
    const y = autograd.record(() => new Same().call(x));
    y.backward();
    expect(gradOf(x)).toEqual([3]);
    expect(y).not.toBe(x);
  });
});
