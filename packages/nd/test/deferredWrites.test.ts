import { ArgumentError } from "@adjoint/graph";
import fc from "fast-check";
import { autograd, compile, type NDArray, nd } from "../src/index.js";

function gradOf(x: NDArray): NDArray {
  if (x.grad === null) throw new Error("no gradient attached");
  return x.grad;
}

/** Plans that ran, new ones and known ones. */
function runs(): number {
  const { plans, replays } = autograd.counts();
  return plans + replays;
}

describe("writes outside of recorded scopes", () => {
  const update: Readonly<Record<string, (w: NDArray, state: NDArray) => void>> = {
    "w - lr grad": (w) => void w.subAssign(gradOf(w).mul(0.125)),
    sgdUpdate: (w) => void nd.sgdUpdate(w, gradOf(w), { lr: 0.125, out: w }),
    "momentum by hand": (w, state) => {
      state.assign(state.mul(0.5).sub(gradOf(w).mul(0.125)));
      w.addAssign(state);
    },
    sgdMomUpdate: (w, state) =>
      void nd.sgdMomUpdate(w, gradOf(w), state, { lr: 0.125, momentum: 0.5, out: w }),
  };

  test.each(Object.entries(update))("updates by %s of all parameters are one plan", (_, step) => {
    const parameters = [1, 2, 3, 4].map((size) => nd.ones([size]).attachGrad());
    const states = parameters.map((one) => nd.array(one.mul(0).toFlat()));
    const perStep = Array.from({ length: 5 }, () => {
      const before = runs();
      const losses = () => parameters.map((one) => one.square().sum());
      autograd.record(() => nd.addN(...losses())).backward();
      parameters.forEach((one, at) => {
        step(one, states[at] ?? one);
      });
      parameters.forEach((one) => {
        one.asArray();
      });
      return runs() - before;
    });
    expect(perStep).toEqual([2, 2, 2, 2, 2]);
  });

  test("every array over the memory sees them, whole or in part", () => {
    const x = nd.array([1, 2, 3, 4]);
    const [half, square] = [x.at([2, 4]), x.reshape([2, 2])];
    x.mulAssign(10);
    expect(half.toFlat()).toEqual([30, 40]);
    x.addAssign(1);
    expect(square.sum().toFlat()).toEqual([104]);
    x.addAssign(1);
    expect([half.mul(2).toFlat(), x.mul(2).toFlat()]).toEqual([
      [64, 84],
      [24, 44, 64, 84],
    ]);
    x.addAssign(1);
    half.assign(0);
    expect(x.toFlat()).toEqual([13, 23, 0, 0]);
    x.addAssign(1).setAt([0], 7);
    expect(square.toFlat()).toEqual([7, 24, 1, 1]);
  });

  test("each takes the numbers that its operands had", () => {
    const [x, y] = [nd.array([1]), nd.array([2])];
    x.assign(y.mul(10));
    y.assign(x.add(y));
    y.setAt([0], gradOf(y.copy().attachGrad()));
    x.addAssign(y);
    y.assign(5);
    x.addAssign(y);
    expect([x.asScalar(), y.asScalar()]).toEqual([25, 5]);
  });

  test("what is written later to the array that they come from is not seen", () => {
    const written = (read: boolean, write: (source: NDArray) => void): number[][] => {
      const [x, source] = [nd.array([1, 1]), nd.array([3, 4]).mul(2)];
      x.assign(source);
      if (read) source.asArray();
      write(source);
      return [x.toFlat(), source.toFlat()];
    };
    for (const read of [true, false]) {
      expect(written(read, (source) => void source.assign(0))).toEqual([
        [6, 8],
        [0, 0],
      ]);
      expect(written(read, (source) => void source.addAssign(1))).toEqual([
        [6, 8],
        [7, 9],
      ]);
      expect(written(read, (source) => void source.setAt([0], 5))).toEqual([
        [6, 8],
        [5, 8],
      ]);
      expect(written(read, (source) => void source.at([0, 1]).assign(5))).toEqual([
        [6, 8],
        [5, 8],
      ]);
    }
    const [x, y] = [nd.array([1]), nd.array([2])];
    const source = nd.array([3]).mul(2);
    x.assign(source);
    y.assign(source);
    x.addAssign(1);
    source.mulAssign(10);
    expect([x, y, source].map((one) => one.asScalar())).toEqual([7, 6, 60]);
  });

  test("recorded programs and compiled functions read them", () => {
    const w = nd.array([3]).attachGrad();
    const double = compile(() => w.mul(2));
    w.addAssign(1);
    autograd.record(() => w.mul(w)).backward();
    expect(gradOf(w).toFlat()).toEqual([8]);
    for (const expected of [10, 12]) {
      w.addAssign(1);
      expect(double().toFlat()).toEqual([expected]);
    }
  });

  test("one that may be refused is computed at once, and changes nothing if it is", () => {
    const x = nd.array([6], { dtype: "int32" });
    expect(() => x.divAssign(0)).toThrow(ArgumentError);
    expect(x.toFlat()).toEqual([6]);
    const matrix = nd.array([[-1]]);
    expect(() => matrix.assign(nd.linalg.potrf(matrix))).toThrow(ArgumentError);
    expect(matrix.toFlat()).toEqual([-1]);
  });

  test("a loop that reads nothing gives its numbers in the end", () => {
    const x = nd.zeros([2]);
    for (let step = 0; step < 1200; step++) x.addAssign(1);
    expect(x.toFlat()).toEqual([1200, 1200]);
  });

  test("programs of writes give the same numbers whether or not each is read at once", () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 2, maxLength: 20 }), (lines) => {
        expect(numbersAfter(lines, false)).toEqual(numbersAfter(lines, true));
      }),
      { numRuns: 300 },
    );
  });
});

const writes = [
  "expr",
  "assign",
  "add",
  "number",
  "cell",
  "part",
  "view",
  "detach",
  "read",
] as const;

const line = fc.record({ kind: fc.constantFrom(...writes), to: fc.nat(5), from: fc.nat(5) });

interface Line {
  readonly kind: (typeof writes)[number];
  readonly to: number;
  readonly from: number;
}

/** What six arrays hold in the end; `early`: all are read after each line. */
function numbersAfter(lines: readonly Line[], early: boolean): number[][] {
  const arrays = Array.from({ length: 6 }, (_, at) => nd.array([at + 1, at + 2]));
  for (const { kind, to, from } of lines) {
    const [target, source] = [arrays[to], arrays[from]];
    if (target === undefined || source === undefined) throw new Error("no array");
    perform(kind, target, source, (array) => {
      arrays[to] = array;
    });
    if (early) for (const array of arrays) array.asArray();
  }
  return arrays.map((array) => array.toFlat());
}

function perform(
  kind: Line["kind"],
  target: NDArray,
  source: NDArray,
  put: (array: NDArray) => void,
): void {
  switch (kind) {
    case "expr":
      put(source.mul(0.5).add(target));
      return;
    case "assign":
      target.assign(source);
      return;
    case "add":
      target.addAssign(source.mul(0.25));
      return;
    case "number":
      target.assign(3);
      return;
    case "cell":
      target.setAt([1], 7);
      return;
    case "part":
      target.at([0, 1]).assign(source.at([1, 2]));
      return;
    case "view":
      put(source.reshape([2]));
      return;
    case "detach":
      put(source.detach());
      return;
    case "read":
      source.asArray();
      return;
    default:
      kind satisfies never;
  }
}
