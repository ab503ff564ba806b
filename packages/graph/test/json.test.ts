import {
  Builder,
  equalGraphs,
  fromJson,
  type Graph,
  GraphError,
  nodeOf,
  toJson,
  verify,
} from "@adjoint/graph";
import fc from "fast-check";
import { arbitraryGraph } from "./arbitraryGraph.js";
import { jointGraphs, sampleGraph, sortGraph } from "./sampleGraphs.js";
import { apply, callOp, fill, registry } from "./testOps.js";

/** True where the value and everything in it is frozen. */
function isDeepFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeepFrozen);
}

/** The sample's JSON with one place changed; keys lead to it. */
function tampered(keys: readonly (string | number)[], value: unknown): string {
  const root = JSON.parse(toJson(sampleGraph()));
  let place = root;
  for (const key of keys.slice(0, -1)) place = place[key];
  place[keys.at(-1) ?? ""] = value;
  return JSON.stringify(root);
}

/** Text with `old` exchanged; for what `JSON.stringify` would not write. */
function exchanged(old: string, by: string): string {
  const text = toJson(sampleGraph());
  if (!text.includes(old)) throw new Error(`no ${old} in ${text}`);
  return text.replace(old, by);
}

const hostile: readonly (readonly [string, string, RegExp])[] = [
  ["no JSON", "graph {", /text is not JSON/],
  ["a number", "3", /file is not valid: 3 \(allowed: an object\)/],
  ["null", "null", /file is not valid/],
  ["a list", "[]", /file is not valid: a list/],
  ["another format", tampered(["format"], "onnx"), /file.format is not valid: "onnx"/],
  ["a later version", tampered(["version"], 2), /file.version is not valid: 2 \(allowed: 1\)/],
  ["a missing graph", '{"format":"adjoint.graph","version":1}', /file.graph is not valid/],
  ["a missing field", tampered(["graph", "order"], undefined), /graph.order is not valid: nothing/],
  [
    "an unknown field",
    tampered(["graph", "extra"], 1),
    /graph.extra is not valid: 1 \(allowed: no such/,
  ],
  ["nodes as a list", tampered(["graph", "nodes"], []), /graph.nodes is not valid: a list of 0/],
  [
    "a string id",
    tampered(["graph", "nodes", "3", "id"], "3"),
    /graph.nodes\["3"\].id is not valid/,
  ],
  ["an id of another key", tampered(["graph", "nodes", "3", "id"], 4), /graph.nodes\["3"\].id/],
  [
    "a negative id",
    tampered(["graph", "inputs", 0, "id"], -1),
    /graph.inputs\[0\].id is not valid: -1/,
  ],
  ["an absurd id", tampered(["graph", "inputs", 0, "id"], 1e300), /graph.inputs\[0\].id/],
  ["half an id", tampered(["graph", "order", 0], 1.5), /graph.order\[0\] is not valid: 1.5/],
  ["an absurd nextId", tampered(["graph", "nextId"], 2 ** 53), /graph.nextId/],
  ["a negative length", tampered(["graph", "inputs", 0, "type", "shape", 0], -4), /shape\[0\]/],
  [
    "an unknown dtype",
    tampered(["graph", "inputs", 0, "type", "dtype"], "float31"),
    /type.dtype is not valid: "float31" \(allowed: float32/,
  ],
  ["an unknown role", tampered(["graph", "inputs", 0, "role"], "toString"), /role is not valid/],
  [
    "null as reference",
    tampered(["graph", "nodes", "3", "inputs", 0], null),
    /inputs\[0\] is not valid: null/,
  ],
  [
    "a cycle",
    tampered(["graph", "nodes", "1", "inputs", 0, "node"], 4),
    /%1 reshape reads %4.0, which does not stand before/,
  ],
  ["an order with repetition", tampered(["graph", "order"], [1, 1, 2, 3, 4, 5]), /%1 is taken/],
  [
    "an attribute that is an object",
    tampered(["graph", "nodes", "1", "attrs", "shape"], {}),
    /attrs.shape.name is not valid/,
  ],
  [
    "an unknown number",
    tampered(["graph", "nodes", "1", "attrs", "shape"], { $number: "toString" }),
    /\$number is not valid/,
  ],
  ["a key of no name", tampered(["graph", "nodes", "1", "attrs", "a b"], 1), /attrs\["a b"\]/],
  [
    "__proto__ among attributes",
    exchanged('"attrs":{', '"attrs":{"__proto__":{"order":1},'),
    /attrs.__proto__ is not valid/,
  ],
  [
    "__proto__ among nodes",
    exchanged('"nodes":{', '"nodes":{"__proto__":{},'),
    /graph.nodes.__proto__/,
  ],
  [
    "__proto__ as field",
    exchanged('"name":"sample"', '"__proto__":{"name":"sample"}'),
    /graph.__proto__/,
  ],
  [
    "__proto__ among constants",
    exchanged('"constants":{', '"constants":{"__proto__":{}'),
    /constants.__proto__/,
  ],
  [
    "a constant without bytes",
    tampered(["graph", "constants"], {
      ["0".repeat(32)]: { dtype: "bool", shape: [1e9], bytes: "AA==" },
    }),
    /bytes is not valid: "AA==" \(allowed: base64 of 1000000000 bytes\)/,
  ],
  [
    "a constant that is not base64",
    tampered(["graph", "constants"], {
      ["0".repeat(32)]: { dtype: "bool", shape: [1], bytes: "A-==" },
    }),
    /bytes is not valid/,
  ],
  [
    "deep lists",
    exchanged('"shape":[4]}', `"shape":${"[".repeat(5000)}${"]".repeat(5000)}}`),
    /at most 100 levels/,
  ],
  ["very deep lists", "[".repeat(1_000_000), /text is not JSON/],
];

describe("toJson and fromJson", () => {
  test("give any graph back", () => {
    fc.assert(
      fc.property(arbitraryGraph, (graph) => {
        const text = toJson(graph);
        const back = fromJson(text);
        expect(back).toEqual(graph);
        expect(isDeepFrozen(back)).toBe(true);
        expect(toJson(back)).toBe(text);
        expect(equalGraphs(back, graph)).toBe(true);
        verify(back, registry);
      }),
      { numRuns: 100 },
    );
  });

  test("give gradients and constants back", () => {
    const { forward, backward } = jointGraphs();
    for (const graph of [forward, backward, sortGraph()])
      expect(fromJson(toJson(graph))).toEqual(graph);
  });

  test("keep numbers that JSON has no literal for", () => {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0];
    for (const value of values) {
      const builder = new Builder("odd");
      const x = builder.input("x", { dtype: "float32", shape: [] });
      builder.output("y", fill(x, [2], value));
      const text = toJson(builder.finish());
      expect(text).toContain('{"$number":');
      expect(nodeOf(fromJson(text), 1).attrs.value).toBe(value);
    }
  });

  test("give sub-graphs in attributes back", () => {
    const builder = new Builder("outer");
    const x = builder.input("x", { dtype: "float32", shape: [4, 1] });
    const attrs = { body: sampleGraph(), note: [[-0, null], "text", sortGraph()] };
    builder.output("y", apply(callOp, [x], attrs));
    const graph: Graph = builder.finish();
    expect(fromJson(toJson(graph))).toEqual(graph);
  });

  test.each(hostile)("refuse %s", (_, text, message) => {
    expect(() => fromJson(text)).toThrow(GraphError);
    expect(() => fromJson(text)).toThrow(message);
    expect(Object.hasOwn(Object.prototype, "order")).toBe(false);
  });

  test("refuse or accept any change of any place, and never crash", () => {
    const values = fc.oneof(fc.jsonValue(), fc.constantFrom(-1, 1e300, "__proto__", [], {}));
    fc.assert(
      fc.property(arbitraryGraph, fc.nat(), values, (graph, choice, value) => {
        const root = JSON.parse(toJson(graph));
        const places: (() => void)[] = [];
        const visit = (holder: Record<string, unknown>) => {
          for (const key of Object.keys(holder)) {
            places.push(() => {
              holder[key] = value;
            });
            const inner = holder[key];
            if (isRecord(inner)) visit(inner);
          }
        };
        visit(root);
        places[choice % places.length]?.();
        try {
          fromJson(JSON.stringify(root));
        } catch (error) {
          expect(error).toBeInstanceOf(GraphError);
        }
      }),
      { numRuns: 200 },
    );
  });
});

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
