import { Builder } from "@adjoint/graph";
import {
  createTensor,
  describePlan,
  formatPlan,
  planDrawing,
  profilePlan,
  Runtime,
  tensorOf,
} from "../../src/index.js";
import { add, apply, div, flatten, neg, sorted, testRegistry } from "../testOps.js";

const runtime = new Runtime({ maximumBytes: 2 ** 26 });
const float = (...shape: number[]) => ({ dtype: "float32", shape }) as const;

/** y = sort(-(x + x)), z = -y: a fused group, a kernel of the library, and a group again. */
function sample() {
  const builder = new Builder("sample");
  const x = builder.input("x", float(2, 2));
  const line = apply(flatten, apply(neg, apply(add, x, x)));
  const y = apply(sorted, line);
  builder.output("z", apply(neg, apply(neg, y)));
  return builder.finish();
}

test("a plan reads as text: what is fused, by which code, and where temporaries are", () => {
  expect(formatPlan(describePlan(sample(), testRegistry, { runtime }))).toMatchInlineSnapshot(`
"plan of sample: 3 steps, 2 of them fused, 1 thread
  0. %1 add + %2 neg
     loops 4v, code 0
     (%x) -> %2: float32[2,2]
  1. %4 sorted
     order by sort.float32.sort
     (%2) -> %4: float32[4], %4.1: int32[4]
  2. %5 neg + %6 neg
     loops 4v, code 1
     (%4) -> %6 z: float32[4]
part of the code: %3 flatten
arena 192 B of temporaries + 128 B of scratch; at least 48 B alive at one step
  %2: 16 B at 0, steps 0-1
  %4: 16 B at 64, steps 1-2
  %4.1: 16 B at 128, step 1"
`);
});

test("a description is plain data about the arrays of a run", () => {
  const plan = describePlan(sample(), testRegistry, { runtime });
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  expect(plan.buffers[0]).toMatchObject({ kind: "input", name: "x", bytes: 16 });
  expect(plan.buffers.filter(({ kind }) => kind === "result")).toMatchObject([{ name: "z" }]);
  const temporaries = plan.buffers.flatMap(({ kind }, at) => (kind === "temporary" ? [at] : []));
  expect(plan.slots.map(({ buffer }) => buffer).sort()).toEqual(temporaries);
  for (const { buffer, start, end } of plan.slots) {
    expect(plan.steps[start]?.writes.map((place) => place.buffer)).toContain(buffer);
    const read = plan.steps[end]?.reads.map((place) => place.buffer);
    if (end > start) expect(read).toContain(buffer);
  }
});

test("what is written over another array says over which", () => {
  const builder = new Builder("chain");
  const x = apply(sorted, builder.input("x", float(64)));
  builder.output("y", apply(sorted, apply(neg, x)));
  const { slots } = describePlan(builder.finish(), testRegistry, { runtime });
  const [over, ...others] = slots.filter(({ inPlaceOf }) => inPlaceOf !== undefined);
  expect(others).toEqual([]);
  expect(slots.find(({ buffer }) => buffer === over?.inPlaceOf)).toMatchObject({
    offset: over?.offset,
    bytes: over?.bytes,
    end: over?.start,
  });
});

test("steps that are worth it are shared by threads, others are not", () => {
  const builder = new Builder("large");
  builder.output("y", apply(neg, builder.input("x", float(1000, 1000))));
  builder.output("z", apply(neg, builder.input("v", float(4))));
  const shared = new Runtime({ maximumBytes: 2 ** 27 });
  shared.setThreads(2);
  const { steps, threads } = describePlan(builder.finish(), testRegistry, { runtime: shared });
  expect(threads).toBe(2);
  expect(steps.map((step) => step.threads).sort()).toEqual([1, 2]);
});

test("every step is measured, in a run of the same steps", () => {
  const graph = sample();
  const x = createTensor(float(2, 2), [3, 1, 2, 4]);
  const plan = profilePlan(graph, { x }, testRegistry, { runtime, milliseconds: 4 });
  const { steps } = describePlan(graph, testRegistry, { runtime });
  expect(plan.steps.map(({ milliseconds: _, ...step }) => step)).toEqual(steps);
  for (const { milliseconds } of plan.steps) expect(milliseconds).toBeGreaterThanOrEqual(0);
  expect(plan.milliseconds).toBeGreaterThan(0);
});

test("measuring leaves the arguments as they were", () => {
  const x = tensorOf([4, 3, 2, 1], "float32");
  const builder = new Builder("own");
  const given = builder.input("x", float(4));
  builder.output("y", apply(div, given, apply(add, given, given)));
  profilePlan(builder.finish(), [x], testRegistry, { runtime, milliseconds: 1 });
  expect([...x.data]).toEqual([4, 3, 2, 1]);
});

test("a drawing has a cluster for each step, and says where values are stored", () => {
  const plan = describePlan(sample(), testRegistry, { runtime });
  const { graph, decoration } = planDrawing(plan);
  const scopes = graph.order.map((id) => graph.nodes[id]?.scope ?? "");
  expect(
    [...new Set(scopes)].filter((scope) => scope !== "").map((scope) => scope.slice(0, 7)),
  ).toEqual(["step 0:", "step 1:", "step 2:"]);
  const lines = graph.order.map((id) => decoration.row(graph, id)?.lines ?? []);
  expect(lines.flat().some((line) => line.includes("B at 0"))).toBe(true);
  expect(lines.flat()).toContain("result z");
});
