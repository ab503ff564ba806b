import { Builder, createRegistry, type Graph, GraphError } from "@adjoint/graph";
import {
  evaluateNode,
  execute,
  type Plan,
  plan,
  type Tensor,
  tensorOf,
  toNumbers,
} from "../src/index.js";
import { add, apply, callOf, double, neg, testOps } from "./testOps.js";

const type = { dtype: "float32", shape: [2] } as const;
const x = tensorOf([1, 2], "float32");

/** A graph of one input and output. */
function graphOf(
  name: string,
  body: (value: ReturnType<Builder["input"]>) => ReturnType<typeof apply>,
): Graph {
  const builder = new Builder(name);
  builder.output("y", body(builder.input("x", type)));
  return builder.finish();
}

describe("a call of a graph", () => {
  const inner = callOf({
    kind: "call",
    form: "graph",
    graph: graphOf("inner", (v) => apply(neg, v)),
  });
  const outer = graphOf("outer", (v) => apply(add, apply(inner, apply(neg, v)), v));
  const registry = createRegistry([...testOps, inner]);

  test("runs its body with the outer plan's operators", () => {
    expect(execute(outer, [x], registry).map(toNumbers)).toEqual([[2, 4]]);
  });
  test("body's composites are expanded by the caller's lowering", () => {
    const composite = graphOf("composite", (v) => apply(double, v));
    const call = callOf({ kind: "call", form: "graph", graph: composite });
    const known = createRegistry([...testOps, call]);
    const graph = graphOf("outer", (v) => apply(call, v));
    const lower = (body: Graph) =>
      body === composite ? graphOf("lowered", (v) => apply(add, v, v)) : body;
    expect(() => plan(graph, known)).toThrow(GraphError);
    expect(execute(graph, [x], known, { lower }).map(toNumbers)).toEqual([[2, 4]]);
  });
  test("evaluateNode plans bodies as it is told", () => {
    const planBody = (body: Graph) => plan(body, registry);
    expect(evaluateNode(inner, [x], {}, [type], planBody).map(toNumbers)).toEqual([[-1, -2]]);
    expect(() => evaluateNode(inner, [x], {}, [type])).toThrow(GraphError);
  });
});

describe("a call of the host", () => {
  const host = callOf({ kind: "call", form: "host", key: 7 }, "custom");
  const registry = createRegistry([...testOps, host]);
  const graph = graphOf("outer", (v) => apply(neg, apply(host, apply(neg, v))));
  const run = (f: (ins: readonly Tensor[]) => readonly Tensor[]) =>
    plan(graph, registry).run([x], { hosts: new Map([[7, f]]) });

  test("gets tensors that it may keep, and gives the results", () => {
    const kept: Tensor[] = [];
    const made = plan(graph, registry);
    const hosts = new Map([
      [
        7,
        (ins: readonly Tensor[]) => {
          kept.push(...ins);
          return [tensorOf([10, 20], "float32")];
        },
      ],
    ]);
    expect(made.run([x], { hosts }).map(toNumbers)).toEqual([[-10, -20]]);
    made.run([tensorOf([5, 5], "float32")], { hosts });
    expect(kept.map(toNumbers)).toEqual([
      [-1, -2],
      [-5, -5],
    ]);
  });
  test("may run the very plan that calls it, without harm to the values that wait outside", () => {
    const made: Plan = plan(
      graphOf("outer", (v) => {
        const waiting = apply(neg, v);
        return apply(add, apply(host, waiting), waiting);
      }),
      registry,
    );
    const runAt = (depth: number): Tensor[] =>
      made.run([tensorOf([depth, depth], "float32")], {
        hosts: new Map([[7, () => (depth === 0 ? [x] : runAt(depth - 1))]]),
      });
    expect(runAt(3).map(toNumbers)).toEqual([[1 - 6, 2 - 6]]);
  });
  test("is refused without the function, and with results of other types", () => {
    expect(() => plan(graph, registry).run([x])).toThrow(GraphError);
    expect(() => plan(graph, registry).run([x])).toThrow(/custom: .*not supplied: key 7/);
    expect(() => run(() => [])).toThrow(
      /custom: results differ .* nothing \(allowed: float32\[2\]\)/,
    );
    expect(() => run(() => [tensorOf([1], "float32")])).toThrow(GraphError);
  });
});
