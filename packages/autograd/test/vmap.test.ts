import {
  ArgumentError,
  BoundsError,
  Builder,
  type Graph,
  type Shape,
  toText,
  verify,
} from "@adjoint/graph";
import { add, callOp, fronts, mul, registry, uniformSample } from "@adjoint/ops";
import { vjp, vmap } from "../src/index.js";
import { mappedByLoop } from "./mapping.js";
import {
  anyInputs,
  close,
  f32,
  f64,
  opsOf,
  program,
  run,
  runNamed,
  scattered,
  typed,
} from "./support.js";

const layer = program("layer", { x: f64(3), w: f64(3, 2), b: f64(2) }, ({ x, w, b }) => ({
  y: fronts.tanh(add(fronts.dot(x, w), b)),
}));

test("shared weights: examples become rows of one product", () => {
  const mapped = vmap(layer, { size: 5, inAxes: { w: null, b: null } });
  expect(toText(mapped)).toMatchInlineSnapshot(`
"graph layer.vmap(%x: float64[5,3], %w: float64[3,2], %b: float64[2]) -> (y: %9) {
  %5 = dot(%x, %w) : float64[5,2]
  %8 = add(%5, %b) : float64[5,2]
  %9 = tanh(%8) : float64[5,2]
}"
`);
});

test("weights of each example: batched products", () => {
  const mapped = vmap(layer, { size: 5 });
  expect(opsOf(mapped)).toContain("batchDot");
});

const subsets: readonly (readonly string[])[] = [
  ["x"],
  ["w"],
  ["b"],
  ["x", "w"],
  ["x", "b"],
  ["w", "b"],
  ["x", "w", "b"],
];

test.each(subsets.map((names) => [names.join(), names] as const))(
  "mapped over %s it equals a loop",
  (_, names) => {
    const { have, want } = mappedByLoop(layer, names, 4);
    expect(have).toEqual(want.map((values) => close(values, 12)));
  },
);

test.each(subsets.map((names) => [names.join(), names] as const))(
  "gradients of each example, mapped over %s, equal a loop",
  (_, names) => {
    const { have, want } = mappedByLoop(vjp(layer), [...names, "head.y"], 4);
    expect(have).toEqual(want.map((values) => close(values, 12)));
  },
);

test("the gradient of a mapped graph is the mapped gradient", () => {
  const size = 3;
  const inAxes = { w: null, b: null };
  const inner = vmap(vjp(layer), { size, inAxes });
  const outer = vjp(vmap(layer, { size, inAxes }));
  const given = anyInputs(inner);
  expect(runNamed(outer, given)["grad.x"]).toEqual(
    close(runNamed(inner, given)["grad.x"] ?? [], 12),
  );
});

test("mapped twice", () => {
  const inner = vmap(layer, { size: 2, inAxes: { w: null, b: null } });
  const { have, want } = mappedByLoop(inner, ["x", "w"], 3);
  expect(have).toEqual(want.map((values) => close(values, 12)));
});

describe("axes", () => {
  const pair = program("pair", { a: f64(2, 3), b: f64(3) }, ({ a, b }) => ({
    y: fronts.sub(a, b),
  }));
  const shapes = (graph: Graph): Shape[] => graph.inputs.map(({ type }) => type.shape);

  test("examples may lie along any axis of an input", () => {
    const first = vmap(pair, { size: 4 });
    expect(shapes(first)).toEqual([
      [4, 2, 3],
      [4, 3],
    ]);
    const last = vmap(pair, { size: 4, inAxes: { a: -1, b: 1 } });
    expect(shapes(last)).toEqual([
      [2, 3, 4],
      [3, 4],
    ]);
    const a = scattered([4, 2, 3]);
    const b = scattered([4, 3], 1);
    const aLast = Array.from({ length: 24 }, (_, at) => a[(at % 4) * 6 + Math.floor(at / 4)] ?? 0);
    const bLast = Array.from({ length: 12 }, (_, at) => b[(at % 4) * 3 + Math.floor(at / 4)] ?? 0);
    expect(run(last, [aLast, bLast])).toEqual(run(first, [a, b]));
  });

  test("a result that depends on no example is repeated", () => {
    const mapped = vmap(
      program("constant", { x: f64(2), y: f64(2) }, ({ x, y }) => ({ x: mul(x, 1), z: mul(y, 2) })),
      { size: 3, inAxes: { y: null } },
    );
    expect(runNamed(mapped, { x: [1, 2, 3, 4, 5, 6], y: [1, 2] }).z).toEqual([2, 4, 2, 4, 2, 4]);
  });

  test("wrong names, axes and sizes are refused", () => {
    expect(() => vmap(pair, { size: 4, inAxes: { c: 0 } })).toThrow(ArgumentError);
    expect(() => vmap(pair, { size: 4, inAxes: { a: 3 } })).toThrow(BoundsError);
    expect(() => vmap(pair, { size: 0 })).toThrow(/size/);
  });
});

