import { checkGraphGradients, gradient, joint } from "@adjoint/autograd";
import {
  ArgumentError,
  AttributeError,
  type Attrs,
  Builder,
  equalGraphs,
  fromJson,
  type Graph,
  graphsIn,
  lower,
  nodesOf,
  runPasses,
  ShapeError,
  type TensorType,
  toDot,
  toJson,
  toText,
  type Value,
  verify,
} from "@adjoint/graph";
import { instance, type Viz } from "@viz-js/viz";
import { createTensor, execute, type Tensor, toNumbers } from "@adjoint/runtime";
import { apply, fill, fronts, registry } from "../src/index.js";

const { add, mul, sigmoid, sin, tanh, sum, exp, lesser } = fronts;

const f64 = (...shape: number[]): TensorType => ({ dtype: "float64", shape });

type Named<T> = Readonly<Record<string, T>>;

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("nothing there");
  return value;
}

/** A graph of named inputs and results. */
function graphOf(
  name: string,
  types: Named<TensorType>,
  make: (...ins: Value[]) => Named<Value | undefined>,
): Graph {
  const builder = new Builder(name);
  const ins = Object.entries(types).map(([input, type]) => builder.input(input, type));
  for (const [output, value] of Object.entries(make(...ins)))
    builder.output(output, present(value));
  return builder.finish();
}

function call(op: string, [first, ...rest]: readonly Value[], attrs: Attrs): readonly Value[] {
  return apply(registry.get(op), [present(first), ...rest], attrs);
}

function at<T>(list: readonly T[], position: number): T {
  return present(list[position]);
}

const lowered = (graph: Graph): Graph => runPasses(graph, [lower], { registry }).graph;

function run(graph: Graph, inputs: readonly (readonly number[])[]): number[][] {
  const tensors: Tensor[] = graph.inputs
    .filter(({ role }) => role !== "const")
    .map(({ type }, index) => createTensor(type, at(inputs, index)));
  return execute(lowered(graph), tensors, registry, { lower: lowered }).map(toNumbers);
}

/** Checks structure, then first and second derivatives; also of the differentiated graph as JSON. */
function check(graph: Graph, inputs: readonly (readonly number[])[], order = 2): void {
  verify(graph, registry);
  const { forward, backward } = gradient(graph);
  verify(forward, registry);
  verify(backward, registry);
  expect(equalGraphs(fromJson(toJson(backward)), backward)).toBe(true);
  expect(checkGraphGradients(graph, run, inputs, { order, tolerance: 1e-5 })).toHaveLength(
    4 * order,
  );
}

/** s' = tanh(s w + x) * c; results s' and sin(s) x; and the sum of x s. */
const cell = graphOf("cell", { s: f64(2), x: f64(2), w: f64(2, 2), c: f64() }, (s, x, w, c) => {
  const next = mul(tanh(add(fronts.dot(present(s), w), x)), c);
  return { next, y: next, z: mul(sin(s), x), total: mul(x, s) };
});
const cellAttrs = { states: 1, slices: 1, stacked: 2, reverse: false, counted: false };

function unrolled(length: number, reverse: boolean): Graph {
  const types = { s: f64(2), x: f64(length, 2), w: f64(2, 2), c: f64() };
  return graphOf("unrolled", types, (s, x, w, c) => {
    const rows = Array.from({ length }, (_, i) => i);
    let state = s;
    let total: Value | undefined;
    const [ys, zs]: [Value[], Value[]] = [[], []];
    for (const row of reverse ? rows.reverse() : rows) {
      const slice = fronts.reshape(fronts.sliceAxis(x, { axis: 0, begin: row, end: row + 1 }), {
        shape: [2],
      });
      const next = mul(tanh(add(fronts.dot(state, w), slice)), c);
      ys[row] = next;
      zs[row] = mul(sin(state), slice);
      const part = mul(slice, state);
      total = total === undefined ? part : add(total, part);
      state = next;
    }
    const stackRows = (list: readonly Value[]) => fronts.stack(...list);
    return { last: state, y: stackRows(ys), z: stackRows(zs), total: total ?? s };
  });
}

function scanned(length: number, reverse: boolean, history: boolean): Graph {
  const types = { s: f64(2), x: f64(length, 2), w: f64(2, 2), c: f64() };
  return graphOf("scanned", types, (...ins) => {
    const attrs = { ...cellAttrs, length, reverse, history, body: cell };
    const [last, y, z, total] = call("scan", ins, attrs);
    return { last: present(last), y: present(y), z: present(z), total: present(total) };
  });
}

const weights = [0.3, -0.7, 0.9, 0.2];
const numbers = (count: number) => Array.from({ length: count }, (_, i) => Math.sin(3 * i + 1));
const givens = (length: number) => [[0.4, -0.2], numbers(2 * length), weights, [1.3]];

