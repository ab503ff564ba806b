import {
  ArgumentError,
  AttributeError,
  type DType,
  DTypeError,
  InPlaceError,
  ShapeError,
} from "@adjoint/graph";
import { autograd, NDArray, nd } from "../src/index.js";

/** Numbers of one element: weight, gradient and states before; weight and states after. */
type Step = (
  w: number,
  g: number,
  states: readonly number[],
) => readonly [number, readonly number[]];

interface Row {
  readonly update: (
    weight: NDArray,
    grad: NDArray,
    states: readonly NDArray[],
    out: NDArray | null,
  ) => NDArray;
  readonly step: Step;
  readonly states: number;
}

const clip = (x: number, size: number) => Math.max(-size, Math.min(size, x));
const state = (states: readonly NDArray[], at: number): NDArray => {
  const found = states[at];
  if (found === undefined) throw new Error(`no state ${at}`);
  return found;
};
const common = { lr: 0.1, wd: 0.2, rescaleGrad: 0.5, clipGradient: 0.4 };
const { lr, wd } = common;
/** Cut, then decayed; and decayed, then cut. */
const decayed = (w: number, g: number) => clip(0.5 * g, 0.4) + wd * w;
const cut = (w: number, g: number) => clip(0.5 * g + wd * w, 0.4);

const rows: Readonly<Record<string, Row>> = {
  sgdUpdate: {
    states: 0,
    update: (w, g, _, out) => nd.sgdUpdate(w, g, { ...common, out }),
    step: (w, g) => [w - lr * decayed(w, g), []],
  },
  sgdMomUpdate: {
    states: 1,
    update: (w, g, s, out) => nd.sgdMomUpdate(w, g, state(s, 0), { ...common, momentum: 0.7, out }),
    step(w, g, [mom = 0]) {
      const next = 0.7 * mom - lr * decayed(w, g);
      return [w + next, [next]];
    },
  },
  nagMomUpdate: {
    states: 1,
    update: (w, g, s, out) => nd.nagMomUpdate(w, g, state(s, 0), { ...common, momentum: 0.7, out }),
    step(w, g, [mom = 0]) {
      const next = 0.7 * mom - lr * decayed(w, g);
      return [w + 0.7 * next - lr * decayed(w, g), [next]];
    },
  },
  signsgdUpdate: {
    states: 0,
    update: (w, g, _, out) => nd.signsgdUpdate(w, g, { lr, wd, out }),
    step: (w, g) => [(1 - lr * wd) * w - lr * Math.sign(g), []],
  },
  signumUpdate: {
    states: 1,
    update: (w, g, s, out) =>
      nd.signumUpdate(w, g, state(s, 0), { ...common, momentum: 0.7, wdLh: 0.3, out }),
    step(w, g, [mom = 0]) {
      const next = 0.7 * mom - 0.3 * decayed(w, g);
      return [(1 - lr * 0.3) * w + lr * Math.sign(next), [next]];
    },
  },
  adamUpdate: {
    states: 2,
    update: (w, g, s, out) =>
      nd.adamUpdate(w, g, state(s, 0), state(s, 1), { ...common, beta1: 0.8, beta2: 0.9, out }),
    step(w, g, [mean = 0, variance = 0]) {
      const d = cut(w, g);
      const [m, v] = [0.8 * mean + 0.2 * d, 0.9 * variance + 0.1 * d * d];
      return [w - (lr * m) / (Math.sqrt(v) + 1e-8), [m, v]];
    },
  },
  adamwUpdate: {
    states: 2,
    update(w, g, s, out) {
      const { rescaleGrad, ...rest } = common;
      const options = { ...rest, eta: 0.6, out };
      return nd.contrib.adamwUpdate(w, g, state(s, 0), state(s, 1), rescaleGrad, options);
    },
    step(w, g, [mean = 0, variance = 0]) {
      const d = clip(0.5 * g, 0.4);
      const [m, v] = [0.9 * mean + 0.1 * d, 0.999 * variance + 0.001 * d * d];
      return [w - 0.6 * ((lr * m) / (Math.sqrt(v) + 1e-8) + wd * w), [m, v]];
    },
  },
  ftmlUpdate: {
    states: 3,
    update(w, g, s, out) {
      const { clipGradient: clipGrad, ...rest } = common;
      const options = { ...rest, clipGrad, t: 2, out };
      return nd.ftmlUpdate(w, g, state(s, 0), state(s, 1), state(s, 2), options);
    },
    step(w, g, [d = 0, v = 0, z = 0]) {
      const slope = cut(w, g);
      const square = 0.999 * v + 0.001 * slope * slope;
      const scale = ((1 - 0.6 ** 2) / lr) * (Math.sqrt(square / (1 - 0.999 ** 2)) + 1e-8);
      const leader = 0.6 * z + 0.4 * slope - (scale - 0.6 * d) * w;
      return [-leader / scale, [scale, square, leader]];
    },
  },
  rmspropUpdate: {
    states: 1,
    update: (w, g, s, out) =>
      nd.rmspropUpdate(w, g, state(s, 0), { ...common, clipWeights: 0.9, out }),
    step(w, g, [n = 0]) {
      const d = cut(w, g);
      const square = 0.95 * n + 0.05 * d * d;
      return [clip(w - (lr * d) / Math.sqrt(square + 1e-8), 0.9), [square]];
    },
  },
  rmspropalexUpdate: {
    states: 3,
    update(w, g, s, out) {
      const options = { ...common, gamma1: 0.5, gamma2: 0.8, out };
      return nd.rmspropalexUpdate(w, g, state(s, 0), state(s, 1), state(s, 2), options);
    },
    step(w, g, [n = 0, m = 0, delta = 0]) {
      const d = cut(w, g);
      const [square, mean] = [0.5 * n + 0.5 * d * d, 0.5 * m + 0.5 * d];
      const next = 0.8 * delta - (lr * d) / Math.sqrt(square - mean * mean + 1e-8);
      return [w + next, [square, mean, next]];
    },
  },
  ftrlUpdate: {
    states: 2,
    update: (w, g, s, out) =>
      nd.ftrlUpdate(w, g, state(s, 0), state(s, 1), { ...common, lamda1: 0.3, beta: 0.5, out }),
    step(w, g, [z = 0, n = 0]) {
      const d = clip(0.5 * g, 0.4);
      const sum = n + d * d;
      const next = z + d - ((Math.sqrt(sum) - Math.sqrt(n)) / lr) * w;
      const moved = (Math.sign(next) * 0.3 - next) / ((0.5 + Math.sqrt(sum)) / lr + wd);
      return [Math.abs(next) > 0.3 ? moved : 0, [next, sum]];
    },
  },
  lambUpdatePhase1: {
    states: 2,
    update(w, g, s, out) {
      const { lr: _, ...rest } = common;
      return nd.lambUpdatePhase1(w, g, state(s, 0), state(s, 1), { ...rest, t: 3, out });
    },
    step(w, g, [mean = 0, variance = 0]) {
      const d = clip(0.5 * g, 0.4);
      const [m, v] = [0.9 * mean + 0.1 * d, 0.999 * variance + 0.001 * d * d];
      const unbiased = Math.sqrt(v / (1 - 0.999 ** 3)) + 1e-6;
      return [m / (1 - 0.9 ** 3) / unbiased + wd * w, [m, v]];
    },
  },
};

