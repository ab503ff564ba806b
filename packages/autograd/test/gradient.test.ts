import { ArgumentError, nodesOf, toText, verify } from "@adjoint/graph";
import { add, fronts, mul, registry } from "@adjoint/ops";
import { type GradientGraphs, gradient } from "../src/index.js";
import { f32, f64, opsOf, program, savedNames, typed } from "./support.js";

const seed = program("seed", { x: f32(4, 1) }, ({ x }) => ({
  y: mul(fronts.dot(fronts.transpose(x), x), 2),
}));

function backwardText(graph: Parameters<typeof gradient>[0]): string {
  return toText(gradient(graph).backward);
}

test("2 xᵀx: the gradient graph reads the head gradient and x, nothing else", () => {
  expect(backwardText(seed)).toMatchInlineSnapshot(`
"graph seed.backward(
  head %head.y: float32[1,1] of %4,
  saved %saved.x#7: float32[4,1] of %0,
) -> (grad.x: %12) {
  %4 = mul(%head.y, 2) : float32[1,1] ~%4
  %13 = dot(%saved.x, %4) : float32[4,1] ~%2
  %12 = add(%13, %13) : float32[4,1] ~%0
}"
`);
});

test("a layer of a multilayer perceptron", () => {
  const layer = program("layer", { x: f32(8, 4), w: f32(4, 3), b: f32(3) }, ({ x, w, b }) => ({
    y: fronts.tanh(add(fronts.dot(x, w), b)),
  }));
  expect(backwardText(layer)).toMatchInlineSnapshot(`
"graph layer.backward(
  head %head.y: float32[8,3] of %5,
  saved %saved.5#2: float32[8,3] of %5,
  saved %saved.x#10: float32[8,4] of %0,
  saved %saved.w#11: float32[4,3] of %1,
) -> (grad.x: %12, grad.w: %13, grad.b: %9) {
  %3 = mul(%saved.5, %saved.5) : float32[8,3] ~%5
  %5 = sub(1, %3) : float32[8,3] ~%5
  %6 = mul(%head.y, %5) : float32[8,3] ~%5
  %9 = sum(%6) {axes=[0]} : float32[3] ~%4
  %12 = dot(%6, %saved.w) {transposeB=true} : float32[8,4] ~%3
  %13 = dot(%saved.x, %6) {transposeA=true} : float32[4,3] ~%3
}"
`);
});

test("softmax cross-entropy: probabilities less the label", () => {
  const loss = program("loss", { x: f32(8, 4), label: f32(8) }, ({ x, label }) => ({
    y: fronts.softmaxCrossEntropy(x, label),
  }));
  expect(toText(gradient(loss, { wrt: ["x"] }).backward)).toMatchInlineSnapshot(`
"graph loss.backward(
  head %head.y: float32[1] of %3,
  saved %saved.x#4: float32[8,4] of %0,
  saved %saved.label#5: float32[8] of %1,
) -> (grad.x: %11) {
  %3 = reshape(%head.y) {shape=[]} : float32[] ~%3
  %6 = reshape(%saved.label) {shape=[8,1]} : float32[8,1] ~%2
  %12 = full() {shape=[8,1], dtype="float32", value=1} : float32[8,1] ~%2
  %8 = takeAlongAdjoint(%12, %6) {axis=1, mode="clip", length=4} : float32[8,4] ~%2
  %9 = softmax(%saved.x) {axis=1, temperature=1} : float32[8,4] ~%2
  %10 = sub(%9, %8) : float32[8,4] ~%2
  %11 = mul(%3, %10) : float32[8,4] ~%2
}"
`);
});

test("mean squared error", () => {
  const loss = program("loss", { x: f32(8, 4), t: f32(8, 4) }, ({ x, t }) => ({
    y: fronts.mean(fronts.square(fronts.sub(x, t))),
  }));
  expect(backwardText(loss)).toMatchInlineSnapshot(`
"graph loss.backward(
  head %head.y: float32[1] of %5,
  saved %saved.2#9: float32[8,4] of %2,
) -> (grad.x: %19, grad.t: %15) {
  %3 = reshape(%head.y) {shape=[]} : float32[] ~%5
  %17 = mul(%3, 0.03125) : float32[] ~%4
  %11 = mul(%saved.2, 2) : float32[8,4] ~%3
  %19 = mul(%17, %11) : float32[8,4] ~%3
  %15 = negative(%19) : float32[8,4] ~%2
}"
`);
});

