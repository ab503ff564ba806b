import { AttributeError, ShapeError } from "@adjoint/graph";
import { type NDArray, nd } from "../src/index.js";

const float = Math.fround;

describe("random numbers are MXNet's, bit for bit", () => {
  test.each([
    [0, [0.5488135, 0.5928446, 0.71518934]],
    [42, [0.82909364, 0.7478349]],
  ])("uniform, seed %d", (seed, expected) => {
    nd.random.seed(seed);
    const found = expected.map(() => nd.random.uniform().asScalar());
    nd.random.seed(seed);
    const again = nd.random.uniform({ shape: [expected.length] }).toFlat();
    expect([found, again]).toContainEqual(expected.map(float));
  });

  test("normal, seed 0", () => {
    nd.random.seed(0);
    expect(String(nd.random.normal())).toBe("\n[2.2122064]\n<NDArray 1 @cpu(0)>");
  });

  test("uniform between bounds: u (high - low) + low in float32", () => {
    nd.random.seed(0);
    const [u = 0] = nd.random.uniform({ shape: [1] }).toFlat();
    nd.random.seed(0);
    const [scaled] = nd.random.uniform({ low: -2, high: 4, shape: [1] }).toFlat();
    expect(scaled).toBe(float(float(u * 6) - 2));
  });

  test("normal with mean and deviation", () => {
    nd.random.seed(7);
    const plain = nd.random.normal({ shape: [5] }).toFlat();
    nd.random.seed(7);
    const moved = nd.random.normal({ loc: 3, scale: 2, shape: [5] }).toFlat();
    expect(moved).toEqual(plain.map((value) => expect.closeTo(value * 2 + 3, 5)));
  });

  test("exponential is -ln(1 - u) scale", () => {
    nd.random.seed(0);
    const [u = 0] = nd.random.uniform().toFlat();
    nd.random.seed(0);
    const [value] = nd.random.exponential({ scale: 3 }).toFlat();
    expect(value).toBeCloseTo(-Math.log(1 - u) * 3, 5);
  });

  test("randint takes two words and stays in its range", () => {
    nd.random.seed(0);
    const values = nd.random.randint(-3, 4, { shape: [200] });
    expect(values.dtype).toBe("int32");
    expect(new Set(values.toFlat())).toEqual(new Set([-3, -2, -1, 0, 1, 2, 3]));
  });
});

describe("seed", () => {
  test("starts the same numbers anew; without it they go on", () => {
    nd.random.seed(5);
    const first = nd.random.uniform({ shape: [3] }).toFlat();
    const second = nd.random.uniform({ shape: [3] }).toFlat();
    nd.random.seed(5);
    expect(nd.random.uniform({ shape: [3] }).toFlat()).toEqual(first);
    expect(second).not.toEqual(first);
  });

  test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses %d", (seed) => {
    expect(() => nd.random.seed(seed)).toThrow(AttributeError);
  });
});

describe("samplers", () => {
  test("give shape (1,) unless told otherwise", () => {
    expect(nd.random.uniform().shape).toEqual([1]);
    expect(nd.random.normal().shape).toEqual([1]);
    expect(nd.random.randint(0, 3).shape).toEqual([1]);
    expect(nd.random.randn(2, 3).shape).toEqual([2, 3]);
    expect(nd.random.normal({ shape: 4 }).shape).toEqual([4]);
  });

  test("randn takes what normal takes, behind the lengths", () => {
    nd.random.seed(3);
    const wanted = nd.random.normal({ loc: 1, scale: 2, shape: [2, 3], dtype: "float64" });
    nd.random.seed(3);
    const got = nd.random.randn(2, 3, { loc: 1, scale: 2, dtype: "float64" });
    expect([got.dtype, got.shape, got.toFlat()]).toEqual(["float64", [2, 3], wanted.toFlat()]);
    expect(() => nd.random.randn(2, { scale: -1 })).toThrow(AttributeError);
    expect(() => nd.random.randn(2, Number.NaN)).toThrow(ShapeError);
  });

  test("in double precision", () => {
    nd.random.seed(0);
    const x = nd.random.uniform({ shape: [100], dtype: "float64" });
    expect(x.dtype).toBe("float64");
    expect(x.toFlat().some((value) => float(value) !== value)).toBe(true);
  });

  test("refuse bad parameters and shapes, and draw nothing then", () => {
    nd.random.seed(1);
    expect(() => nd.random.normal({ scale: 0 })).toThrow(AttributeError);
    expect(() => nd.random.uniform({ low: 2, high: 1 })).toThrow(AttributeError);
    expect(() => nd.random.randint(3, 3)).toThrow(AttributeError);
    expect(() => nd.random.exponential({ scale: -1 })).toThrow(AttributeError);
    expect(() => nd.random.uniform({ shape: [-1] })).toThrow(ShapeError);
    const next = nd.random.uniform().asScalar();
    nd.random.seed(1);
    expect(nd.random.uniform().asScalar()).toBe(next);
  });
});

test("MXNet's names outside of random give the same samplers", () => {
  const drawn = (draw: () => NDArray) => {
    nd.random.seed(3);
    return draw().toFlat();
  };
  expect([nd.uniform, nd.randomUniform, nd.sampleUniform]).toEqual(
    new Array(3).fill(nd.random.uniform),
  );
  expect([nd.normal, nd.shuffle, nd.randomRandint, nd.sampleMultinomial]).toEqual([
    nd.random.normal,
    nd.random.shuffle,
    nd.random.randint,
    nd.random.multinomial,
  ]);
  const byRate = drawn(() => nd.randomExponential({ lam: 4, shape: 3 }));
  expect(byRate).toEqual(drawn(() => nd.random.exponential({ scale: 0.25, shape: 3 })));
  const rates = nd.array([4, 2], { dtype: "int32" });
  const several = drawn(() => nd.sampleExponential({ lam: rates, shape: 3 }));
  const scale = nd.array([0.25, 0.5]);
  expect(several).toEqual(drawn(() => nd.random.exponential({ scale, shape: 3 })));
  expect(() => nd.randomExponential({ lam: 0 })).toThrow("randomExponential: lam is not valid");
  expect(drawn(() => nd.randomExponential())).toEqual(drawn(() => nd.random.exponential()));
});
