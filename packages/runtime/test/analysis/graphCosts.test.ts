import { type Kernel, scalar, type TensorType } from "@adjoint/graph";
import { fronts as op, registry } from "@adjoint/ops";
import { graphCosts, kernelCost } from "../../src/index.js";
import { float, gradientOf, graphOf, pair } from "./samples.js";

const sum = scalar.binary("add", scalar.arg(0, "float32"), scalar.arg(0, "float32"));
const geometry = {
  kernel: [3, 3],
  stride: [1, 1],
  dilate: [1, 1],
  padLow: [1, 1],
  padHigh: [1, 1],
} as const;
const image = float(2, 4, 8, 8);
const weight = float(6, 4, 3, 3);
const out = float(2, 6, 8, 8);
const convolution = 2 * (2 * 6 * 8 * 8) * 4 * 9;

/** Kernel, arguments, results, operations. */
const kernels: readonly (readonly [string, Kernel, TensorType[], TensorType[], number])[] = [
  [
    "an expression that is used twice, once per element",
    { kind: "map", expr: scalar.binary("mul", sum, sum) },
    [float(5)],
    [float(5)],
    10,
  ],
  [
    "a cast as no arithmetic",
    { kind: "map", expr: scalar.cast(scalar.arg(0, "float32"), "float64") },
    [float(5)],
    [{ dtype: "float64", shape: [5] }],
    0,
  ],
  ["a sum by its elements", { kind: "reduce", monoid: "sum", axes: [0] }, [float(6)], [float()], 6],
  [
    "a product of matrices as 2mnk",
    { kind: "contract", batch: 3, m: 2, n: 4, k: 5, transposeA: false, transposeB: false },
    [float(3, 2, 5), float(3, 5, 4)],
    [float(3, 2, 4)],
    240,
  ],
  [
    "a convolution",
    { kind: "window", form: "convolve", geometry, groups: 1 },
    [image, weight],
    [out],
    convolution,
  ],
  [
    "its adjoint in data like itself",
    { kind: "window", form: "convolveData", geometry, groups: 1 },
    [out, weight],
    [image],
    convolution,
  ],
  [
    "its adjoint in weights like itself",
    { kind: "window", form: "convolveWeight", geometry, groups: 1 },
    [image, out],
    [weight],
    convolution,
  ],
  ["a view as nothing", { kind: "view", offset: 0, strides: [1] }, [float(4)], [float(4)], 0],
  [
    "a scatter by what it adds",
    { kind: "index", form: "takeAdjoint", axis: 0, mode: "clip" },
    [float(7, 2), float(7)],
    [float(3, 2)],
    14,
  ],
  [
    "a factorisation by its leading term",
    { kind: "linalg", form: "potrf" },
    [float(2, 6, 6)],
    [float(2, 6, 6)],
    144,
  ],
];

describe("kernelCost", () => {
  test.each(kernels)("counts %s", (_, kernel, ins, outs, flops) => {
    expect(kernelCost(kernel, { ins, outs }, () => ({ flops: 0, bytes: 0 })).flops).toBe(flops);
  });

  test("counts bytes of arguments and results; a view reads what it shows", () => {
    const none = () => ({ flops: 0, bytes: 0 });
    const narrow = { ins: [float(100)], outs: [float(4)] };
    expect(kernelCost({ kind: "view", offset: 0, strides: [1] }, narrow, none).bytes).toBe(32);
    expect(kernelCost({ kind: "reduce", monoid: "sum", axes: [0] }, narrow, none).bytes).toBe(416);
  });

  test("counts a loop at its greatest length, a branch as the dearer one", () => {
    const [small, large] = [
      graphOf("small", { x: float(2) }, ([x = fail()]) => op.exp(x)),
      graphOf("large", { x: float(2) }, ([x = fail()]) => op.exp(op.exp(x))),
    ];
    const costOf = (body: unknown) => ({ flops: body === large ? 4 : 2, bytes: 1 });
    const types = { ins: [float(2)], outs: [float(2)] };
    const layout = { states: 1, slices: 0, stacked: 0, history: false };
    expect(
      kernelCost({ kind: "call", form: "cond", whenTrue: small, whenFalse: large }, types, costOf),
    ).toEqual({ flops: 4, bytes: 1 });
    expect(
      kernelCost(
        { kind: "call", form: "while", condition: small, body: large, layout, length: 10 },
        types,
        costOf,
      ),
    ).toEqual({ flops: 60, bytes: 20 });
  });
});

describe("graphCosts", () => {
  const program = graphOf("program", { x: float(4, 3), w: float(3, 2) }, (ins) => {
    const [x, w] = pair(ins);
    return op.tanh(op.dot(x, w));
  });

  test("gives each node its operations, traffic and memory, and sums", () => {
    const costs = graphCosts(program, registry);
    expect(costs.nodes).toEqual([
      { node: 2, flops: 48, bytes: 4 * (12 + 6 + 8), live: 32, saved: 0 },
      { node: 3, flops: 8, bytes: 64, live: 64, saved: 0 },
    ]);
    expect(costs).toMatchObject({ flops: 56, bytes: 168, peak: 64, saved: 0 });
  });

  test("counts what is saved for the gradient, arguments included", () => {
    const { forward } = gradientOf(program);
    const costs = graphCosts(forward, registry);
    expect(costs.nodes.map(({ saved }) => saved)).toEqual([0, 32]);
    expect(costs.saved).toBe(32 + 48 + 24);
  });

  test("counts a composite as what it expands to", () => {
    const softmax = graphOf("softmax", { x: float(2, 5) }, ([x = fail()]) => op.softmax(x));
    const [cost] = graphCosts(softmax, registry).nodes;
    expect(softmax.order).toHaveLength(1);
    expect(cost?.flops).toBeGreaterThan(3 * 10);
  });
});

function fail(): never {
  throw new Error("no value");
}
