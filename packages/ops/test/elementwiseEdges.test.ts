import { gradient } from "@adjoint/autograd";
import {
  ArgumentError,
  AttributeError,
  type Attrs,
  nodesOf,
  type OpDef,
  ShapeError,
  type Value,
} from "@adjoint/graph";
import { arangeOp, eyeOp, iota } from "../src/elementwise/arange.js";
import { first, fronts } from "../src/index.js";
import {
  evaluate,
  expectDerivatives,
  float32,
  given,
  gradientsOf,
  near,
  type Program,
  record,
} from "./support.js";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe("where two answers are possible", () => {
  const kinks: readonly (readonly [string, Program, readonly number[], readonly number[]])[] = [
    ["abs: 0 at 0", fronts.abs, [-1, 0, 1], [-1, 0, 1]],
    ["sign: 0", fronts.sign, [-1, 0, nan], [0, 0, 0]],
    ["relu: 0 at 0, NaN at NaN", fronts.relu, [-1, 0, 1, nan], [0, 0, 1, nan]],
    ["hardSigmoid: 0 at its corners", (x) => fronts.hardSigmoid(x), [-2.5, 2.5, nan], [0, 0, 0]],
    ["sqrt: infinite at 0", fronts.sqrt, [0, 4], [inf, 0.25]],
    ["rsqrt: minus infinite at 0", fronts.rsqrt, [0, 4], [-inf, -0.0625]],
    ["log: by its formula below 0", fronts.log, [-1, 0], [-1, inf]],
    ["arccosh: by its formula below 1", fronts.arccosh, [1, -1], [inf, inf]],
    [
      "clip: 1 at both bounds and at NaN",
      (x) => fronts.clip(x, { aMin: -1, aMax: 1 }),
      [-2, -1, 0, 1, 2, nan],
      [0, 1, 1, 1, 0, 1],
    ],
    ["softsign: exact far out", fronts.softsign, [-1e6, 1e6], [(1e6 + 1) ** -2, (1e6 + 1) ** -2]],
    ["expm1: exact far below 0", fronts.expm1, [-30], [Math.exp(-30)]],
    ["power 2: 0 at 0", (x) => fronts.power(x, 2), [0, 3], [0, 6]],
    ["power 0: 0 everywhere", (x) => fronts.power(x, 0), [0, 3], [0, 0]],
    ["power 0.5: infinite at 0", (x) => fronts.power(x, 0.5), [0, 4], [inf, 0.25]],
    ["maximum with a number: the array", (x) => fronts.maximum(x, 1), [0, 1, 2], [0, 1, 1]],
    ["a number first: still the array", (x) => fronts.minimum(1, x), [0, 1, 2], [1, 1, 0]],
    ["mod by 0", (x) => fronts.modulo(x, 0), [5, -5], [1, 1]],
  ];

  test.each(kinks)("%s", (_, program, points, want) => {
    const [have] = gradientsOf(program, [given(points)]);
    expect(have?.map((x) => Number(x.toPrecision(12)) + 0)).toEqual(
      want.map((x) => Number(x.toPrecision(12)) + 0),
    );
  });

  test("a tie gives all to the first argument, NaN nothing to either", () => {
    const a = float32([1, 3, 2, nan]);
    const b = float32([1, 2, 3, 0]);
    expect(gradientsOf(fronts.maximum, [a, b])).toEqual([
      [1, 1, 0, 0],
      [0, 0, 1, 0],
    ]);
    expect(gradientsOf(fronts.minimum, [a, b])).toEqual([
      [1, 0, 1, 0],
      [0, 1, 0, 0],
    ]);
  });

  test("maximum and relu keep NaN; an infinite head stays out of dead cells", () => {
    expect(evaluate(fronts.maximum, float32([nan, 1]), float32([1, nan])).data).toEqual([nan, nan]);
    expect(evaluate(fronts.relu, float32([nan, -1])).data).toEqual([nan, 0]);
    expect(gradientsOf(fronts.relu, [float32([-1, 1])], [[inf, inf]])).toEqual([[0, inf]]);
  });

  test("hypot neither overflows nor hides the origin", () => {
    const [a, b] = [float32([3e30, 0]), float32([4e30, 0])];
    expect(evaluate(fronts.hypot, a, b).data).toEqual([Math.fround(5e30), 0]);
    expect(gradientsOf(fronts.hypot, [a, b])[0]).toEqual([near(0.6, 6), nan]);
  });
});