const weights = [1, -2, 0.3, 0];
const grads = [0.5, -0.3, 2, 0];
/** Differences of squares and means stay above 0. */
const initial = [
  [0.9, 0.8, 1.2, 0.7],
  [0.1, -0.2, 0.3, 0.4],
  [0.2, 0.1, -0.1, 0.3],
];
const positive = initial.map((list) => list.map(Math.abs));

function expected(step: Step, states: readonly (readonly number[])[]) {
  return weights.map((w, at) =>
    step(
      w,
      grads[at] ?? 0,
      states.map((list) => list[at] ?? 0),
    ),
  );
}

const near = (digits: number) => (value: number) => expect.closeTo(value, digits);

describe.each(Object.entries(rows))("%s", (_, { update, step, states: count }) => {
  const make = (data: readonly number[], dtype: DType) => nd.array([...data], { dtype });

  test.each([
    ["float32", 5],
    ["float64", 12],
  ] as const)("follows its formula in %s, writing states and out", (dtype, digits) => {
    const numbers = positive.slice(0, count);
    const states = numbers.map((list) => make(list, dtype));
    const [weight, grad] = [make(weights, dtype), make(grads, dtype)];
    const results = expected(step, numbers);
    const returned = update(weight, grad, states, weight);
    expect(returned).toBe(weight);
    expect(weight.toFlat()).toEqual(results.map(([w]) => w).map(near(digits)));
    states.forEach((one, at) => {
      expect(one.toFlat()).toEqual(results.map(([, s]) => s[at] ?? 0).map(near(digits)));
    });
    expect(grad.toFlat()).toEqual(make(grads, dtype).toFlat());
  });

  test("without out gives a new array and leaves the weights", () => {
    const states = positive.slice(0, count).map((list) => make(list, "float64"));
    const weight = make(weights, "float64");
    const result = update(weight, make(grads, "float64"), states, null);
    expect(weight.toFlat()).toEqual(weights);
    const [[first] = [0]] = expected(step, positive.slice(0, count));
    expect(result.toFlat()[0]).toBeCloseTo(first, 12);
  });

  test("is not recorded, and refuses to write to a variable while recording", () => {
    const states = positive.slice(0, count).map((list) => make(list, "float32"));
    const weight = make(weights, "float32").attachGrad();
    const before = states.map((one) => one.toFlat());
    autograd.record(() => {
      const grad = make(grads, "float32");
      expect(() => update(weight, grad, states, weight)).toThrow(InPlaceError);
      expect(update(weight, grad, [...states.map((one) => one.add(0))], null).tracked).toBe(false);
    });
    expect(weight.toFlat()).toEqual(make(weights, "float32").toFlat());
    expect(states.map((one) => one.toFlat())).toEqual(before);
  });

  test("refuses other shapes, dtypes and kinds before anything changed", () => {
    const states = positive.slice(0, count).map((list) => make(list, "float32"));
    const before = states.map((one) => one.toFlat());
    const weight = make(weights, "float32");
    expect(() => update(weight, make([1, 2], "float32"), states, null)).toThrow(ShapeError);
    expect(() => update(weight, make(grads, "float64"), states, null)).toThrow(DTypeError);
    expect(() => update(weight, weight, states, make([1], "float32"))).toThrow(ShapeError);
    const integers = make(weights, "int32");
    expect(() => update(integers, integers, states, null)).toThrow(DTypeError);
    const number: unknown = 3;
    expect(() => Reflect.apply(update, undefined, [weight, number, states, null])).toThrow(
      ArgumentError,
    );
    expect(states.map((one) => one.toFlat())).toEqual(before);
  });
});

