import { lower, runPasses, verify } from "@adjoint/graph";
import { fronts, mul, registry } from "@adjoint/ops";
import { plan } from "@adjoint/runtime";
import { gradient, joint } from "../src/index.js";
import { anyInputs, close, f64, program, runNamed, savedNames } from "./support.js";

const depth = 64;
const bytes = 32;
const deep = program("deep", { x: f64(4), w: f64(4) }, ({ x, w }) => {
  let y = x;
  for (let layer = 0; layer < depth; layer++) y = fronts.tanh(mul(y, w));
  return { y };
});

/** What a plan of program and gradient in one keeps alive at most, without its results. */
function liveOf(graphs: ReturnType<typeof gradient>): number {
  const { graph } = runPasses(joint(graphs), [lower], { registry });
  return plan(graph, registry).liveBytesBound;
}

const wrt = ["x"];
const budgets = [2000, 1500, 1200, 1000, 900, 800, 700, 600, 500, 400, 0];

test("gradients stay, to the last bit, whatever is computed again", () => {
  const given = { ...anyInputs(deep), "head.y": [1, 2, 3, 4] };
  const wanted = runNamed(joint(gradient(deep, { wrt })), given);
  for (const memoryBudget of budgets) {
    const graphs = gradient(deep, { wrt, memoryBudget });
    verify(graphs.backward, registry);
    const got = runNamed(joint(graphs), given);
    expect(got["grad.x"]).toEqual(close(wanted["grad.x"] ?? [], 15));
  }
});

test("a budget that everything fits in changes nothing", () => {
  const graphs = gradient(deep, { wrt, memoryBudget: 1e6 });
  expect(graphs).toEqual(gradient(deep, { wrt }));
  expect(savedNames(graphs)).toHaveLength(depth + 1);
});

test("the planned peak falls with the budget and never rises, and fits where it can", () => {
  const peaks = budgets.map((memoryBudget) => gradient(deep, { wrt, memoryBudget }).memory.peak);
  expect(peaks).toEqual([...peaks].sort((a, b) => b - a));
  budgets.forEach((budget, at) => {
    if (budget >= 800) expect(peaks[at]).toBeLessThanOrEqual(budget);
  });
  expect(Math.min(...peaks)).toBeLessThan((depth * bytes) / 2.5);
});

test("a plan takes no more than the gradient's graphs say", () => {
  for (const memoryBudget of budgets) {
    const graphs = gradient(deep, { wrt, memoryBudget });
    expect(liveOf(graphs)).toBeLessThanOrEqual(graphs.memory.peak);
  }
});

test("products are kept longest: computing them again costs the most", () => {
  const layers = program("layers", { x: f64(4, 4), w: f64(4, 4) }, ({ x, w }) => {
    let y = x;
    for (let layer = 0; layer < 8; layer++) y = fronts.tanh(fronts.exp(fronts.dot(y, w)));
    return { y };
  });
  const count = (op: string, memoryBudget?: number) => {
    const { backward } = gradient(layers, memoryBudget === undefined ? {} : { memoryBudget });
    return Object.values(backward.nodes).filter((node) => node.op === op).length;
  };
  // tanh needs what exp gave, which is kept; exp would need the product.
  expect([count("tanh"), count("exp")]).toEqual([0, 0]);
  expect(count("tanh", 0)).toBeGreaterThan(0);
  const least = gradient(layers, { memoryBudget: 0 }).memory.peak;
  const { peak } = gradient(layers).memory;
  for (let budget = peak; budget > least; budget -= 64) {
    if (count("exp", budget) > 0) expect(count("tanh", budget)).toBeGreaterThanOrEqual(7);
    if (count("dot", budget) > count("dot")) expect(count("exp", budget)).toBeGreaterThan(0);
  }
});

test("a budget must be a number of bytes", () => {
  for (const memoryBudget of [-1, Number.NaN]) {
    expect(() => gradient(deep, { wrt, memoryBudget })).toThrow(
      "memory budget is no number of bytes",
    );
  }
});