describe("scan", () => {
  test.each([
    [false, true],
    [false, false],
    [true, true],
  ])("computes what the unrolled program does (reverse %s, history %s)", (reverse, history) => {
    const [loop, plain] = [scanned(4, reverse, history), unrolled(4, reverse)];
    const close = (lists: number[][]) =>
      lists.map((list) => list.map((v) => expect.closeTo(v, 12)));
    expect(run(loop, givens(4))).toEqual(close(run(plain, givens(4))));
    const heads = [[1, 2], numbers(8), numbers(8), [0.5, -1]];
    const gradients = (graph: Graph) => {
      const all = joint(gradient(graph));
      return run(all, [...givens(4), ...heads]).slice(4);
    };
    expect(gradients(loop)).toEqual(close(gradients(plain)));
  });

  test("is differentiable to third order", () => {
    check(scanned(3, false, true), givens(3));
    check(scanned(2, true, false), givens(2), 3);
  });

  test("has gradients of a size that does not depend on its length", () => {
    const sizes = [2, 50].map((length) => {
      const { backward } = gradient(scanned(length, false, true));
      const bodies = nodesOf(backward).flatMap(({ attrs }) => graphsIn(attrs));
      return [backward.order.length, bodies.map(({ order }) => order.length)];
    });
    expect(at(sizes, 0)).toEqual(at(sizes, 1));
  });

  test("hands over no history that the gradient does not read", () => {
    const adder = graphOf("adder", { s: f64(), x: f64() }, (s, x) => ({ next: add(s, x) }));
    const graph = graphOf("sum", { s: f64(), x: f64(3) }, (...ins) => {
      const attrs = { ...cellAttrs, stacked: 0, length: 3, history: true, body: adder };
      return { y: at(call("scan", ins, attrs), 0) };
    });
    expect(gradient(graph).backward.inputs.map(({ name }) => name)).toEqual(["head.y"]);
    check(graph, [[1], [1, 2, 3]]);
  });

  test("without iterations gives its first states and empty stacks", () => {
    const graph = scanned(0, false, true);
    expect(run(graph, givens(0))).toEqual([[0.4, -0.2], [], [], [0, 0]]);
    const gradients = run(joint(gradient(graph)), [...givens(0), [1, 2], [], [], [3, 4]]).slice(4);
    expect(gradients).toEqual([[1, 2], [], [0, 0, 0, 0], [0]]);
  });

  test("has a gradient where its results depend on no argument", () => {
    const body = graphOf("still", { s: f64(2), x: f64() }, (s, x) => ({
      next: s,
      n: fill(x, [], 1),
    }));
    const graph = graphOf("scanned", { x: f64(3) }, (x) => {
      const attrs = { ...cellAttrs, stacked: 1, length: 3, history: true, body };
      const [last, ones] = call("scan", [fill(x, [2], 5), x], attrs);
      return { last, ones };
    });
    expect(
      run(joint(gradient(graph)), [
        [1, 2, 3],
        [1, 1],
        [1, 1, 1],
      ]),
    ).toEqual([
      [5, 5],
      [1, 1, 1],
      [0, 0, 0],
    ]);
  });

  test("carries a state of integers without a gradient", () => {
    const body = graphOf("count", { i: { dtype: "int8", shape: [] }, x: f64() }, (i, x) => ({
      next: add(i, 1),
      y: mul(x, fronts.cast(i, { dtype: "float64" })),
    }));
    const graph = graphOf("weighted", { x: f64(3) }, (x) => {
      const zero = fronts.cast(fill(x, [], 0), { dtype: "int8" });
      const attrs = { ...cellAttrs, stacked: 1, length: 3, history: true, body };
      return { y: at(call("scan", [zero, x], attrs), 1) };
    });
    expect(run(graph, [[5, 6, 7]])).toEqual([[0, 6, 14]]);
    expect(
      run(joint(gradient(graph)), [
        [5, 6, 7],
        [1, 1, 1],
      ]).slice(1),
    ).toEqual([[0, 1, 2]]);
  });

  test("shows its body, and the body's gradient, in dumps", () => {
    const body = graphOf("square", { x: f64() }, (x) => ({ y: mul(x, x) }));
    const graph = graphOf("squares", { x: f64(3) }, (x) => {
      const attrs = { ...cellAttrs, states: 0, stacked: 1, length: 3, history: true, body };
      return { y: at(call("scan", [x], attrs), 0) };
    });
    expect(toText(gradient(graph).backward)).toMatchInlineSnapshot(`
"graph squares.backward(
  head %head.y: float64[3] of %1,
  saved %saved.x: float64[3] of %0,
) -> (grad.x: %3) {
  %3 = scan(%saved.x, %head.y) {states=0, slices=2, stacked=1, length=3, reverse=true, body=graph square.backward(%x: float64[], %head.y: float64[]) -> (grad.x: %3) {
    %2 = mul(%head.y, %x) : float64[]
    %3 = add(%2, %2) : float64[]
  }} : float64[3] ~%1
}"
`);
    expect(toDot(graph)).toContain('label="scan %1: square"');
  });

  const bad: readonly [
    string,
    Attrs,
    readonly TensorType[],
    typeof ShapeError | typeof ArgumentError | typeof AttributeError,
  ][] = [
    ["slices of another number", { length: 4 }, [f64(2), f64(3, 2), f64(2, 2), f64()], ShapeError],
    ["arguments that do not fit", {}, [f64(2), f64(3, 1), f64(2, 2), f64()], ArgumentError],
    ["a captured value too few", {}, [f64(2), f64(3, 2), f64(2, 2)], ArgumentError],
    ["more states than results", { states: 5 }, [f64(2), f64(3, 2)], AttributeError],
    ["a negative length", { length: -1 }, [f64(2), f64(3, 2), f64(2, 2), f64()], AttributeError],
    ["a count that is no integer", { counted: true }, [f64(), f64(2), f64(3, 2)], ArgumentError],
  ];
  test.each(bad)("refuses %s", (_, attrs, types, wanted) => {
    const all = { ...cellAttrs, length: 3, history: false, body: cell, ...attrs };
    expect(() => registry.get("scan").infer(types, all)).toThrow(wanted);
  });

  test("refuses states that change their shape", () => {
    const body = graphOf("grow", { s: f64(1), x: f64(2) }, (s, x) => ({ next: add(s, x) }));
    const attrs = { ...cellAttrs, stacked: 0, length: 3, history: false, body };
    const infer = () => registry.get("scan").infer([f64(1), f64(3, 2)], attrs);
    expect(infer).toThrow("scan: states change their types in grow: float64[1] become float64[2]");
  });
});