describe("options", () => {
  const [weight, grad] = [nd.array([1]), nd.array([2])];

  test("the learning rate must be given, and be a number", () => {
    const sgd = (options: unknown) => () =>
      Reflect.apply(nd.sgdUpdate, undefined, [weight, grad, options]);
    expect(sgd({})).toThrow("sgdUpdate: lr is missing");
    expect(sgd(undefined)).toThrow("sgdUpdate: lr is missing");
    expect(sgd({ lr: "0.1" })).toThrow("lr is not valid");
    expect(() => nd.sgdUpdate(weight, grad, { lr: Number.NaN })).toThrow(AttributeError);
    const states = [nd.zeros(1), nd.zeros(1)] as const;
    const lamb = [weight, grad, ...states, { wd: 0 }];
    expect(() => Reflect.apply(nd.lambUpdatePhase1, undefined, lamb)).toThrow("t is missing");
  });

  test("unknown ones are refused", () => {
    const unknown = { lr: 1, rate: 2 };
    expect(() => nd.sgdUpdate(weight, grad, unknown)).toThrow("unknown option: rate");
  });

  test("a size of 0 cuts all gradients to 0, a negative one none", () => {
    expect(nd.sgdUpdate(weight, grad, { lr: 1, clipGradient: 0 }).toFlat()).toEqual([1]);
    expect(nd.sgdUpdate(weight, grad, { lr: 1, clipGradient: -1 }).toFlat()).toEqual([-1]);
  });
});

describe("half precision through float32", () => {
  const half = { dtype: "float16" } as const;

  test("small steps add up in the copy, where half precision loses them", () => {
    const weight = nd.array([1], half);
    const weight32 = nd.array([1]);
    for (let step = 0; step < 10; step++) {
      nd.mpSgdUpdate(weight, nd.array([1], half), weight32, { lr: 1e-4, out: weight });
    }
    expect(weight32.toFlat()).toEqual([expect.closeTo(0.999, 6)]);
    expect(weight.toFlat()).toEqual([expect.closeTo(0.999, 3)]);
    expect(weight.toFlat()).not.toEqual([1]);
  });

  test.each([
    ["mpSgdMomUpdate", nd.mpSgdMomUpdate, nd.sgdMomUpdate],
    ["mpNagMomUpdate", nd.mpNagMomUpdate, nd.nagMomUpdate],
  ] as const)("%s does to the copy what the plain update does", (_, mixed, plain) => {
    const options = { lr: 0.1, momentum: 0.5, wd: 0.1 };
    const [copy, mom] = [nd.array([1, -2]), nd.array([0.3, 0.1])];
    const [other, otherMom] = [nd.array([1, -2]), nd.array([0.3, 0.1])];
    const result = mixed(copy.astype("float16"), nd.array([2, 0.5], half), mom, copy, options);
    plain(other, nd.array([2, 0.5]), otherMom, { ...options, out: other });
    expect([copy.toFlat(), mom.toFlat()]).toEqual([other.toFlat(), otherMom.toFlat()]);
    expect(result.toFlat()).toEqual(other.astype("float16").toFlat());
    expect(result.dtype).toBe("float16");
  });

  test("the copy must be float32", () => {
    const weight = nd.array([1], half);
    expect(() => nd.mpSgdUpdate(weight, weight, weight, { lr: 1 })).toThrow(DTypeError);
  });
});