describe("dtypes", () => {
  test("a number takes the array's dtype before the operation", () => {
    const x = given([7, -7], [2], "int32");
    expect(evaluate((v) => fronts.multiply(v, 0.5), x)).toEqual(given([0, 0], [2], "int32"));
    expect(evaluate((v) => fronts.add(v, 1.5), x)).toEqual(given([8, -6], [2], "int32"));
    expect(evaluate((v) => fronts.divide(v, 2), x)).toEqual(given([3, -3], [2], "int32"));
    expect(evaluate((v) => fronts.subtract(1, v), x)).toEqual(given([-6, 8], [2], "int32"));
  });

  test("functions of integers are computed in floating point and truncated", () => {
    expect(evaluate(fronts.sqrt, given([8], [1], "int32"))).toEqual(given([2], [1], "int32"));
    expect(evaluate(fronts.square, given([200], [1], "uint8"))).toEqual(given([64], [1], "uint8"));
  });

  test("cast truncates and wraps; bool asks for nonzero", () => {
    const x = float32([-1.7, 300, nan]);
    expect(evaluate((v) => fronts.cast(v, { dtype: "uint8" }), x).data.slice(0, 2)).toEqual([
      255, 44,
    ]);
    expect(evaluate((v) => fronts.cast(v, { dtype: "bool" }), x).data).toEqual([1, 1, 1]);
  });

  test("the gradient passes through integers unchanged and returns in the argument's dtype", () => {
    const squared: Program = (x) => {
      const whole = fronts.cast(x, { dtype: "int32" });
      return fronts.cast(fronts.multiply(whole, whole), { dtype: "float32" });
    };
    expect(gradientsOf(squared, [float32([3.6])])).toEqual([[6]]);
    const widened: Program = (x) => fronts.cast(x, { dtype: "float64" });
    expect(gradientsOf(widened, [float32([1])], [[0.5]])).toEqual([[0.5]]);
  });

  test("an unknown dtype is refused", () => {
    // @ts-expect-error not a dtype
    expect(() => evaluate((x) => fronts.cast(x, { dtype: "int16" }), float32([1]))).toThrow(
      AttributeError,
    );
  });
});

describe("where", () => {
  const a = float32([1, 2, 3, 4], [2, 2]);
  const b = float32([5, 6, 7, 8], [2, 2]);

  test("a condition of one axis chooses rows", () => {
    expect(evaluate(fronts.where, given([0, 1], [2], "int32"), a, b).data).toEqual([5, 6, 3, 4]);
  });

  test("nonzero is true: NaN, too, but not -0", () => {
    const condition = float32([0.5, nan, -0, 0]);
    const [x, y] = [float32([1, 1, 1, 1]), float32([2, 2, 2, 2])];
    expect(evaluate(fronts.where, condition, x, y).data).toEqual([1, 1, 2, 2]);
  });

  test("gradient goes to the branch taken, summed over broadcast axes", () => {
    const condition = float32([1, 0, 1, 0], [2, 2]);
    const one = float32([9], [1, 1]);
    expect(gradientsOf(fronts.where, [condition, a, one], [[1, 2, 3, 4]])).toEqual([
      [0, 0, 0, 0],
      [1, 0, 3, 0],
      [6],
    ]);
  });

  test("it does not shield from an infinite derivative", () => {
    const guarded: Program = (x) => fronts.where(fronts.greater(x, 0), fronts.sqrt(x), x);
    expect(gradientsOf(guarded, [float32([0, 4])])).toEqual([[nan, 0.25]]);
  });
});

