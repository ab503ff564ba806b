import {
  ArgumentError,
  type DType,
  DTypeError,
  type RandomKernel,
  type Shape,
} from "@adjoint/graph";
import {
  createTensor,
  Engines,
  initialRandomState,
  prepareKernel,
  type Tensor,
} from "../src/index.js";
import { Scratch } from "../src/scratch.js";
import { logOfDouble } from "../src/random/logOfDouble.js";
import { logOfFloat } from "../src/random/logOfFloat.js";
import { Twister } from "../src/random/twister.js";
import { runKernel } from "./testOps.js";

type Distribution = RandomKernel["distribution"];

const stateType = { dtype: "float64", shape: [1026] } as const;

function draw(
  distribution: Distribution,
  parameters: number[],
  state: Tensor,
  shape: Shape,
  dtype: DType = distribution === "randint" ? "int32" : "float32",
): { sample: number[]; next: Tensor } {
  const kernel = { kind: "random", distribution, parameters } as const;
  const [sample, next] = runKernel(kernel, [state], [{ dtype, shape }, stateType]);
  if (sample === undefined || next === undefined) throw new Error("two results expected");
  return { sample: Array.from(sample.data, Number), next };
}

test("the Mersenne Twister gives its authors' numbers for seed 5489", () => {
  const engine = new Twister(5489);
  expect([engine.word(), engine.word()]).toEqual([3499211612, 581869302]);
  engine.skip(9999 - 2);
  // The 10000th word, which the C++ standard demands of mt19937.
  expect(engine.word()).toBe(4123659995);
  expect(engine.given).toBe(10000);
});

test("skipping words is drawing them", () => {
  for (const count of [0, 1, 623, 624, 625, 1248, 2000]) {
    const [drawn, skipped] = [new Twister(1), new Twister(1)];
    for (let i = 0; i < count; i++) drawn.word();
    skipped.skip(count);
    expect(skipped.word()).toBe(drawn.word());
  }
});

test("an engine goes back to its mark, but not before it, and not to one of another seed", () => {
  const engine = new Twister(1);
  engine.skip(1000);
  engine.mark();
  const [drawn, later] = [engine.word(), engine.word()];
  engine.skip(5000);
  expect(engine.rewind(999)).toBe(false);
  expect(engine.rewind(1001)).toBe(true);
  expect([engine.given, engine.word(), engine.word()]).toEqual([1000, drawn, later]);
  engine.reset(2);
  expect(engine.rewind(2000)).toBe(false);
});

describe("samples are MXNet's, bit by bit", () => {
  test.each([
    [0, [0.5488135, 0.5928446, 0.71518934]],
    [42, [0.82909364, 0.7478349]],
  ])("uniform, seed %d", (seed, expected) => {
    const { sample } = draw("uniform", [0, 1], initialRandomState(seed), [expected.length]);
    expect(sample).toEqual(expected.map(Math.fround));
  });
  test("normal, seed 0", () => {
    const { sample } = draw("normal", [0, 1], initialRandomState(0), [1]);
    expect(sample).toEqual([Math.fround(2.2122064)]);
  });
  test("1000 samples come from 16 engines in blocks of 63", () => {
    const { sample, next } = draw("uniform", [0, 1], initialRandomState(3), [1000]);
    const second = new Twister((127 * 3 + 1) % 2 ** 32);
    expect(sample[63]).toBe(Math.fround(second.word()) / 2 ** 32);
    expect(Array.from(next.data.slice(0, 18), Number)).toEqual([
      3,
      ...new Array(15).fill(63),
      55,
      0,
    ]);
  });
  test("float64 takes two words, the lower one first", () => {
    const { sample, next } = draw("uniform", [0, 1], initialRandomState(0), [1], "float64");
    const engine = new Twister(0);
    const low = engine.word();
    expect(sample[0]).toBe((low + engine.word() * 2 ** 32) / 2 ** 64);
    expect(next.data[1]).toBe(2);
  });
  test("randint is the remainder of two words in 64 bits", () => {
    for (const [low, high] of [
      [0, 10],
      [-5, 1000003],
      [-(2 ** 31), 2 ** 31 - 1],
    ] as const) {
      const reference = new Twister(0);
      const word = (BigInt(reference.word()) << 31n) + BigInt(reference.word());
      const expected = Number(word % BigInt(high - low)) + low;
      expect(draw("randint", [low, high], initialRandomState(0), [1]).sample).toEqual([expected]);
    }
  });
  test("exponential is -ln(1 - u) times the scale", () => {
    const u = Math.fround(new Twister(0).word()) / 2 ** 32;
    const { sample } = draw("exponential", [2], initialRandomState(0), [1]);
    expect(sample).toEqual([Math.fround(-Math.log(1 - u) * 2)]);
  });
});