/** While s < limit: s' = s c; result s s. */
const condition = graphOf("below", { s: f64(), limit: f64() }, (s, limit) => ({
  ok: lesser(s, limit),
}));
const doubling = graphOf("doubling", { s: f64(), c: f64() }, (s, c) => ({
  next: mul(s, c),
  y: mul(s, s),
}));

function looped(length: number, history = true): Graph {
  return graphOf("looped", { s: f64(), limit: f64(), c: f64() }, (...ins) => {
    const attrs = { states: 1, stacked: 1, length, history, condition, body: doubling };
    const results = call("whileLoop", ins, attrs);
    return { last: at(results, 0), y: at(results, 1), count: at(results, results.length - 1) };
  });
}

describe("whileLoop", () => {
  test("runs while the condition holds, and fills up with zeros", () => {
    expect(run(looped(5), [[1], [7], [2]])).toEqual([[8], [1, 4, 16, 0, 0], [3]]);
  });

  test("stops at the most iterations there may be, and may not begin at all", () => {
    expect(run(looped(2), [[1], [7], [2]])).toEqual([[4], [1, 4], [2]]);
    expect(run(looped(2), [[8], [7], [2]])).toEqual([[8], [0, 0], [0]]);
  });

  test("is differentiated through the iterations that ran", () => {
    const { forward, backward } = gradient(looped(5), { wrt: ["s", "c"], heads: ["last", "y"] });
    const all = joint({ forward, backward });
    // last = s c³; y = s², s² c², s² c⁴
    const gradients = run(all, [[1], [7], [2], [1], [1, 1, 1, 100, 100]]).slice(3);
    expect(gradients).toEqual([[8 + 2 + 8 + 32], [12 + 4 + 32]]);
  });

  test.each([true, false])("is differentiable twice (history %s)", (history) => {
    const wrt = ["s", "c"];
    const graph = looped(5, history);
    const floats = { ...graph, outputs: graph.outputs.slice(0, 2) };
    verify(gradient(floats).backward, registry);
    expect(() =>
      checkGraphGradients(floats, run, [[1.1], [7], [1.9]], { order: 3, wrt }),
    ).not.toThrow();
    expect(() =>
      checkGraphGradients(floats, run, [[9], [7], [1.9]], { order: 2, wrt }),
    ).not.toThrow();
  });

  test("is not poisoned by what would be computed after its end", () => {
    const body = graphOf("root", { s: f64() }, (s) => ({ next: add(s, -1), y: fronts.sqrt(s) }));
    const positive = graphOf("positive", { s: f64() }, (s) => ({ ok: fronts.greater(s, 0.5) }));
    const graph = graphOf("roots", { s: f64() }, (s) => {
      const attrs = { states: 1, stacked: 1, length: 9, history: true, condition: positive, body };
      return { y: at(call("whileLoop", [s], attrs), 1) };
    });
    expect(() => checkGraphGradients(graph, run, [[3.9]], { order: 2 })).not.toThrow();
  });

  test("refuses a condition of several elements", () => {
    const infer = () => {
      const wide = graphOf("wide", { s: f64(2) }, (s) => ({ ok: lesser(s, 1) }));
      const body = graphOf("same", { s: f64(2) }, (s) => ({ next: mul(s, 2) }));
      const attrs = { states: 1, stacked: 0, length: 2, history: false, condition: wide, body };
      return registry.get("whileLoop").infer([f64(2)], attrs);
    };
    expect(infer).toThrow("whileLoop: condition is not one element: float64[2]");
  });
});

