import { DTypeError, InPlaceError, ShapeError } from "@adjoint/graph";
import { Heap, tensorOf } from "@adjoint/runtime";
import { autograd, type NDArray, nd } from "../src/index.js";
import { session } from "../src/session.js";

function gradOf(x: NDArray): number[] {
  if (x.grad === null) throw new Error("no gradient attached");
  return x.grad.toFlat();
}

describe("writes while recording", () => {
  const writes: readonly (readonly [string, (x: NDArray) => unknown])[] = [
    ["assign", (x) => x.assign(5)],
    ["addAssign", (x) => x.addAssign(1)],
    ["subAssign", (x) => x.subAssign(1)],
    ["mulAssign", (x) => x.mulAssign(2)],
    ["divAssign", (x) => x.divAssign(2)],
    ["setAt", (x) => x.setAt([0], 5)],
    ["setAt by an array", (x) => x.setAt([nd.array([0])], 5)],
  ];

  test.each(writes)("to a variable are refused before anything changed: %s", (_, write) => {
    const x = nd.array([1, 2]).attachGrad();
    autograd.record(() => expect(() => write(x)).toThrow(InPlaceError));
    expect(x.toFlat()).toEqual([1, 2]);
    const y = autograd.record(() => x.mul(x));
    y.backward();
    expect(gradOf(x)).toEqual([2, 4]);
  });

  test.each(writes)("to a recorded array are refused before anything changed: %s", (_, write) => {
    const x = nd.array([1, 2]).attachGrad();
    const y = autograd.record(() => {
      const square = x.mul(x);
      expect(() => write(square)).toThrow(InPlaceError);
      return square;
    });
    expect(y.toFlat()).toEqual([1, 4]);
    y.backward();
    expect(gradOf(x)).toEqual([2, 4]);
  });

  test.each(writes)("to a constant are allowed: %s", (_, write) => {
    const constant = nd.array([1, 2]);
    autograd.record(() => write(constant));
    expect(constant.toFlat()).not.toEqual([1, 2]);
  });

  test("a constant used before and after a write counts with the value of each time", () => {
    const x = nd.array([3]).attachGrad();
    const c = nd.array([2]);
    const y = autograd.record(() => {
      const before = x.mul(c);
      c.assign(10);
      return before.add(x.mul(c));
    });
    y.backward();
    expect([y.toFlat(), gradOf(x)]).toEqual([[36], [12]]);
  });

  test("assigning a recorded value to a constant as a whole is recorded", () => {
    const x = nd.array([1, 2]).attachGrad();
    const z = nd.zeros(2);
    const y = autograd.record(() => {
      z.assign(x.mul(2));
      return z.mul(x);
    });
    y.backward();
    expect([z.toFlat(), gradOf(x)]).toEqual([
      [2, 4],
      [4, 8],
    ]);
  });

  test("assigning a recorded value to a part is refused", () => {
    const x = nd.array([1, 2]).attachGrad();
    const z = nd.zeros(2);
    autograd.record(() => expect(() => z.setAt([0], x.at(1))).toThrow(InPlaceError));
    expect(z.toFlat()).toEqual([0, 0]);
  });

  test("under pause a recorded array may be written to; the gradient stays", () => {
    const x = nd.array([1, 2]).attachGrad();
    const y = autograd.record(() => {
      const square = x.mul(x);
      autograd.pause(() => square.addAssign(1));
      return square;
    });
    expect(y.toFlat()).toEqual([2, 5]);
    y.backward();
    expect(gradOf(x)).toEqual([2, 4]);
  });

  test("a recorded array overwritten under pause cannot go on in the program", () => {
    const x = nd.array([1, 2]).attachGrad();
    autograd.record(() => {
      const square = x.mul(x);
      autograd.pause(() => square.addAssign(1));
      expect(() => square.mul(2)).toThrow(InPlaceError);
    });
  });
});

