import { ArgumentError, DTypeError } from "@adjoint/graph";
import { autograd, type NDArray, nd } from "../src/index.js";

const int = (...values: number[]) => nd.array(values, { dtype: "int32" });

describe("dtypes", () => {
  test("lists and typed arrays become float32; another array keeps its own", () => {
    expect(nd.array([1, 2]).dtype).toBe("float32");
    expect(nd.array(new Float64Array(2)).dtype).toBe("float32");
    expect(nd.array(int(1)).dtype).toBe("int32");
    expect(nd.array(int(1), { dtype: "float64" }).dtype).toBe("float64");
    expect(nd.array([2 ** 24 + 1]).toFlat()).toEqual([2 ** 24]);
  });

  const mixed: readonly (readonly [string, (a: NDArray, b: NDArray) => unknown])[] = [
    ["add", (a, b) => a.add(b)],
    ["equal", (a, b) => a.equal(b)],
    ["dot", (a, b) => a.dot(b)],
    ["concat", (a, b) => nd.concat(a, b, { dim: 0 })],
    ["stack", (a, b) => nd.stack(a, b)],
    ["where", (a, b) => nd.where(a, a, b)],
    ["assign", (a, b) => a.assign(b)],
  ];
  test.each(mixed)("two of them never mix: %s", (_, call) => {
    expect(() => call(nd.ones(2), int(1, 2))).toThrow(DTypeError);
  });

  test("comparisons give 0 and 1 in the dtype of the array", () => {
    expect(int(1, 2).greater(1).dtype).toBe("int32");
    expect(nd.array([1, 2]).greater(1).dtype).toBe("float32");
  });
});

describe("int32 arithmetic", () => {
  const seven = () => int(7);
  const rows: readonly (readonly [string, () => NDArray, number])[] = [
    ["a number is cut off first: 7 * 0.5", () => seven().mul(0.5), 0],
    ["7 + 1.5", () => seven().add(1.5), 8],
    ["7 / 2", () => seven().div(2), 3],
    ["-7 / 2", () => int(-7).div(2), -3],
    ["mean of 1 and 2", () => int(1, 2).mean(), 1],
    ["sqrt(7)", () => seven().sqrt(), 2],
    ["exp(1)", () => int(1).exp(), 2],
    ["5 % -3", () => int(5).mod(-3), -1],
    ["5 % 0", () => int(5).mod(0), 0],
    ["overflow wraps", () => int(2 ** 31 - 1).add(1), -(2 ** 31)],
  ];
  test.each(rows)("%s", (_, make, expected) => {
    const result = make();
    expect([result.dtype, result.toFlat()]).toEqual(["int32", [expected]]);
  });

  test("division by zero is refused when it is read, and concerns nothing else", () => {
    const [before, broken] = [int(1).add(1), int(1).div(0)];
    const after = broken.mul(2);
    expect(() => broken.asScalar()).toThrow(/integer division by zero.*dtypes\.test\.ts:\d+/);
    expect(() => after.asScalar()).toThrow(ArgumentError);
    expect(() => broken.add(1).asScalar()).toThrow(ArgumentError);
    expect([before.asScalar(), int(4).div(2).asScalar()]).toEqual([2, 2]);
  });

  test("division by zero inside record leaves the rest of the program whole", () => {
    const x = nd.array([3]).attachGrad();
    const y = autograd.record(() => {
      const square = x.mul(x);
      expect(() => int(1).div(0).asScalar()).toThrow(ArgumentError);
      return square.mul(x);
    });
    y.backward();
    expect([y.toFlat(), x.grad?.toFlat()]).toEqual([[27], [27]]);
  });

  test("sums of uint8 wrap", () => {
    expect(nd.array([200, 100], { dtype: "uint8" }).sum().toFlat()).toEqual([44]);
  });
});

describe("astype", () => {
  test("cuts off towards zero; uint8 wraps; bool is not zero", () => {
    const x = nd.array([-1.7, 300, Number.NaN]);
    expect(nd.array([-1.7]).astype("int32").toFlat()).toEqual([-1]);
    expect(x.at([0, 2]).astype("uint8").toFlat()).toEqual([255, 44]);
    expect(x.astype("bool").toFlat()).toEqual([1, 1, 1]);
  });

  test("the gradient has the variable's dtype", () => {
    const x = nd.array([3]).attachGrad();
    autograd.record(() => x.astype("float64").square()).backward();
    expect([x.grad?.dtype, x.grad?.toFlat()]).toEqual(["float32", [6]]);
  });

  test.each(["float64", "float16", "int32"] as const)("gradients add up in %s", (dtype) => {
    const x = nd.array([3], { dtype }).attachGrad("add");
    for (let time = 0; time < 2; time++) autograd.record(() => x.mul(x)).backward();
    expect([x.grad?.dtype, x.grad?.toFlat()]).toEqual([dtype, [12]]);
  });

  test("a cast to integers passes the gradient on", () => {
    const x = nd.array([3]).attachGrad();
    autograd.record(() => x.astype("int32").square()).backward();
    expect(x.grad?.toFlat()).toEqual([6]);
  });
});

describe("conversion", () => {
  test("full reductions and single elements have shape (1,)", () => {
    const x = nd.arange(4);
    for (const one of [x.sum(), x.mean(), x.max(), x.norm(), x.argmax(), x.dot(x), x.at(1)]) {
      expect(one.shape).toEqual([1]);
    }
  });

  test("asScalar, asBoolean, asNested, asArray", () => {
    expect(nd.array([[5]]).asScalar()).toBe(5);
    expect(nd.array([Number.NaN]).asBoolean()).toBe(true);
    expect(nd.array([0]).asBoolean()).toBe(false);
    expect(nd.zeros([0]).asBoolean()).toBe(false);
    expect(nd.array([[1, 2]]).asNested()).toEqual([[1, 2]]);
    expect(nd.array(5).asNested()).toBe(5);
    expect(int(3).asArray()).toEqual(Int32Array.of(3));
  });

  test("the length is that of the first axis", () => {
    expect(nd.zeros([3, 2]).length).toBe(3);
  });

  test("the sign of a remainder is the divisor's", () => {
    expect(nd.array([-5.5, 5.5]).mod(3).toFlat()).toEqual([0.5, 2.5]);
    expect(nd.array([5, -5]).mod(-3).toFlat()).toEqual([-1, -2]);
  });
});
