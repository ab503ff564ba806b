import { ArgumentError, type Graph, nodesOf, toText, verify } from "@adjoint/graph";
import { add, fronts, mul, registry } from "@adjoint/ops";
import { jvp, vjp } from "../src/index.js";
import {
  anyInputs,
  close,
  dotProduct,
  f32,
  f64,
  opsOf,
  program,
  runNamed,
  typed,
} from "./support.js";

test("a product's tangent: the product rule", () => {
  const product = program("product", { a: f32(2), b: f32(2) }, ({ a, b }) => ({ y: mul(a, b) }));
  expect(toText(jvp(product))).toMatchInlineSnapshot(`
"graph product.jvp(
  %a: float32[2],
  %b: float32[2],
  %tangent.a#3: float32[2],
  %tangent.b#4: float32[2],
) -> (y: %5, tangent.y: %12) {
  %5 = mul(%a, %b) : float32[2]
  %8 = mul(%tangent.b, %a) : float32[2]
  %10 = mul(%tangent.a, %b) : float32[2]
  %12 = add(%8, %10) : float32[2]
}"
`);
});

test("a layer's tangent reads like the layer", () => {
  const layer = program("layer", { x: f32(8, 4), w: f32(4, 3) }, ({ x, w }) => ({
    y: fronts.tanh(fronts.dot(x, w)),
  }));
  expect(toText(jvp(layer))).toMatchInlineSnapshot(`
"graph layer.jvp(
  %x: float32[8,4],
  %w: float32[4,3],
  %tangent.x#3: float32[8,4],
  %tangent.w#4: float32[4,3],
) -> (y: %6, tangent.y: %18) {
  %5 = dot(%x, %w) : float32[8,3]
  %6 = tanh(%5) : float32[8,3]
  %7 = mul(%6, %6) : float32[8,3]
  %9 = sub(1, %7) : float32[8,3]
  %14 = dot(%x, %tangent.w) : float32[8,3]
  %15 = dot(%tangent.x, %w) : float32[8,3]
  %17 = add(%14, %15) : float32[8,3]
  %18 = mul(%17, %9) : float32[8,3]
}"
`);
});

test("tangents of elementwise chains cost a small multiple of the chain", () => {
  const length = 60;
  const steps = [fronts.tanh, fronts.exp, fronts.sin, fronts.sigmoid, fronts.relu, fronts.square];
  const chain = program("chain", { x: f64(4) }, ({ x }) => ({
    y: Array.from({ length }, (_, at) => steps[at % steps.length] ?? fronts.exp).reduce(
      (y, step) => step(y),
      x,
    ),
  }));
  const graph = jvp(chain);
  verify(graph, registry);
  const real = nodesOf(graph).filter(({ op }) => op !== "full");
  expect(real.length).toBeLessThanOrEqual(3.5 * length);
});

test("a chain of 5,000 operators takes linear time and no stack", () => {
  const chain = program("chain", { x: f64() }, ({ x }) => {
    let y = x;
    for (let step = 0; step < 5_000; step++) y = fronts.sin(y);
    return { y };
  });
  expect(opsOf(jvp(chain))).toHaveLength(15_000);
}, 20_000);

const composites: readonly Graph[] = [
  program("softmax", { x: f64(3, 4) }, ({ x }) => ({ y: fronts.softmax(x) })),
  program("norms", { x: f64(3, 4), g: f64(4), b: f64(4) }, ({ x, g, b }) => ({
    y: fronts.LayerNorm(x, g, b),
    z: fronts.norm(x, { axis: 1 }),
  })),
  program("ties", { x: f64(4) }, ({ x }) => ({ y: fronts.max(fronts.concat(x, x, { dim: 0 })) })),
  program("orders", { x: f64(3, 4) }, ({ x }) => ({
    y: fronts.sort(x),
    z: fronts.cumsum(x, { axis: 1 }),
    p: fronts.prod(x, { axis: 0 }),
  })),
  program("linalg", { a: f64(3, 3) }, ({ a }) => {
    const spd = add(fronts.dot(a, fronts.transpose(a)), 0.3);
    return { y: fronts.linalg.inverse(spd), d: fronts.linalg.det(spd) };
  }),
];

test.each(composites.map((graph) => [graph.name, graph] as const))(
  "%s: <u, J v> = <Jᵀ u, v>",
  (_, graph) => {
    const forward = jvp(graph);
    const reverse = vjp(graph);
    verify(forward, registry);
    const point = { ...anyInputs(graph), ...anyInputs(forward, 3), ...anyInputs(reverse, 8) };
    const given = { ...point, ...anyInputs(graph) };
    const tangents = runNamed(forward, given);
    const gradients = runNamed(reverse, given);
    const left = graph.outputs.map(({ name }) =>
      dotProduct(given[`head.${name}`] ?? [], tangents[`tangent.${name}`] ?? []),
    );
    const right = graph.inputs.map(({ name }) =>
      dotProduct(given[`tangent.${name}`] ?? [], gradients[`grad.${name}`] ?? []),
    );
    const sum = (list: readonly number[]) => list.reduce((total, value) => total + value, 0);
    expect(sum(left)).toBeCloseTo(sum(right), 9);
  },
);

describe("which tangents", () => {
  const graph = program("graph", { x: f64(2), n: typed("int32", 2), s: f64(2) }, ({ x, n, s }) => ({
    y: mul(fronts.sin(x), 2),
    k: add(n, 1),
    s: fronts.stopGradient(s),
  }));

  test("by default those of floating inputs and outputs", () => {
    const forward = jvp(graph);
    expect(forward.inputs.map(({ name }) => name)).toEqual([
      "x",
      "n",
      "s",
      "tangent.x",
      "tangent.s",
    ]);
    expect(forward.outputs.map(({ name }) => name)).toEqual([
      "y",
      "k",
      "s",
      "tangent.y",
      "tangent.s",
    ]);
  });

  test("zeros where nothing moves", () => {
    const results = runNamed(jvp(graph), {
      x: [0, 1],
      n: [1, 2],
      s: [3, 4],
      "tangent.x": [1, 1],
      "tangent.s": [1, 1],
    });
    expect(results["tangent.y"]).toEqual(close([2, 2 * Math.cos(1)], 12));
    expect(results["tangent.s"]).toEqual([0, 0]);
    expect(results.k).toEqual([2, 3]);
  });

  test("of one value in the middle by another", () => {
    const [sine] = nodesOf(graph);
    if (sine === undefined) throw new Error("no node");
    const forward = jvp(graph, { wrt: [{ node: sine.id, out: 0 }], of: ["y"] });
    const tangent = `tangent.${sine.id}`;
    const results = runNamed(forward, { x: [0, 1], n: [0, 0], s: [0, 0], [tangent]: [1, 5] });
    expect(results["tangent.y"]).toEqual([2, 10]);
  });

  test("two inputs with the same gradient keep their own tangents", () => {
    const sum = program("sum", { a: f64(2), b: f64(2) }, ({ a, b }) => ({ y: add(a, b) }));
    const given = { a: [0, 0], b: [0, 0], "tangent.a": [1, 2], "tangent.b": [10, 20] };
    expect(runNamed(jvp(sum), given)["tangent.y"]).toEqual([11, 22]);
  });

  test("an unknown name is refused", () => {
    expect(() => jvp(graph, { wrt: ["z"] })).toThrow(ArgumentError);
    expect(() => jvp(graph, { of: ["z"] })).toThrow(/jvp: of names nothing/);
  });
});