describe("a state is all that samples depend on", () => {
  const kernel = { kind: "random", distribution: "normal", parameters: [0, 1] } as const;
  const signature = {
    op: "normal",
    ins: [stateType],
    outs: [{ dtype: "float32", shape: [100] } as const, stateType],
  };
  const planBody = () => {
    throw new Error("no body here");
  };
  const execute = prepareKernel(kernel, signature, { planBody });

  function run(state: Tensor["data"], engines: Engines) {
    const outs = [new Float32Array(100), new Float64Array(1026)] as const;
    execute([state], outs, { hosts: new Map(), engines, scratch: new Scratch() });
    return outs;
  }

  test("engines that stand elsewhere, or belong to another seed, are moved", () => {
    const engines = new Engines();
    const start = initialRandomState(7).data;
    const [firstSample, then] = run(start, engines);
    const [secondSample] = run(then, engines);
    run(initialRandomState(8).data, engines);
    expect(run(then, engines)[0]).toEqual(secondSample);
    expect(run(start, engines)[0]).toEqual(firstSample);
    expect(run(then, new Engines())[0]).toEqual(secondSample);
    expect(secondSample).not.toEqual(firstSample);
  });
  test("the state itself is not written", () => {
    const state = initialRandomState(7).data;
    run(state, new Engines());
    expect(state).toEqual(initialRandomState(7).data);
  });
});

describe("arrays of parameters", () => {
  const probabilities = (rows: number[][]): Tensor =>
    createTensor({ dtype: "float32", shape: [rows.length, rows[0]?.length ?? 0] }, rows.flat());

  function drawWith(
    distribution: Distribution,
    arrays: readonly Tensor[],
    type: { dtype: DType; shape: Shape },
    start = initialRandomState(3),
  ): { sample: number[]; next: number[] } {
    const kernel = { kind: "random", distribution, parameters: [] } as const;
    const [sample, next] = runKernel(kernel, [start, ...arrays], [type, stateType]);
    if (sample === undefined || next === undefined) throw new Error("two results expected");
    return { sample: Array.from(sample.data, Number), next: Array.from(next.data, Number) };
  }

  test("each element serves a contiguous part; what makes no distribution is NaN", () => {
    const lam = createTensor({ dtype: "float32", shape: [3] }, [0, -1, 40]);
    const { sample } = drawWith("poisson", [lam], { dtype: "float64", shape: [3, 2] });
    expect(sample.slice(0, 4)).toEqual([0, 0, Number.NaN, Number.NaN]);
    expect(sample.slice(4).every((value) => value > 10 && value < 90)).toBe(true);
  });

  test("a shape that only float64 holds gives NaN in float32, and does not draw for ever", () => {
    const [huge, one] = [1e308, 1].map((value) =>
      createTensor({ dtype: "float64", shape: [1] }, [value]),
    );
    if (huge === undefined || one === undefined) throw new Error("no parameters");
    const attrs = { dtype: "float32", shape: [1] } as const;
    expect(drawWith("gamma", [huge, one], attrs).sample).toEqual([Number.NaN]);
    const half = createTensor({ dtype: "float64", shape: [1] }, [0.5]);
    expect(drawWith("negativeBinomial", [huge, half], attrs).sample).toEqual([Number.NaN]);
  });

  test("categories come from the last engine alone, one word each", () => {
    const { sample, next } = drawWith(
      "multinomial",
      [
        probabilities([
          [0.1, 0.2, 0.3, 0.4],
          [0, 0, 0.5, 0.5],
        ]),
      ],
      { dtype: "int32", shape: [2, 6] },
    );
    expect(sample).toEqual([2, 2, 2, 2, 1, 1, 3, 2, 2, 2, 2, 2]);
    expect(next.slice(0, 4)).toEqual([3, 0, 0, 0]);
    expect(next[1025]).toBe(12);
  });

  test("a row that is no distribution has the category -1", () => {
    const rows = probabilities([
      [0, 0],
      [-1, 2],
      [0, 1],
    ]);
    const { sample } = drawWith("multinomial", [rows], { dtype: "int32", shape: [3, 1] });
    expect(sample).toEqual([-1, -1, 1]);
  });
});

test("parameters in float16 are the numbers that they stand for", () => {
  const outs = [{ dtype: "float32", shape: [3] } as const, stateType];
  const sampleOf = (distribution: Distribution, dtype: DType, shape: Shape, values: number[]) => {
    const given = createTensor({ dtype, shape }, values);
    const kernel = { kind: "random", distribution, parameters: [] } as const;
    const types =
      distribution === "multinomial" ? [{ dtype: "int32", shape: [3] } as const, stateType] : outs;
    return runKernel(kernel, [initialRandomState(3), given], types)[0]?.data;
  };
  for (const [distribution, values] of [
    ["poisson", [0.5, 3, 40]],
    ["multinomial", [0.25, 0.25, 0.5]],
  ] as const) {
    const [half, single] = (["float16", "float32"] as const).map((dtype) =>
      sampleOf(distribution, dtype, [3], [...values]),
    );
    expect(half).toEqual(single);
  }
});