describe("structure", () => {
  const deep = program("deep", { x: f32(4, 3), w: f32(3, 3) }, ({ x, w }) => {
    const h = fronts.tanh(fronts.dot(x, w));
    return { y: fronts.softmax(fronts.dot(h, w)), h };
  });

  test("inputs of the backward graph are heads, then saved values that forward gives in that order", () => {
    const { forward, backward } = gradient(deep);
    const heads = backward.inputs.filter(({ role }) => role === "head");
    const saved = backward.inputs.filter(({ role }) => role === "saved");
    expect(backward.inputs).toEqual([...heads, ...saved]);
    expect(heads.map(({ of }) => of)).toEqual(deep.outputs.map(({ ref }) => ref));
    const given = forward.outputs.slice(deep.outputs.length);
    expect(given).toEqual(saved.map(({ name, of }) => ({ name, ref: of })));
    expect(forward.nodes).toBe(deep.nodes);
  });

  test("both graphs are valid and frozen", () => {
    const { forward, backward } = gradient(deep);
    for (const graph of [forward, backward]) {
      verify(graph, registry);
      expect(Object.isFrozen(graph)).toBe(true);
    }
  });

  test("every backward node names a row of the forward graph", () => {
    const composite = program("composite", { x: f32(2, 3), s: f32(2) }, ({ x, s }) => ({
      y: mul(
        fronts.FullyConnected(x, fronts.square(x), { noBias: true }),
        fronts.nansum(fronts.dot(s, x)),
      ),
    }));
    for (const graph of [deep, composite]) {
      const rows = new Set([...graph.order, ...graph.inputs.map(({ id }) => id)]);
      for (const node of nodesOf(gradient(graph).backward)) {
        expect(rows).toContain(node.origin);
      }
    }
  });

  test("user blocks and lines go over to the nodes that differentiate them", () => {
    const scoped = program("scoped", { x: f32(2) }, ({ x }, builder) => ({
      y: builder.within({ scope: "mlp/dense1", site: "model.ts:3" }, () => fronts.tanh(x)),
    }));
    const nodes = nodesOf(gradient(scoped).backward);
    expect(nodes).not.toHaveLength(0);
    for (const { scope, site } of nodes) {
      expect([scope, site]).toEqual(["mlp/dense1", "model.ts:3"]);
    }
  });

  test("the history leads back to what the reverse pass made", () => {
    const { backward, history }: GradientGraphs = gradient(seed);
    expect(history.map(({ pass }) => pass)).toEqual([
      "deadCode",
      "algebraicSimplification",
      "commonSubexpressions",
      "deadCode",
    ]);
    expect(history.at(-1)?.nodesAfter).toBe(backward.order.length);
  });
});

describe("saved values are minimal", () => {
  const x = { x: f32(3) };
  const two = { a: f32(2, 3), b: f32(3, 2) };
  const cases: readonly (readonly [string, GradientGraphs, readonly string[]])[] = [
    ["tanh: its result", gradient(program("g", x, ({ x }) => ({ y: fronts.tanh(x) }))), ["1"]],
    ["relu: its result", gradient(program("g", x, ({ x }) => ({ y: fronts.relu(x) }))), ["1"]],
    ["sigmoid: its result", gradient(program("g", x, (i) => ({ y: fronts.sigmoid(i.x) }))), ["1"]],
    ["exp: its result", gradient(program("g", x, ({ x }) => ({ y: fronts.exp(x) }))), ["1"]],
    ["softmax: its result", gradient(program("g", x, (i) => ({ y: fronts.softmax(i.x) }))), ["1"]],
    ["add: nothing", gradient(program("g", x, ({ x }) => ({ y: add(x, x) }))), []],
    ["sum: nothing", gradient(program("g", x, ({ x }) => ({ y: fronts.sum(x) }))), []],
    [
      "mul: both arguments",
      gradient(
        program("g", two, ({ a, b }) => ({ y: mul(a, fronts.reshape(b, { shape: [2, 3] })) })),
      ),
      ["a", "b"],
    ],
    ["mul by a number: nothing", gradient(program("g", x, ({ x }) => ({ y: mul(x, 3) }))), []],
    ["dot: both", gradient(program("g", two, ({ a, b }) => ({ y: fronts.dot(a, b) }))), ["a", "b"]],
    [
      "dot of transposed: what was transposed, not the copies",
      gradient(
        program("g", two, ({ a, b }) => ({
          y: fronts.dot(fronts.transpose(a), fronts.transpose(b)),
        })),
      ),
      ["a", "b"],
    ],
    [
      "only what the gradients asked for need",
      gradient(
        program("g", two, ({ a, b }) => ({ y: fronts.dot(a, b) })),
        { wrt: ["a"] },
      ),
      ["b"],
    ],
  ];

  test.each(cases)("%s", (_, graphs, names) => {
    const expected = names.map((name) => `saved.${name}`);
    expect(savedNames(graphs).sort()).toEqual(expected);
  });

  test("a small slice is saved, not the array that it was cut from", () => {
    const graph = program("g", { x: f32(100) }, ({ x }) => ({
      y: fronts.square(fronts.sliceAxis(x, { axis: 0, begin: 0, end: 2 })),
    }));
    const [saved] = gradient(graph).backward.inputs.filter(({ role }) => role === "saved");
    expect(saved?.type).toEqual(f32(2));
  });
});

