import { Builder, type Graph, nodesOf } from "@adjoint/graph";
import { callOp, fronts, mul, registry } from "@adjoint/ops";
import { checkGraphGradients, gradient, joint } from "../src/index.js";
import {
  anyInputs,
  close,
  f64,
  gradientsOf,
  program,
  run,
  runNamed,
  scattered,
} from "./support.js";

const check = (graph: Graph, order: number) =>
  checkGraphGradients(
    graph,
    run,
    graph.inputs.map(({ type }, at) => scattered(type.shape, at)),
    { order, directions: 2 },
  );

const programs: readonly Graph[] = [
  program("layer", { x: f64(3, 4), w: f64(2, 4), b: f64(2) }, ({ x, w, b }) => ({
    y: fronts.tanh(fronts.FullyConnected(x, w, b)),
  })),
  program("softmax", { x: f64(3, 4) }, ({ x }) => ({
    y: fronts.softmax(x),
    z: fronts.logSoftmax(x),
  })),
  program("norm", { x: f64(3, 4), g: f64(4), b: f64(4) }, ({ x, g, b }) => ({
    y: fronts.LayerNorm(x, g, b),
  })),
  program("shared", { x: f64(3) }, ({ x }) => {
    const s = fronts.sin(x);
    return { y: mul(mul(s, s), fronts.div(x, fronts.exp(s))) };
  }),
  program("scan", { x: f64(5) }, ({ x }) => ({ y: fronts.cumprod(x), z: fronts.prod(x) })),
];

test.each(programs.map((graph) => [graph.name, graph] as const))(
  "%s: derivatives to the third order agree with differences",
  (_, graph) => {
    expect(check(graph, 3)).toHaveLength(6);
  },
);

test("the gradient of a backward graph is taken in the same way", () => {
  const cube = program("cube", { x: f64() }, ({ x }) => ({ y: mul(mul(x, x), x) }));
  const first = joint(gradient(cube));
  const second = joint(gradient(first, { heads: ["grad.x"], wrt: ["x"] }));
  const results = runNamed(second, { x: [3], "head.y": [1], "head.grad.x": [1] });
  expect(results).toMatchObject({ y: [27], "grad.x": [27], "grad.x'": [18] });
});

test("gradients from several heads add up", () => {
  const graph = program("heads", { x: f64(2) }, ({ x }) => ({ y: mul(x, 3), z: mul(x, x) }));
  const results = gradientsOf(graph, { x: [1, 2], "head.y": [1, 10], "head.z": [100, 1000] });
  expect(results["grad.x"]).toEqual([203, 4030]);
});

test("a graph's own constants serve its gradient, inside a call as well", () => {
  const builder = new Builder("constants");
  const x = builder.input("x", f64(2));
  const c = builder.constant(new Float64Array([5, 7]), f64(2));
  builder.output("y", mul(mul(x, x), c));
  const graph = builder.finish();
  const inputs = { x: [1, 2], "head.y": [1, 1] };
  expect(gradientsOf(graph, inputs)["grad.x"]).toEqual([10, 28]);
  const outer = program("outer", { x: f64(2) }, ({ x }, within) => {
    const [y = x] = within.emit(
      callOp((name) => registry.get(name)),
      [x],
      { graph, name: "constants" },
    );
    return { y };
  });
  const { backward } = gradient(outer);
  expect(backward.inputs.filter(({ role }) => role === "const")).toHaveLength(1);
  expect(runNamed(backward, { "head.y": [1, 1], "saved.x": [1, 2] })["grad.x"]).toEqual([10, 28]);
});

test("a chain of 20,000 operators takes linear time and no stack", () => {
  const length = 20_000;
  const chain = program("chain", { x: f64() }, ({ x }) => {
    let y = x;
    for (let step = 0; step < length; step++) y = step % 2 === 0 ? fronts.tanh(y) : mul(y, 1.5);
    return { y };
  });
  const { backward, forward } = gradient(chain);
  expect(nodesOf(backward).filter(({ op }) => op !== "full")).toHaveLength(2 * length);
  expect(forward.outputs).toHaveLength(1 + length / 2);
}, 20_000);

test("values at any inputs: heads scale gradients", () => {
  const [layer] = programs;
  if (layer === undefined) throw new Error("no program");
  const inputs = anyInputs(joint(gradient(layer)));
  const base = gradientsOf(layer, inputs)["grad.w"] ?? [];
  const doubled = { ...inputs, "head.y": (inputs["head.y"] ?? []).map((value) => 2 * value) };
  expect(gradientsOf(layer, doubled)["grad.w"]).toEqual(
    close(
      base.map((value) => 2 * value),
      9,
    ),
  );
});
