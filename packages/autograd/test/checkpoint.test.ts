import {
  ArgumentError,
  AttributeError,
  commonSubexpressions,
  deadCode,
  type Graph,
  lower,
  runPasses,
  verify,
} from "@adjoint/graph";
import { algebraicSimplification, fronts, mul, registry } from "@adjoint/ops";
import { plan } from "@adjoint/runtime";
import { checkpoint, gradient, joint, jvp } from "../src/index.js";
import {
  anyInputs,
  close,
  f64,
  gradientsOf,
  opsOf,
  program,
  runNamed,
  savedNames,
} from "./support.js";

const depth = 16;
const deep = program("deep", { x: f64(4), w: f64(4) }, ({ x, w }) => {
  let y = x;
  for (let layer = 0; layer < depth; layer++) y = fronts.tanh(mul(y, w));
  return { y };
});

test("values stay, to the last bit", () => {
  for (const segments of [1, 4, 5, 100]) {
    const graph = checkpoint(deep, { segments });
    verify(graph, registry);
    expect(runNamed(graph, anyInputs(deep))).toEqual(runNamed(deep, anyInputs(deep)));
  }
});

test("only the arguments are saved, not what is inside", () => {
  expect(savedNames(gradient(deep))).toHaveLength(depth + 2);
  const whole = checkpoint(deep);
  expect(opsOf(whole)).toEqual(["call"]);
  expect(savedNames(gradient(whole)).sort()).toEqual(["saved.w", "saved.x"]);
});

test("with segments, only the values between them are saved as well", () => {
  const graph = checkpoint(deep, { segments: 4 });
  expect(opsOf(graph)).toEqual(["call", "call", "call", "call"]);
  expect(savedNames(gradient(graph))).toHaveLength(5);
});

test("gradients and tangents are those of the program, to second order", () => {
  const first = gradientsOf(deep, { ...anyInputs(deep), "head.y": [1, 2, 3, 4] });
  const cut = checkpoint(deep, { segments: 3 });
  const again = gradientsOf(cut, { ...anyInputs(deep), "head.y": [1, 2, 3, 4] });
  for (const name of ["grad.x", "grad.w"])
    expect(again[name]).toEqual(close(first[name] ?? [], 12));
  const given = anyInputs(jvp(deep));
  const tangents = runNamed(jvp(cut), given)["tangent.y"];
  expect(tangents).toEqual(close(runNamed(jvp(deep), given)["tangent.y"] ?? [], 12));
});

test("the inside is computed again in the backward graph", () => {
  const { backward } = gradient(checkpoint(deep));
  expect(opsOf(backward).filter((op) => op === "tanh")).toHaveLength(depth);
});

test("several results, shared values and filled arrays go from segment to segment", () => {
  const graph = program("several", { x: f64(3) }, ({ x }) => {
    const two = mul(fronts.onesLike(x), 2);
    const a = mul(x, two);
    const b = fronts.exp(a);
    return { a, c: mul(a, b), d: fronts.sum(b), two, x };
  });
  for (const segments of [1, 2, 3, 6]) {
    const cut = checkpoint(graph, { segments });
    verify(cut, registry);
    expect(runNamed(cut, anyInputs(graph))).toEqual(runNamed(graph, anyInputs(graph)));
  }
});

test("segments that nothing reads are left out", () => {
  const graph = program("dead", { x: f64(2) }, ({ x }) => {
    const y = mul(x, x);
    fronts.exp(y);
    return { y };
  });
  expect(opsOf(checkpoint(graph, { segments: 2 }))).toEqual(["call"]);
});

test("wrong requests", () => {
  expect(() => checkpoint(deep, { segments: 0 })).toThrow(AttributeError);
  const closed = program("closed", {}, () => ({}));
  expect(() => checkpoint(closed)).toThrow(ArgumentError);
});

describe("forward and backward as one graph", () => {
  const layers = 64;
  const chain = program("chain", { x: f64(32) }, ({ x }) => {
    let y = x;
    for (let layer = 0; layer < layers; layer++) y = fronts.tanh(mul(y, 1.5));
    return { y: fronts.sum(y) };
  });

  /** Everything expanded, equal expressions merged. */
  function optimized(graph: Graph): Graph {
    const passes = [lower, commonSubexpressions, algebraicSimplification(), deadCode];
    return runPasses(joint(gradient(graph)), passes, { registry }).graph;
  }

  test("what is computed again is not merged with what was computed before", () => {
    const tanhs = (graph: Graph) => opsOf(optimized(graph)).filter((op) => op === "tanh").length;
    expect(tanhs(chain)).toBe(layers);
    expect(tanhs(checkpoint(chain, { segments: 8 }))).toBe(2 * layers);
  });

  test("memory grows with the root of the number of layers", () => {
    const bytes = (graph: Graph) => plan(optimized(graph), registry).arenaBytes;
    const value = 32 * 8;
    expect(bytes(chain)).toBeGreaterThan(layers * value);
    expect(bytes(checkpoint(chain, { segments: 8 }))).toBeLessThan(3 * 8 * value);
  });

  test("the gradient is the same, to second order", () => {
    const [once, cut] = [chain, checkpoint(chain, { segments: 8 })].map((graph) => {
      const slope = optimized(graph);
      const second = joint(gradient(slope, { heads: ["grad.x"], wrt: ["x"] }));
      return runNamed(second, anyInputs(second));
    });
    expect(once?.["grad.x'"]).toEqual(close(cut?.["grad.x'"] ?? [], 10));
  });
});