describe("gradients that are not the derivative", () => {
  test("stopGradient and BlockGrad are 0", () => {
    const blocked: Program = (x) => fronts.multiply(fronts.stopGradient(x), x);
    expect(gradientsOf(blocked, [float32([3])])).toEqual([[3]]);
    expect(fronts.BlockGrad).toBe(fronts.stopGradient);
  });

  test("makeLoss ignores the head gradient", () => {
    const loss: Program = (x) => fronts.makeLoss(x, { gradScale: 0.5 });
    expect(gradientsOf(loss, [float32([3, 4])], [[50, 60]])).toEqual([[0.5, 0.5]]);
  });

  test("makeLoss divides by all axes but the last with batch, by elements above the threshold with valid", () => {
    const batch: Program = (x) => fronts.makeLoss(x, { normalization: "batch" });
    expect(gradientsOf(batch, [float32([3, 4])], [[50, 60]])).toEqual([[1, 1]]);
    const stacked: Program = (x) => batch(fronts.reshape(x, [2, 2, 1]));
    expect(gradientsOf(stacked, [float32([1, 2, 3, 4])])).toEqual([[0.25, 0.25, 0.25, 0.25]]);
    const valid: Program = (x) =>
      fronts.makeLoss(x, { normalization: "valid", validThresh: 1, gradScale: 3 });
    expect(gradientsOf(valid, [float32([1, 2, 3])])).toEqual([[1.5, 1.5, 1.5]]);
    expect(gradientsOf(valid, [float32([0, 0])])).toEqual([[3, 3]]);
  });

  test("zerosLike and onesLike depend on nothing", () => {
    const both: Program = (x) => fronts.add(fronts.zerosLike(x), fronts.onesLike(x));
    expect(evaluate(both, float32([nan, 3])).data).toEqual([1, 1]);
    expect(gradientsOf(both, [float32([nan, 3])])).toEqual([[0, 0]]);
  });
});

test("a power with a constant exponent computes no logarithm", () => {
  const graph = record((x) => fronts.power(x, 3), [float32([2])]);
  const { backward } = gradient(graph, { wrt: ["x0"] });
  const wanted = new Set(backward.outputs.map(({ ref }) => ref.node));
  const nodes = nodesOf(backward).reverse();
  for (const { id, inputs } of nodes) {
    if (wanted.has(id)) for (const { node } of inputs) wanted.add(node);
  }
  const used = nodes.filter(({ id }) => wanted.has(id)).map(({ op }) => op);
  expect(used.sort()).toEqual(["full", "full", "mul", "mul", "pow", "sub"]);
});

describe("layers", () => {
  const x = given([-2, 0, 1, nan]);

  test.each([
    ["relu", [0, 0, 1, 0], [0, 0, 1, 0]],
    ["sigmoid", [0.11920292202211755, 0.5, 0.7310585786300049, nan], undefined],
    ["softrelu", [0.1269280110429725, Math.LN2, 1.3132616875182228, nan], undefined],
    ["softsign", [-2 / 3, 0, 0.5, nan], [1 / 9, 1, 0.25, nan]],
    ["tanh", [Math.tanh(-2), 0, Math.tanh(1), nan], undefined],
  ] as const)("Activation %s", (actType, values, slopes) => {
    const layer: Program = (v) => fronts.Activation(v, { actType });
    expect(evaluate(layer, x).data).toEqual(values.map((value) => near(value, 13)));
    const derivative = slopes ?? central(layer);
    expect(gradientsOf(layer, [x])[0]).toEqual(derivative.map((slope) => near(slope, 8)));
  });

  function central(layer: Program): number[] {
    const at = (shift: number) => evaluate(layer, given(x.data.map((v) => v + shift))).data;
    const below = at(-1e-5);
    return at(1e-5).map((above, index) => (above - (below[index] ?? 0)) / 2e-5);
  }

  test.each(["relu", "sigmoid", "softrelu", "softsign", "tanh"] as const)(
    "Activation %s: derivatives to third order",
    (actType) => {
      const points = given([-2.1, -0.3, 0.4, 1.8]);
      expectDerivatives((v) => fronts.Activation(v, { actType }), [points], { order: 3 });
    },
  );

  test.each(["leaky", "rrelu", "elu", "selu", "gelu"] as const)(
    "LeakyReLU %s: derivatives to third order",
    (actType) => {
      const points = given([-2.1, -0.3, 0.4, 1.8]);
      expectDerivatives((v) => fronts.LeakyReLU(v, { actType }), [points], { order: 3 });
    },
  );

  test("softrelu neither overflows nor loses small values", () => {
    const soft: Program = (v) => fronts.Activation(v, { actType: "softrelu" });
    expect(evaluate(soft, float32([1000, -100])).data).toEqual([1000, Math.fround(Math.exp(-100))]);
    expect(gradientsOf(soft, [float32([1000, -50])])[0]).toEqual([1, Math.fround(Math.exp(-50))]);
  });

  test.each([
    ["leaky", { slope: 0.1 }, [-0.2, 0, 1], [0.1, 0.1, 1]],
    ["rrelu", {}, [-0.459, 0, 1], [0.2295, 0.2295, 1]],
    ["elu", { slope: 0.5 }, [-0.43233235838169365, 0, 1], [0.06766764161830635, 0.5, 1]],
    ["selu", {}, [-1.520166468595695, 0, seluLambda()], [0.23793287, 1.75809934, seluLambda()]],
    ["gelu", {}, [-0.04550026389635842, 0, 0.8413447460685429], [-0.0852318, 0.5, 1.08331547]],
  ] as const)("LeakyReLU %s", (actType, options, values, slopes) => {
    const layer: Program = (v) => fronts.LeakyReLU(v, { actType, ...options });
    const points = given([-2, 0, 1]);
    expect(evaluate(layer, points).data).toEqual(values.map((v) => near(v, 12)));
    expect(gradientsOf(layer, [points])[0]).toEqual(slopes.map((v) => near(v, 7)));
  });

  function seluLambda(): number {
    return 1.0507009873554805;
  }

  test("prelu lays gamma along axis 1, and gives it the sum below 0", () => {
    const data = float32([-1, -2, 3, 4, 5, -6], [1, 2, 3]);
    const layer: Program = (v, gamma) => {
      if (gamma === undefined) throw new Error("no gamma");
      return fronts.LeakyReLU(v, gamma, { actType: "prelu" });
    };
    const gamma = float32([0.5, 0.25]);
    expect(evaluate(layer, data, gamma).data).toEqual([-0.5, -1, 3, 4, 5, -1.5]);
    expect(gradientsOf(layer, [data, gamma])).toEqual([
      [0.5, 0.5, 1, 1, 1, 0.25],
      [-3, -6],
    ]);
    expect(gradientsOf(layer, [data, float32([0.5])])[1]).toEqual([-9]);
    expect(() => evaluate(layer, data, float32([1, 2, 3]))).toThrow(ShapeError);
  });
});

