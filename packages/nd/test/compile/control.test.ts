import { autograd, compile, engine, NDArray, nd } from "../../src/index.js";

afterEach(() => engine.setMode("tiered"));

const { foreach, whileLoop, cond } = nd.contrib;

/** What a program gives by the interpreter and as generated code, run twice. */
function expectSame(make: () => () => readonly number[]): void {
  engine.setMode("interpreted");
  const wanted = make()();
  engine.setMode("compiled");
  const run = make();
  for (const got of [run(), run()]) {
    expect(got.length).toBe(wanted.length);
    got.forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i] ?? Number.NaN, 5);
    });
  }
}

const wave = (...shape: number[]) => {
  const size = shape.reduce((product, length) => product * length, 1);
  return nd.arange(size).sin().mul(0.4).reshape(shape);
};

test("a recurrent layer and its gradients", () => {
  expectSame(() => {
    const [wx, wh, b] = [wave(4, 3), wave(3, 3).mul(-1), wave(3)];
    const [x, h0] = [wave(7, 2, 4), nd.zeros([2, 3])];
    for (const one of [wx, wh, b, x, h0]) one.attachGrad();
    const step = compile(() => {
      const loss = autograd.record(() => {
        const [outs, last] = foreach(
          (slice, h) => {
            const next = nd.tanh(nd.dot(slice, wx).add(nd.dot(h, wh)).add(b));
            return [next, next];
          },
          x,
          h0,
        );
        return outs.square().sum().add(last.sum());
      });
      loss.backward();
      return loss;
    });
    return () => [
      step().asScalar(),
      ...[wx, wh, b, x, h0].flatMap((one) => one.grad?.toFlat() ?? [Number.NaN]),
    ];
  });
});

test("a loop that ends early, with a branch in its body, and its gradients", () => {
  expectSame(() => {
    const [x, limit] = [nd.array([1.5, -0.5]).attachGrad(), nd.array([20]).attachGrad()];
    const step = compile(() => {
      const loss = autograd.record(() => {
        const [rows, [last]] = whileLoop(
          (s) => s.square().sum().lesser(limit.sum()),
          (s) => {
            const next = cond(
              s.sum().greater(2),
              () => s.mul(x).add(1),
              () => s.square().add(x),
            );
            return [next.mul(limit), [next]];
          },
          [x],
          { maxIterations: 12 },
        );
        if (!(rows instanceof NDArray)) throw new TypeError("no iterations");
        return last.sum().add(rows.sum());
      });
      loss.backward();
      return loss;
    });
    return () => [
      step().asScalar(),
      ...[x, limit].flatMap((one) => one.grad?.toFlat() ?? [Number.NaN]),
    ];
  });
});

test("a loop in a loop, with random numbers in the inner one", () => {
  expectSame(() => {
    nd.random.seed(7);
    const x = wave(3, 4).attachGrad();
    const step = compile(() => {
      const loss = autograd.record(() => {
        const [outs] = foreach(
          (row, s) => {
            const [, last] = foreach(
              (cell, t) => {
                const next = t.mul(cell).add(nd.random.uniform({ shape: [1] }));
                return [next, next];
              },
              row,
              s,
            );
            return [last, last.mul(0.5)];
          },
          x,
          nd.ones([1]),
        );
        return outs.sum();
      });
      loss.backward();
      return loss;
    });
    const values = [step().asScalar(), ...(x.grad?.toFlat() ?? [])];
    return () => values;
  });
});
