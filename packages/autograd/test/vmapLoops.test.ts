import { type Graph, type Shape, verify } from "@adjoint/graph";
import { add, fronts, mul, registry, sub } from "@adjoint/ops";
import { gradient, joint, jvp, vjp, vmap } from "../src/index.js";
import { mappedByLoop } from "./mapping.js";
import { close, f64, opsOf, program, runNamed, scattered, typed } from "./support.js";

/** Halves x until it is at most `limit`, at most 6 times; y are the roots of what it was less `limit`. */
const halving = program("halving", { x: f64(), limit: f64() }, ({ x, limit }, builder) => {
  const condition = program("above", { x: f64(), limit: f64() }, (ins) => ({
    holds: fronts.greater(ins.x, ins.limit),
  }));
  const body = program("half", { x: f64(), limit: f64() }, (ins) => ({
    x: mul(ins.x, 0.5),
    y: fronts.sqrt(sub(ins.x, ins.limit)),
  }));
  const attrs = { states: 1, stacked: 1, length: 6, history: true, condition, body };
  const [last = x, y = x, before = x, count = x] = builder.emit(
    registry.get("whileLoop"),
    [x, limit, limit],
    attrs,
  );
  return { last, y, before, count };
});
const limits = [1, 1, 3, 1];
/** Two, no, six (of more) and one iteration. */
const starts = [3.5, 0.5, 1000, 1.5];

function numbers(name: string, shape: Shape, seed: number): readonly number[] {
  const example = Math.floor(seed / 10);
  if (name === "x") return [starts[example] ?? 0];
  return name === "limit" ? [limits[example] ?? 0] : scattered(shape, seed);
}

function expectLikeLoop(graph: Graph, batched: readonly string[]): void {
  const { have, want } = mappedByLoop(graph, batched, 4, numbers);
  expect(have).toEqual(want.map((values) => close(values, 9)));
}

describe("whileLoop", () => {
  test.each([[["x"]], [["limit"]], [["x", "limit"]]])("over %s equals a loop", (batched) => {
    expectLikeLoop(halving, batched);
  });

  test("stays a loop, of one size for any number of examples", () => {
    const sizes = [2, 50].map((size) => {
      const mapped = vmap(halving, { size });
      verify(mapped, registry);
      expect(opsOf(mapped)).toContain("whileLoop");
      return mapped.order.length;
    });
    expect(new Set(sizes).size).toBe(1);
  });

  test("examples that have ended meet no number that they did not meet alone", () => {
    // The root is NaN beyond the end, and its derivative infinite: neither may reach a gradient.
    const mapped = vmap(halving, { size: 4 });
    const derived = joint(gradient(mapped, { wrt: ["x"], heads: ["last", "y"] }));
    const given = {
      x: starts,
      limit: limits,
      "head.last": [1, 1, 1, 1],
      "head.y": Array(24).fill(1),
    };
    const alone = joint(gradient(halving, { wrt: ["x"], heads: ["last", "y"] }));
    const want = starts.map((x, at) => {
      const one = {
        x: [x],
        limit: [limits[at] ?? 0],
        "head.last": [1],
        "head.y": Array(6).fill(1),
      };
      return runNamed(alone, one)["grad.x"]?.[0] ?? Number.NaN;
    });
    expect(want.every(Number.isFinite)).toBe(true);
    expect(runNamed(derived, given)["grad.x"]).toEqual(close(want, 9));
  });

  test("the mapped gradient, tangent and second derivative equal a loop", () => {
    const pullback = vjp(halving, { wrt: ["x"], heads: ["last", "y"] });
    expectLikeLoop(pullback, ["x", "limit", "head.last", "head.y"]);
    expectLikeLoop(jvp(halving, { wrt: ["x"], of: ["last", "y"] }), ["x", "limit", "tangent.x"]);
    const second = joint(gradient(pullback, { wrt: ["x"], heads: ["grad.x"] }));
    expectLikeLoop(second, ["x", "limit"]);
  });

  test("mapped twice", () => {
    const twice = vmap(vmap(halving, { size: 2 }), { size: 2 });
    const one = vmap(halving, { size: 4 });
    const given = { x: starts, limit: limits };
    expect(runNamed(twice, given)).toEqual(runNamed(one, given));
  });
});

describe("a branch that no example, or only some, would take", () => {
  const quotient = program("quotient", { n: typed("int32"), d: typed("int32") }, (ins) => ({
    q: fronts.div(ins.n, ins.d),
  }));
  const none = program("none", { n: typed("int32") }, ({ n }) => ({ q: n }));
  const guarded = program(
    "guarded",
    { n: typed("int32"), d: typed("int32") },
    ({ n, d }, builder) => {
      const attrs = { whenTrue: quotient, whenFalse: none };
      const [q = n] = builder.emit(registry.get("cond"), [d, n, d, n], attrs);
      return { q };
    },
  );

  test.each([
    ["some", [2, 0, 3]],
    ["none", [0, 0, 0]],
    ["all", [2, 1, 4]],
  ])("%s: no error and no number of the other branch comes from it", (_, d) => {
    const { q } = runNamed(vmap(guarded, { size: 3 }), { n: [7, 8, 9], d });
    expect(q).toEqual(d.map((one, at) => (one === 0 ? 7 + at : Math.trunc((7 + at) / one))));
  });

  test("gradients of the branch not taken are 0, not NaN", () => {
    const root = program("root", { x: f64() }, ({ x }) => ({ y: fronts.sqrt(x) }));
    const zero = program("zero", { x: f64() }, ({ x }) => ({ y: mul(x, 0) }));
    const safe = program("safe", { x: f64() }, ({ x }, builder) => {
      const attrs = { whenTrue: root, whenFalse: zero };
      const [y = x] = builder.emit(registry.get("cond"), [fronts.greater(x, 0), x, x], attrs);
      return { y: add(y, x) };
    });
    const derived = joint(gradient(vmap(safe, { size: 3 })));
    const results = runNamed(derived, { x: [-1, 4, 0], "head.y": [1, 1, 1] });
    expect(results["grad.x"]).toEqual([1, 1.25, 1]);
  });
});