describe("refusals name what was received", () => {
  const x = float32([1, 2]);
  const refusals: readonly (readonly [string, Program, string])[] = [
    [
      "unknown activation",
      // @ts-expect-error not an activation
      (v) => fronts.Activation(v, { actType: "foo" }),
      'Activation: actType is not valid: "foo" (allowed: relu, sigmoid, softrelu, softsign, tanh)',
    ],
    [
      "bounds in the wrong order",
      (v) => fronts.clip(v, { aMin: 2, aMax: 1 }),
      "clip: bounds are not valid: aMin 2 (number), aMax 1 (number)",
    ],
    [
      "unknown option",
      // @ts-expect-error not an option
      (v) => fronts.hardSigmoid(v, { alhpa: 1 }),
      "hardSigmoid: unknown option: alhpa (allowed: alpha",
    ],
    [
      "prelu without gamma",
      (v) => fronts.LeakyReLU(v, { actType: "prelu" }),
      "LeakyReLU: wrong number of arguments: 1 with actType prelu",
    ],
    [
      "polygamma of negative order",
      (v) => fronts.polygamma(-1, v),
      "polygamma: n is not valid: -1",
    ],
    [
      "a branch that is no array",
      // @ts-expect-error not an array
      (v) => fronts.where(v, "3", 1),
      "where: argument 2 is not an array: 3 (string)",
    ],
    [
      "not an array",
      // @ts-expect-error not an array
      (v) => fronts.add(v, "3"),
      "add: arguments are not arrays or numbers",
    ],
  ];

  test.each(refusals)("%s", (_, program, message) => {
    expect(() => evaluate(program, x)).toThrow(message);
  });

  test("two numbers are not enough for where", () => {
    expect(() => evaluate((v) => fronts.where(v, 1, 2), x)).toThrow(ArgumentError);
  });
});

test("arange repeats values and steps in its dtype; eye shifts its diagonal up", () => {
  const steps = { start: 0, step: 0.3, length: 8, repeat: 2, dtype: "float32" } as const;
  const third = Math.fround(0.3);
  const want = [0, third, 2 * third, Math.fround(3 * third)].flatMap((value) => [value, value]);
  expect(evaluate((x) => create(x, arangeOp, steps), float32([0])).data).toEqual(want);
  const shifted = { rows: 2, columns: 3, k: 1, dtype: "int32" } as const;
  const eye = evaluate((x) => create(x, eyeOp, shifted), float32([0]));
  expect(eye).toEqual(given([0, 1, 0, 0, 0, 1], [2, 3], "int32"));
  expect(evaluate((x) => iota(x, 3), given([0], [1], "int32"))).toEqual(
    given([0, 1, 2], [3], "int32"),
  );
});

function create(like: Value, op: OpDef, attrs: Attrs): Value {
  return first(op.name, like.emitter.emit(op, [], attrs));
}