describe("options", () => {
  const product = program(
    "product",
    { a: f64(2), b: f64(2), n: typed("int32", 2) },
    ({ a, b, n }) => ({
      y: mul(a, b),
      z: fronts.add(n, 1),
    }),
  );

  test("a head listed twice counts once", () => {
    const { backward } = gradient(product, { heads: ["y", "y"], wrt: ["a"] });
    expect(backward.inputs.map(({ name }) => name)).toEqual(["head.y", "saved.b"]);
    expect(opsOf(backward)).toEqual(["mul"]);
  });

  test("wrt may be a value in the middle of the graph", () => {
    const graph = program("middle", { x: f64(2) }, ({ x }) => ({ y: fronts.exp(fronts.sin(x)) }));
    const [sine] = nodesOf(graph);
    if (sine === undefined) throw new Error("no node");
    const { backward } = gradient(graph, { wrt: [{ node: sine.id, out: 0 }] });
    expect(opsOf(backward)).toEqual(["mul"]);
    expect(backward.outputs.map(({ name }) => name)).toEqual([`grad.${sine.id}`]);
  });

  test("a gradient asked for twice comes twice", () => {
    const { backward } = gradient(product, { heads: ["y"], wrt: ["a", "a"] });
    expect(backward.outputs.map(({ name }) => name)).toEqual(["grad.a", "grad.a'"]);
  });

  test("what nothing depends on has an explicit zero gradient of its own type", () => {
    const { backward } = gradient(product, { heads: ["z"], wrt: ["a"] });
    expect(toText(backward)).toMatchInlineSnapshot(`
"graph product.backward(head %head.z: int32[2] of %5) -> (grad.a: %2) {
  %2 = full() {shape=[2], dtype="float64", value=0} : float64[2] ~%0
}"
`);
  });

  test("an unknown name is refused, with the nearest known one", () => {
    expect(() => gradient(product, { wrt: ["aa"] })).toThrow(ArgumentError);
    expect(() => gradient(product, { wrt: ["aa"] })).toThrow(
      /wrt names nothing.*aa \(allowed: a\)/,
    );
    expect(() => gradient(product, { heads: ["yy"] })).toThrow(/heads names nothing/);
  });

  test("names of a program that look like the gradient's own are told apart", () => {
    const graph = program("names", { x: f64(2), "saved.x": f64(2) }, (ins) => ({
      "saved.x": mul(ins.x, ins["saved.x"]),
    }));
    const { forward, backward } = gradient(graph);
    const names = forward.outputs.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(backward.outputs.map(({ name }) => name)).toEqual(["grad.x", "grad.saved.x"]);
  });
});

test("a composite without a rule is differentiated through its parts, those not needed left out", () => {
  const graph = program("composite", { x: f32(2, 3) }, ({ x }) => ({ y: fronts.nansum(x) }));
  expect(backwardText(graph)).toMatchInlineSnapshot(`
"graph composite.backward(
  head %head.y: float32[1] of %2,
  saved %saved.x#4: float32[2,3] of %0,
) -> (grad.x: %18) {
  %5 = equal(%saved.x, %saved.x) : float32[2,3] ~%1
  %18 = where(%5, %head.y, 0) : float32[2,3] ~%1
}"
`);
});