describe("writes", () => {
  test("of another shape or dtype are refused, and nothing changed", () => {
    const x = nd.array([1, 2]);
    expect(() => x.assign(nd.ones(3))).toThrow(ShapeError);
    expect(() => x.addAssign(nd.ones([2, 2]))).toThrow(ShapeError);
    expect(() => x.assign(nd.ones(2, { dtype: "int32" }))).toThrow(DTypeError);
    expect(() => x.setAt([0], nd.ones(1, { dtype: "int32" }))).toThrow(DTypeError);
    expect(x.toFlat()).toEqual([1, 2]);
  });

  test("broadcast", () => {
    expect(
      nd
        .zeros([2, 2])
        .assign(nd.array([1, 2]))
        .toFlat(),
    ).toEqual([1, 2, 1, 2]);
  });

  test("give the array itself", () => {
    const x = nd.ones(2);
    expect(x.addAssign(1).mulAssign(3).assign(x)).toBe(x);
    expect(x.toFlat()).toEqual([6, 6]);
  });

  test("an array may be assigned from its own elements", () => {
    const x = nd.arange(4);
    x.assign(x.flip({ axis: 0 }));
    expect(x.toFlat()).toEqual([3, 2, 1, 0]);
    x.setAt([[1, 4]], x.at([0, 3]));
    expect(x.toFlat()).toEqual([3, 3, 2, 1]);
  });

  test("results computed from the old values keep them", () => {
    const x = nd.array([1, 2]);
    const pending = x.mul(10);
    x.assign(5);
    expect(pending.toFlat()).toEqual([10, 20]);
  });

  test("one array assigned from another shares nothing with it", () => {
    const [x, y] = [nd.zeros(2), nd.ones(2)];
    x.assign(y);
    x.setAt([0], 9);
    expect([x.toFlat(), y.toFlat()]).toEqual([
      [9, 1],
      [1, 1],
    ]);
    y.setAt([1], 7);
    expect(x.toFlat()).toEqual([9, 1]);
  });
});

describe("shared memory outside recording", () => {
  const views: readonly (readonly [string, (x: NDArray) => NDArray, number])[] = [
    ["an index", (x) => x.at(1), 4],
    ["two indices", (x) => x.at(1, 2), 6],
    ["a contiguous range", (x) => x.at([1, 3]), 4],
    ["a range within a row", (x) => x.at(0, [1, 3]), 1],
    ["a row and a new axis", (x) => x.at(null, 2), 8],
    ["a row of a range", (x) => x.at([1, 3]).at(1), 8],
    ["reshape", (x) => x.reshape([4, 3]), 0],
    ["reshape with an inferred length", (x) => x.reshape([-1]), 0],
    ["reshape of a row", (x) => x.at(1).reshape([2, 2]), 4],
    ["detach", (x) => x.detach(), 0],
  ];

  test.each(views)("%s is seen both ways", (_, view, first) => {
    const x = nd.arange(12).reshape([3, 4]);
    const part = view(x);
    part.assign(100);
    expect(x.toFlat()[first]).toBe(100);
    expect(x.toFlat().filter((value) => value === 100)).toHaveLength(part.size);
    x.assign(7);
    expect(new Set(part.toFlat())).toEqual(new Set([7]));
    x.setAt([":"], 8);
    expect(new Set(part.toFlat())).toEqual(new Set([8]));
    part.setAt([0], 3);
    expect(x.toFlat()[first]).toBe(3);
  });

  const copies: readonly (readonly [string, (x: NDArray) => NDArray])[] = [
    ["a column", (x) => x.at(":", 1)],
    ["a block", (x) => x.at([0, 2], [1, 3])],
    ["a range with a step", (x) => x.at([null, null, 2])],
    ["a backward range", (x) => x.at([null, null, -1])],
    ["an index array", (x) => x.at(nd.array([0, 1]))],
    ["the transpose", (x) => x.T],
    ["nd.reshape", (x) => nd.reshape(x, [12])],
    ["nd.array", (x) => nd.array(x)],
  ];

  test.each(copies)("%s is a copy", (_, copy) => {
    const x = nd.arange(12).reshape([3, 4]);
    copy(x).assign(100);
    expect(x.toFlat()).toEqual(nd.arange(12).toFlat());
  });

  test("a view of a pending result shares memory too", () => {
    const x = nd.arange(4).add(1);
    x.reshape([2, 2]).setAt([0], 9);
    expect(x.toFlat()).toEqual([9, 9, 3, 4]);
  });

  test("while recording, a view is a node of its own: writes outside do not reach it", () => {
    const x = nd.arange(4).attachGrad();
    const [row, y] = autograd.record(() => {
      const one = x.reshape([2, 2]).at(1);
      return [one, one.mul(one)] as const;
    });
    row.assign(50);
    expect(x.toFlat()).toEqual([0, 1, 2, 3]);
    y.backward();
    expect(gradOf(x)).toEqual([0, 0, 4, 6]);
  });

  test("a write through a view counts in the next recorded scope", () => {
    const x = nd.arange(4).attachGrad();
    const run = () => autograd.record(() => x.mul(x)).backward();
    run();
    x.at([0, 2]).assign(10);
    run();
    expect(gradOf(x)).toEqual([20, 20, 4, 6]);
  });

  test("a write through a detached result reaches the result", () => {
    const x = nd.array([2]).attachGrad();
    const y = autograd.record(() => x.mul(3));
    y.detach().assign(7);
    expect(y.toFlat()).toEqual([7]);
  });

  test("a part of a gradient buffer can be written to", () => {
    const x = nd.arange(4).attachGrad();
    x.grad?.at([1, 3]).assign(5);
    expect(gradOf(x)).toEqual([0, 5, 5, 0]);
  });

  test("asArray is a copy", () => {
    const x = nd.arange(2);
    x.asArray().reverse();
    expect(x.toFlat()).toEqual([0, 1]);
  });
});

