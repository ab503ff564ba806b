import { Builder, type Graph, nodesOf, refKey, type Value } from "@adjoint/graph";
import fc from "fast-check";
import {
  alignment,
  createTensor,
  evaluateNode,
  layOut,
  liveBytesBound,
  plan,
  type Slot,
  type Tensor,
} from "../src/index.js";
import { add, flatten, neg, reverse, sorted, testRegistry } from "./testOps.js";

/** Pairs of slots that share bytes at a step at which both are alive. */
function overlaps(slots: readonly Slot[]): [Slot, Slot][] {
  const found: [Slot, Slot][] = [];
  for (const [i, a] of slots.entries()) {
    for (const b of slots.slice(i + 1)) {
      const together = a.start <= b.end && b.start <= a.end;
      if (together && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes) {
        found.push([a, b]);
      }
    }
  }
  return found;
}

const lifetimes = fc
  .array(fc.tuple(fc.nat(40), fc.nat(12), fc.nat(1000)), { maxLength: 60 })
  .map((rows) =>
    rows
      .map(([start, length, bytes], node) => ({
        ref: { node, out: 0 },
        start,
        end: start + length,
        bytes,
      }))
      .sort((a, b) => a.start - b.start),
  );

test("slots never overlap while both are alive, lie in the arena and are aligned", () => {
  fc.assert(
    fc.property(lifetimes, (wanted) => {
      const { slots, bytes } = layOut(wanted);
      expect(overlaps(slots)).toEqual([]);
      for (const slot of slots) {
        expect(slot.offset % alignment).toBe(0);
        expect(slot.offset + slot.bytes).toBeLessThanOrEqual(bytes);
      }
      expect(bytes).toBeGreaterThanOrEqual(liveBytesBound(wanted));
    }),
  );
});

test("an array between two that end is put aside, so that a larger one finds their room", () => {
  const sizes = [
    { start: 0, end: 1, bytes: 64 },
    { start: 0, end: 3, bytes: 64 },
    { start: 2, end: 3, bytes: 128 },
  ];
  const wanted = sizes.map((one, node) => ({ ...one, ref: { node, out: 0 } }));
  const { slots, bytes } = layOut(wanted);
  expect(bytes).toBe(liveBytesBound(wanted));
  expect(slots.map(({ offset }) => offset)).toEqual([0, 128, 0]);
});

/** A recipe: each number pair picks an operator and operands among what there is so far. */
const recipes = fc.record({
  steps: fc.array(fc.tuple(fc.nat(4), fc.nat(1000), fc.nat(1000)), { minLength: 1, maxLength: 40 }),
  outputs: fc.array(fc.nat(1000), { minLength: 1, maxLength: 4 }),
});

function build({
  steps,
  outputs,
}: {
  steps: [number, number, number][];
  outputs: number[];
}): Graph {
  const builder = new Builder("random");
  const values: Value[] = [
    builder.input("a", { dtype: "float32", shape: [3, 4] }),
    builder.input("b", { dtype: "float32", shape: [40] }),
    builder.input("c", { dtype: "int32", shape: [12] }),
  ];
  const pick = (list: readonly Value[], n: number) =>
    list.slice(n % list.length, (n % list.length) + 1);
  for (const [kind, left, right] of steps) {
    const [x] = pick(values, left);
    if (x === undefined) continue;
    const fits = values.filter(
      ({ type }) => type.dtype === x.type.dtype && type.shape.join() === x.type.shape.join(),
    );
    const unary = [neg, flatten, sorted, x.type.shape.length === 1 ? reverse : neg][kind];
    if (unary === undefined) values.push(...builder.emit(add, [x, ...pick(fits, right)], {}));
    else values.push(...builder.emit(unary, [x], {}));
  }
  for (const [index, n] of outputs.entries()) {
    for (const value of pick(values, n)) builder.output(`y${index}`, value);
  }
  return builder.finish();
}

/** Every node by itself, each value in an array of its own. */
function naive(graph: Graph, inputs: readonly Tensor[]): Tensor[] {
  const values = new Map<string, Tensor>();
  for (const [index, { id }] of graph.inputs.entries()) {
    const input = inputs[index];
    if (input !== undefined) values.set(refKey({ node: id, out: 0 }), input);
  }
  const get = (key: string): Tensor =>
    values.get(key) ?? inputs[0] ?? createTensor({ dtype: "bool", shape: [] });
  for (const node of nodesOf(graph)) {
    const ins = node.inputs.map((ref) => get(refKey(ref)));
    const outs = evaluateNode(testRegistry.get(node.op), ins, node.attrs, node.types);
    for (const [out, tensor] of outs.entries()) values.set(refKey({ node: node.id, out }), tensor);
  }
  return graph.outputs.map(({ ref }) => get(refKey(ref)));
}

function inputs(seed: number): Tensor[] {
  const values = (count: number) =>
    Array.from({ length: count }, (_, i) => ((i + seed) * 7919) % 101);
  return [
    createTensor({ dtype: "float32", shape: [3, 4] }, values(12)),
    createTensor({ dtype: "float32", shape: [40] }, values(40)),
    createTensor({ dtype: "int32", shape: [12] }, values(12)),
  ];
}

test("a plan computes what its nodes compute one by one, run after run", () => {
  fc.assert(
    fc.property(recipes, (recipe) => {
      const graph = build(recipe);
      const made = plan(graph, testRegistry);
      expect(overlaps(made.slots)).toEqual([]);
      for (const seed of [1, 2]) {
        const given = inputs(seed);
        expect(made.run(given)).toEqual(naive(graph, given));
        expect(given).toEqual(inputs(seed));
      }
      const all = plan(graph, testRegistry, { keep: "all" }).run(inputs(1));
      expect(all.slice(0, graph.outputs.length)).toEqual(naive(graph, inputs(1)));
    }),
  );
});