describe("lambUpdatePhase2", () => {
  const step = (r1: number, r2: number, bounds: { lowerBound?: number; upperBound?: number }) =>
    nd
      .lambUpdatePhase2(nd.array([1]), nd.array([1]), nd.array([r1]), nd.array([r2]), {
        lr: 0.5,
        ...bounds,
      })
      .asScalar();

  test.each([
    [3, 2, {}, 0.75],
    [0, 2, {}, 0.5],
    [3, 0, {}, 0.5],
    [3, 2, { lowerBound: 4 }, 1],
    [3, 2, { upperBound: 1 }, 0.25],
    [0, 2, { lowerBound: 1 }, 0.25],
  ])("norms %d and %d with %j take %d times the direction", (r1, r2, bounds, expected) => {
    expect(step(r1, r2, bounds)).toBeCloseTo(1 - expected, 6);
  });

  test("refuses norms that are not one number", () => {
    const [one, two] = [nd.array([1]), nd.array([1, 2])];
    expect(() => nd.lambUpdatePhase2(one, one, two, one, { lr: 1 })).toThrow(ShapeError);
  });
});

test("mixed LAMB does to the copy what the plain one does to float32 weights", () => {
  const numbers = [1, -2, 0.5];
  const [copy, plain] = [nd.array(numbers), nd.array(numbers)];
  const [weight, grad] = [copy.astype("float16"), nd.array([0.5, 1, -1], { dtype: "float16" })];
  const states = () => [nd.zeros(3), nd.zeros(3)] as const;
  const options = { t: 1, wd: 0.1 };
  const mixed = nd.mpLambUpdatePhase1(weight, grad, ...states(), copy, options);
  const single = nd.lambUpdatePhase1(plain, grad.astype("float32"), ...states(), options);
  expect([mixed.dtype, mixed.toFlat()]).toEqual(["float32", single.toFlat()]);
  const norms = [nd.norm(plain), nd.norm(single)] as const;
  nd.mpLambUpdatePhase2(weight, mixed, ...norms, copy, { lr: 0.1, out: weight });
  nd.lambUpdatePhase2(plain, single, ...norms, { lr: 0.1, out: plain });
  expect(copy.toFlat()).toEqual(plain.toFlat());
  expect(weight.toFlat()).toEqual(plain.astype("float16").toFlat());
});

describe("multiLars", () => {
  const options = { eta: 0.3, eps: 0.1, rescaleGrad: 0.5 };
  const [lrs, wds] = [nd.array([0.1, 0.2, 0.3]), nd.array([0.4, 0.5, 0.6])];

  test("scales rates by norms, but where a norm is 0", () => {
    const result = nd.multiLars(lrs, nd.array([4, 0, 9]), nd.array([16, 1, 0]), wds, options);
    const first = (0.1 * 0.3 * 2) / (4 * 0.5 + 0.4 * 2 + 0.1);
    expect(result.toFlat()).toEqual([first, 0.2, 0.3].map((value) => expect.closeTo(value, 6)));
  });

  test("refuses sums that do not fit the rates", () => {
    expect(() => nd.multiLars(lrs, nd.ones(2), nd.ones(3), wds, options)).toThrow(ShapeError);
  });
});