describe("copy, copyto", () => {
  test("a copy has memory of its own, and is differentiable", () => {
    const x = nd.array([1, 2]).attachGrad();
    const y = autograd.record(() => x.copy().mul(3));
    y.backward();
    expect(x.grad?.toFlat()).toEqual([3, 3]);
    const copied = x.copy();
    copied.assign(7);
    expect(x.toFlat()).toEqual([1, 2]);
  });

  test("copyto writes over all of another array, in its dtype, and gives it", () => {
    const target = nd.zeros([2], { dtype: "int32" });
    expect(nd.array([1.5, 2]).copyto(target)).toBe(target);
    expect(target.toFlat()).toEqual([1, 2]);
    expect(() => nd.array([1]).copyto(target)).toThrow(
      "copyto: shapes differ: (2,) (allowed: (1,))",
    );
  });
});

test("assigned numbers stay as they were when their source is written to in place", () => {
  const source = nd.array([1, 2]);
  const target = nd.zeros([2]).assign(source);
  source.setAt([0], 5);
  expect([target.toFlat(), source.toFlat()]).toEqual([
    [1, 2],
    [5, 2],
  ]);
});

describe("arrays that lie in the heap", () => {
  const heap = new Heap({ initialBytes: 2 ** 20, maximumBytes: 2 ** 22 });
  const placed = (...values: number[]) =>
    session.fromTensor(heap.place(tensorOf(values, "float32")));

  test("are read, aliased, written in parts and as a whole as any others, also after a spill", () => {
    const x = placed(1, 2, 3, 4);
    const square = x.reshape([2, 2]);
    const row = square.at(1);
    expect([x, square, row].map((one) => heap.addressOf(one.tensor()) > 0)).toEqual([
      true,
      true,
      true,
    ]);
    row.setAt([0], 7);
    heap.spill();
    expect(x.toFlat()).toEqual([1, 2, 7, 4]);
    row.setAt([1], 8);
    expect(x.toFlat()).toEqual([1, 2, 7, 8]);
    x.assign(placed(5, 6, 7, 8));
    expect([row.toFlat(), row.tensor().type.shape]).toEqual([[7, 8], [2]]);
  });

  test("give users copies, never views of the heap", () => {
    const x = placed(1, 2).attachGrad();
    const y = autograd.record(() => x.mul(x));
    const given = [x.asArray(), ...autograd.recordingOf(y).inputs.map(({ data }) => data)];
    y.backward();
    for (const { buffer } of given) expect(String(buffer)).toBe("[object ArrayBuffer]");
    expect(x.grad?.toFlat()).toEqual([2, 4]);
  });

  test("keep what a recorded program saw when they are written to", () => {
    const x = placed(1, 2);
    const w = placed(3, 4).attachGrad();
    const y = autograd.record(() => w.mul(x));
    x.setAt([0], 100);
    y.backward();
    expect(w.grad?.toFlat()).toEqual([1, 2]);
  });
});