const whenTrue = graphOf("product", { a: f64(2), b: f64(2) }, (a, b) => ({ y: mul(mul(a, a), b) }));
const whenFalse = graphOf("growth", { a: f64(2) }, (a) => ({ y: exp(a) }));

const branching = graphOf("branching", { p: f64(), a: f64(2), b: f64(2) }, (p, a, b) => ({
  y: at(call("cond", [p, a, b, a], { whenTrue, whenFalse }), 0),
}));

describe("cond", () => {
  test("runs one branch", () => {
    expect(run(branching, [[1], [2, 3], [4, 5]])).toEqual([[16, 45]]);
    expect(run(branching, [[0], [0, 0], [4, 5]])).toEqual([[1, 1]]);
    expect(run(branching, [[Number.NaN], [2, 3], [4, 5]])).toEqual([[16, 45]]);
  });

  test("gives zeros to what only the other branch reads", () => {
    const all = joint(gradient(branching, { wrt: ["a", "b"] }));
    expect(run(all, [[1], [2, 3], [4, 5], [1, 1]]).slice(1)).toEqual([
      [16, 30],
      [4, 9],
    ]);
    expect(run(all, [[0], [0, 0], [4, 5], [1, 2]]).slice(1)).toEqual([
      [1, 2],
      [0, 0],
    ]);
  });

  test.each([0, 1])("is differentiable twice where the predicate is %s", (p) => {
    const inputs = [[p], [0.3, -0.4], [0.9, 1.1]];
    expect(() =>
      checkGraphGradients(branching, run, inputs, { order: 3, wrt: ["a", "b"] }),
    ).not.toThrow();
    verify(gradient(branching).backward, registry);
  });

  test("refuses branches of different types, and a predicate of several elements", () => {
    const scalar = graphOf("scalar", { a: f64(2) }, (a) => ({ y: sum(a) }));
    const infer = (p: TensorType, attrs: Attrs) => () =>
      registry.get("cond").infer([p, f64(2), f64(2), f64(2)], attrs);
    expect(infer(f64(), { whenTrue, whenFalse: scalar })).toThrow(
      "cond: branches do not give the same types: float64[2] and float64[1]",
    );
    expect(infer(f64(2), { whenTrue, whenFalse })).toThrow(ShapeError);
  });
});

describe("nested bodies", () => {
  let viz: Viz;
  beforeAll(async () => {
    viz = await instance();
  });

  test("a branch in a loop in a loop is differentiable twice", () => {
    const step = graphOf("step", { s: f64(2), x: f64(2), b: f64(2) }, (s, x, b) => {
      const p = lesser(sum(s), 0.5);
      const next = at(call("cond", [p, sigmoid(s), b, x], { whenTrue, whenFalse }), 0);
      return { next, y: mul(next, s) };
    });
    const inner = { ...cellAttrs, stacked: 1, length: 2, history: true, body: step };
    const outer = graphOf("outer", { s: f64(2), x: f64(2, 2), b: f64(2) }, (s, x, b) => {
      const [next, y] = call("scan", [s, x, b], inner);
      return { next: present(next), y: sum(present(y)) };
    });
    const graph = graphOf("nested", { s: f64(2), x: f64(3, 2, 2), b: f64(2) }, (s, x, b) => {
      const attrs = { ...cellAttrs, stacked: 1, length: 3, history: true, body: outer };
      const [last, y] = call("scan", [s, x, b], attrs);
      return { last: present(last), y: present(y) };
    });
    check(graph, [[0.2, 0.4], numbers(12), [0.7, -0.3]]);
    const dot = toDot(gradient(graph));
    for (const label of ["scan %3: outer", "scan %3: step", "cond %8: product"]) {
      expect(dot).toContain(`label="${label}"`);
    }
    const { status, errors } = viz.render(dot, { format: "svg" });
    const warnings = errors.filter(({ message }) => !message.includes("no value for width"));
    expect({ status, warnings }).toEqual({ status: "success", warnings: [] });
  });
});
