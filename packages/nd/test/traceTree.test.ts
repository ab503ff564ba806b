import { autograd, type NDArray, nd, type TraceBranch } from "../src/index.js";

/** Doubles until the sum is large, then may change the sign. */
function control(x: NDArray): NDArray {
  let y = x.mul(2);
  while (y.sum().asScalar() < 10) y = y.mul(2);
  return y.max().asScalar() > 15 ? y : y.neg();
}

const run = (start: number, again?: NDArray): NDArray => {
  const x = again ?? nd.array([start]);
  if (again === undefined) x.label = "control";
  x.attachGrad();
  return autograd.record(() => control(x));
};

/** The branch below which all runs of an input of this name lie. */
function branchOf(branch: TraceBranch, name: string): TraceBranch {
  const named = (one: TraceBranch) => one.steps.some((step) => step.name === name);
  if (named(branch)) return branch;
  for (const next of branch.branches) {
    const found = named(next) ? next : undefined;
    if (found !== undefined) return found;
  }
  throw new Error(`no branch of ${name}`);
}

describe("autograd.traceTree", () => {
  test("shows where paths part, what was read there, and how often each was taken", () => {
    run(1);
    run(1);
    const last = run(9);
    const top = branchOf(autograd.traceTree(last).root, "control");
    expect(top.hits).toBe(3);
    expect(top.taken).toBe(true);
    expect(top.steps.map(({ op }) => op)).toEqual([undefined, "mul", "sum", "reshape"]);
    // The number is shown where it is used, and is no step of its own.
    const mul = top.steps.find(({ op }) => op === "mul");
    expect(mul?.operands).toEqual([top.steps[0]?.first, { literal: 2 }]);
    expect(top.guards).toEqual([
      { value: top.steps.at(-1)?.first, op: "sum", site: "packages/nd/test/traceTree.test.ts:6" },
    ]);
    const ways = top.branches.map(({ hits, outcomes, taken }) => [
      hits,
      outcomes[0]?.number,
      taken,
    ]);
    expect(ways).toEqual([
      [1, 18, true],
      [2, 2, false],
    ]);
    const [large] = top.branches;
    expect(large?.steps.map(({ op }) => op)).toEqual(["max", "reshape"]);
    expect(large?.guards[0]?.site).toBe("packages/nd/test/traceTree.test.ts:7");
  });

  test("marks nothing without an array, and is plain data", () => {
    const tree = autograd.traceTree();
    expect(tree.root.taken).toBe(false);
    expect(tree.steps).toBeGreaterThan(4);
    expect(JSON.parse(JSON.stringify(tree))).toEqual(tree);
  });
});