test("a sequence comes from one engine, seeded as the first", () => {
  const { sample, next } = draw("sequence", [], initialRandomState(0), [200]);
  const engine = new Twister(0);
  expect(sample).toEqual(Array.from({ length: 200 }, () => Math.fround(engine.word()) / 2 ** 32));
  expect([next.data[1], next.data[2], next.data[1025]]).toEqual([0, 0, 200]);
});

test("no samples leave the state as it is", () => {
  const { sample, next } = draw("uniform", [0, 1], initialRandomState(5), [0]);
  expect(sample).toEqual([]);
  expect(next.data).toEqual(initialRandomState(5).data);
});

test.each([[[3, 3]], [[4, 3]], [[0, 2 ** 33]]])("randint of %j is refused", (parameters) => {
  expect(() => draw("randint", parameters, initialRandomState(0), [1])).toThrow(ArgumentError);
});

test("dtypes that a distribution does not give are refused", () => {
  const state = initialRandomState(0);
  expect(() => draw("normal", [0, 1], state, [1], "int32")).toThrow(DTypeError);
  expect(() => draw("randint", [0, 9], state, [1], "float32")).toThrow(DTypeError);
});

describe("logOfFloat", () => {
  test("is a neighbour of the logarithm, on both sides of all its parts", () => {
    for (let step = -2000; step <= 2000; step++) {
      const x = Math.fround(1.013 ** step);
      const exact = Math.log(x);
      const spacing = 2 ** (Math.floor(Math.log2(Math.abs(exact))) - 23);
      expect(Math.abs(logOfFloat(x) - exact)).toBeLessThan(0.82 * Math.max(spacing, 2 ** -149));
    }
    expect(logOfFloat(1)).toBe(0);
  });

  test("takes the neighbour that glibc 2.36 takes where it is not the nearest", () => {
    const rows = [
      [0.9446688890457153, -0.056920792907476425],
      [0.8207671046257019, -0.19751587510108948],
      [0.9854914546012878, -0.014614824205636978],
    ] as const;
    for (const [x, expected] of rows) {
      expect(logOfFloat(x)).toBe(expected);
      expect(Math.fround(Math.log(x))).not.toBe(expected);
    }
  });
});

describe("logOfDouble", () => {
  const bits = 300n;

  /** A double as a fraction of which the denominator is 2^bits; it has to be a multiple of 2^-bits. */
  function fixed(x: number): bigint {
    let [whole, shift] = [x, 0n];
    for (; !Number.isInteger(whole); shift++) whole *= 2;
    return BigInt(whole) << (bits - shift);
  }

  /** log x = 2 artanh((x - 1) / (x + 1)), in fixed point; small numbers are doubled until that converges. */
  function exact(x: number): bigint {
    if (x < 0.5) return exact(2 * x) - exact(2);
    const one = 1n << bits;
    const ratio = ((fixed(x) - one) << bits) / (fixed(x) + one);
    const square = (ratio * ratio) >> bits;
    let [power, sum] = [ratio, 0n];
    for (let n = 1n; power !== 0n; n += 2n) {
      sum += power / n;
      power = (power * square) / one;
    }
    return 2n * sum;
  }

  /** Difference from the logarithm in units in the last place. */
  function error(x: number): number {
    const value = logOfDouble(x);
    const spacing = 2 ** (Math.floor(Math.log2(Math.abs(value))) - 52);
    return Number(fixed(value) - exact(x)) / 2 ** Number(bits) / spacing;
  }

  test("is the nearest double, in all its parts, near 1 and far from it", () => {
    const arguments_ = [
      ...Array.from({ length: 260 }, (_, i) => 0.6875 * 1.00271 ** i),
      ...Array.from({ length: 40 }, (_, i) => 1 + (i % 2 ? -1 : 1) * 1.9 ** -i * 0.01),
      ...Array.from({ length: 20 }, (_, i) => 0.37 ** i),
    ].filter((x) => x !== 1);
    for (const x of arguments_) expect(Math.abs(error(x))).toBeLessThan(0.5002);
  });

  test("is exact where the logarithm is 0, and takes powers of 2", () => {
    expect(logOfDouble(1)).toBe(0);
    expect(logOfDouble(2)).toBe(Math.LN2);
    expect(logOfDouble(2 ** -100)).toBe(-100 * Math.LN2);
  });

  test("is the nearest double where the engine's own logarithm is not", () => {
    const rows = [
      [0.08876923864071395, -2.421715100702079],
      [0.31156262057066675, -1.1661549318389597],
      [0.38390384493005614, -0.9573631615786621],
    ] as const;
    for (const [x, expected] of rows) expect(logOfDouble(x)).toBe(expected);
  });
});