describe("calls", () => {
  const lookup = callOp((name) => registry.get(name));
  const body = program("body", { u: f64(2), v: f64(2) }, ({ u, v }) => ({
    s: mul(u, v),
    v: add(v, 1),
  }));
  const caller = program("caller", { x: f64(2), c: f64(2) }, ({ x, c }, builder) => {
    const [s = x, v = x] = builder.emit(lookup, [x, c], { graph: body, name: "body" });
    const [t = x] = builder.emit(lookup, [s, v], { graph: body, name: "body" });
    return { y: t, v };
  });

  test("the graph called is mapped as a whole", () => {
    const mapped = vmap(caller, { size: 3, inAxes: { c: null } });
    verify(mapped, registry);
    expect(opsOf(mapped)).toEqual(["call", "call"]);
    const { have, want } = mappedByLoop(caller, ["x"], 3);
    expect(have).toEqual(want.map((values) => close(values, 12)));
  });

  test("a function of the host is refused by name", () => {
    const host = program("host", { x: f64(2) }, ({ x }, builder) => {
      const attrs = { key: 1, name: "mine", inputs: 1 };
      const [y = x] = builder.emit(registry.get("customFunction"), [x, mul(x, 2)], attrs);
      return { y };
    });
    expect(() => vmap(host, { size: 2 })).toThrow(/vmap: operator customFunction can't be mapped/);
    expect(() => vmap(vjp(host), { size: 2 })).toThrow(/customFunction can't be mapped/);
  });
});

describe("random operators", () => {
  const noise = program("noise", { x: f32(3), state: f64(1026) }, ({ x, state }) => {
    const [sample, next] = uniformSample(state, { low: 0, high: 1, shape: [3], dtype: "float32" });
    return { y: add(x, sample), next };
  });

  test("one shared state: every example sees the same sample", () => {
    const mapped = vmap(noise, { size: 2, inAxes: { state: null } });
    const state = new Array<number>(1026).fill(0);
    const y = runNamed(mapped, { x: [0, 0, 0, 0, 0, 0], state }).y ?? [];
    expect(y.slice(0, 3)).toEqual(y.slice(3));
  });

  test("a state for each example: one draw for each", () => {
    const states = [7, ...new Array<number>(1025).fill(0), 8, ...new Array<number>(1025).fill(0)];
    const mapped = vmap(noise, { size: 2 });
    const { y = [] } = runNamed(mapped, { x: [0, 0, 0, 0, 0, 0], state: states });
    const alone = (seed: number) =>
      runNamed(noise, { x: [0, 0, 0], state: [seed, ...new Array<number>(1025).fill(0)] }).y ?? [];
    expect(y).toEqual([...alone(7), ...alone(8)]);
  });
});

describe("last layers keep the loss in their gradient", () => {
  const cases = [
    ["SoftmaxOutput", {}],
    ["SoftmaxOutput", { normalization: "batch" }],
    ["SoftmaxOutput", { smoothAlpha: 0.1, useIgnore: true, ignoreLabel: 2 }],
    ["SVMOutput", {}],
  ] as const;

  test.each(cases)("%s %o", (name, options) => {
    const loss = program("loss", { x: f64(2, 3), label: f64(2) }, ({ x, label }) => ({
      y: fronts[name](x, label, options),
    }));
    const { have, want } = mappedByLoop(vjp(loss, { wrt: ["x"] }), ["x", "head.y"], 3);
    expect(have).toEqual(want.map((values) => close(values, 12)));
  });

  test("LinearRegressionOutput", () => {
    const loss = program("loss", { x: f64(2, 3), label: f64(2, 3) }, ({ x, label }) => ({
      y: fronts.LinearRegressionOutput(x, label, { gradScale: 2 }),
    }));
    const outer = vjp(vmap(loss, { size: 3 }), { wrt: ["x"] });
    const inner = vmap(vjp(loss, { wrt: ["x"] }), { size: 3 });
    const given = anyInputs(outer);
    expect(runNamed(outer, given)).toEqual(runNamed(inner, given));
  });

  test("counting valid labels over the batch has no meaning for one example", () => {
    const loss = program("loss", { x: f64(2, 3), label: f64(2) }, ({ x, label }) => ({
      y: fronts.SoftmaxOutput(x, label, { normalization: "valid" }),
    }));
    expect(() => vmap(loss, { size: 2 })).toThrow(/SoftmaxOutput can't be mapped.*valid/);
  });
});

test("constants are shared", () => {
  const builder = new Builder("constants");
  const x = builder.input("x", typed("float32", 2));
  const table = builder.constant(new Float32Array([10, 20]), typed("float32", 2));
  builder.output("y", mul(x, table));
  const mapped = vmap(builder.finish(), { size: 2 });
  expect(runNamed(mapped, { x: [1, 2, 3, 4] }).y).toEqual([10, 40, 30, 80]);
});