describe("updates of several weights", () => {
  const half = { dtype: "float16" } as const;
  const shared = { rescaleGrad: 0.5, clipGradient: 0.4 };
  const lists = { lrs: [0.1, 0.2], wds: [0.3, 0.4] };

  test("equal those of each weight", () => {
    const make = () =>
      [nd.array([1, 2]), nd.array([[3]]), nd.array([0.5, 1]), nd.array([[2]])] as const;
    const [w1, w2, m1, m2] = make();
    const [g1, g2] = [nd.array([0.3, -2]), nd.array([[1]])];
    const options = (at: 0 | 1) => ({ ...shared, lr: lists.lrs[at] ?? 0, wd: lists.wds[at] ?? 0 });
    const plain = [nd.sgdUpdate(w1, g1, options(0)), nd.sgdUpdate(w2, g2, options(1))];
    const together = nd.multiSgdUpdate([w1, g1, w2, g2], { ...lists, ...shared });
    expect(together.map((one) => one.toFlat())).toEqual(plain.map((one) => one.toFlat()));
    const momentum = { ...lists, ...shared, momentum: 0.7 };
    const arrays = [w1, g1, m1, w2, g2, m2];
    const moved = nd.multiSgdMomUpdate(arrays, { ...momentum, out: [w1, w2] });
    const [v1, v2, n1, n2] = make();
    nd.sgdMomUpdate(v1, g1, n1, { ...options(0), momentum: 0.7, out: v1 });
    nd.sgdMomUpdate(v2, g2, n2, { ...options(1), momentum: 0.7, out: v2 });
    expect([moved[0] === w1, moved[1] === w2]).toEqual([true, true]);
    expect([w1, w2, m1, m2].map((one) => one.toFlat())).toEqual(
      [v1, v2, n1, n2].map((one) => one.toFlat()),
    );
  });

  test("in half precision write the float32 copies", () => {
    const [weight, copy, mom] = [nd.array([1], half), nd.array([1]), nd.array([0.5])];
    const one = { lrs: [0.25], wds: [0] };
    expect(nd.multiMpSgdUpdate([weight, weight, copy], one)[0]?.toFlat()).toEqual([0.75]);
    const options = { ...one, momentum: 0.5 };
    const [result] = nd.multiMpSgdMomUpdate([weight, weight, mom, copy], options);
    expect([result?.toFlat(), mom.toFlat(), copy.toFlat()]).toEqual([[0.75], [0], [0.75]]);
  });

  test("refuse what does not fit before anything changed", () => {
    const [w1, w2, g1, m1] = [nd.array([1]), nd.array([1, 2]), nd.array([3]), nd.array([4])];
    const plain = (arrays: readonly NDArray[], options: object) => () =>
      nd.multiSgdUpdate(arrays, { ...lists, ...options });
    expect(plain([], {})).toThrow(ArgumentError);
    expect(plain([w1, g1, w2], {})).toThrow("a list of 2 arrays per weight");
    expect(plain([w1, g1, w1, g1], { lrs: [1] })).toThrow("lrs do not fit the weights");
    expect(plain([w1, g1, w1, g1], { out: [w1] })).toThrow("out do not fit the weights");
    const mixed = [w1, g1, m1, w2, g1, m1];
    const act = () => nd.multiSgdMomUpdate(mixed, { ...lists, out: [w1, w2] });
    expect(act).toThrow(ShapeError);
    expect([w1, m1].map((one) => one.asScalar())).toEqual([1, 4]);
  });
});

test.each([0, Number.NaN, Number.POSITIVE_INFINITY])(
  "adamwUpdate changes nothing where the gradient is scaled by %d",
  (factor) => {
    const [mean, variance] = [nd.array([1]), nd.array([2])];
    const [weight, grad] = [nd.array([3]), nd.array([4])];
    const options = { lr: 1, eta: 1, out: weight };
    nd.contrib.adamwUpdate(weight, grad, mean, variance, nd.array([factor]), options);
    expect([weight, mean, variance].map((one) => one.asScalar())).toEqual([3, 1, 2]);
  },
);

describe("resetArrays", () => {
  test("sets all elements to 0, in arrays that share the memory too", () => {
    const [x, y] = [nd.ones([2, 2]), nd.array([3], { dtype: "int64" })];
    const row = x.at(0);
    nd.resetArrays(x, y);
    expect([x.toFlat(), row.toFlat(), y.toFlat()]).toEqual([[0, 0, 0, 0], [0, 0], [0]]);
  });

  test("refuses a variable while recording before anything changed, and what is no array", () => {
    const [x, y] = [nd.ones(2), nd.ones(2).attachGrad()];
    autograd.record(() => expect(() => nd.resetArrays(x, y)).toThrow(InPlaceError));
    expect(x.toFlat()).toEqual([1, 1]);
    const text: unknown = "x";
    expect(() => Reflect.apply(nd.resetArrays, undefined, [x, text])).toThrow(ArgumentError);
    expect(x.toFlat()).toEqual([1, 1]);
    expect(x).toBeInstanceOf(NDArray);
  });
});
