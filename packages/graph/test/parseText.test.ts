import {
  Builder,
  bytesOf,
  commonSubexpressions,
  deadCode,
  decodeConstant,
  diffGraphs,
  dtypes,
  encodeConstant,
  equalGraphs,
  type Graph,
  GraphError,
  lower,
  parseText,
  parseTexts,
  runPasses,
  selectNodes,
  sizeOf,
  TextError,
  toJson,
  toText,
  type Value,
  verify,
} from "@adjoint/graph";
import fc from "fast-check";
import { arbitraryGraph } from "./arbitraryGraph.js";
import { chain, column, jointGraphs, sortGraph } from "./sampleGraphs.js";
import { add, addNOp, apply, callOp, literal, mul, registry } from "./testOps.js";

const addAll = (first: Value, ...rest: Value[]): Value => apply(addNOp, [first, ...rest]);

/** Ids as passes leave them: with gaps, out of order. */
function passed(graph: Graph): Graph {
  return runPasses(graph, [lower, commonSubexpressions, deadCode], { registry }).graph;
}

/** A graph with another as an attribute, in a list with odd values. */
function around(body: Graph, name: string): Graph {
  const builder = new Builder(name, 7);
  const x = builder.input("x#1 %", column, "arg", { site: "model.ts:1" });
  const note = ['a\nb"\\', null, -0, [true, 1e-300, Number.NaN], body, "\u2028\ud800"];
  const y = builder.within({ site: '"quoted" // site', scope: "a//b", origin: 3 }, () =>
    apply(callOp, [x], { body, note }),
  );
  builder.output("y", y);
  builder.output("x", x);
  return builder.finish();
}

function expectBack(graph: Graph): void {
  const text = toText(graph, { full: true });
  const back = parseText(text);
  expect(back).toEqual(graph);
  expect(toJson(back)).toBe(toJson(graph));
  expect(toText(back, { full: true })).toBe(text);
  expect(Object.isFrozen(back.nodes)).toBe(true);
}

describe("parseText gives back what toText wrote in full:", () => {
  test("any graph, as built and after passes", () => {
    fc.assert(
      fc.property(arbitraryGraph, (graph) => {
        expectBack(graph);
        expectBack(passed(graph));
        expectBack(around(graph, graph.name));
      }),
      { numRuns: 40 },
    );
  });

  test("roles, what inputs stand for, origins", () => {
    const { forward, backward } = jointGraphs();
    expectBack(forward);
    expectBack(backward);
    expectBack(around(backward, "two\nlines"));
  });

  test("numbers that are shared, are outputs, or stand elsewhere than right before their reader", () => {
    const builder = new Builder("numbers");
    const x = builder.input("x", column);
    const early = literal(x, 2);
    const shared = literal(x, 3);
    const elsewhere = builder.within({ scope: "elsewhere" }, () => literal(x, 4));
    const y = mul(mul(add(x, early), shared), shared);
    builder.output("y", add(y, elsewhere));
    builder.output("five", literal(x, 5));
    builder.output("z", addAll(literal(x, 6), literal(x, 7), y, literal(x, 8)));
    const graph = builder.finish();
    expectBack(graph);
    expect(toText(graph, { full: true })).toContain("addN(6, 7, %");
  });

  test("constants of every dtype, long and short, with odd bits and without readers", () => {
    const builder = new Builder("constants");
    for (const dtype of dtypes) {
      for (const length of [0, 1, 8, 9]) {
        const bytes = Uint8Array.from(
          { length: length * bytesOf(dtype) },
          (_, at) => (at * 37) % 256,
        );
        if (dtype === "bool") bytes.fill(1);
        builder.constant(
          decodeConstant({ dtype, shape: [length], bytes: btoa(String.fromCharCode(...bytes)) }),
          {
            dtype,
            shape: [length],
          },
        );
      }
    }
    const payload = new Float32Array(Uint32Array.of(0x7fc00001, 0xffc00000).buffer);
    builder.constant(payload, { dtype: "float32", shape: [2] });
    builder.constant(Float64Array.of(-0, 1 / 3), { dtype: "float64", shape: [1, 2] });
    const [key, constant] = encodeConstant(Int32Array.of(4), { dtype: "int32", shape: [] });
    const graph = builder.finish();
    expectBack({ ...graph, constants: { ...graph.constants, [key]: constant } });
  });

  test("ids in any order, and a next id beyond them", () => {
    const graph = chain(3);
    const renamed: Graph = {
      ...graph,
      nodes: {
        9: { id: 9, op: "neg", inputs: [{ node: 0, out: 0 }], attrs: {}, types: [column] },
        4: { id: 4, op: "neg", inputs: [{ node: 9, out: 0 }], attrs: {}, types: [column] },
      },
      order: [9, 4],
      outputs: [],
      nextId: 77,
    };
    expectBack(renamed);
    expect(toText(renamed, { full: true })).toContain("-> () next %77 {");
    expectBack(new Builder("").finish());
  });

  test("every node of a long graph", () => {
    const text = toText(
      chain(5_000, (x) => add(x, literal(x, 1))),
      { full: true },
    );
    const back = parseText(text);
    expect(back.order).toHaveLength(10_000);
    expect(toText(back, { full: true }) === text).toBe(true);
  });
});

describe("parseText of a short text", () => {
  test("gives a graph with the same text, and of a known operator the flags that are off", () => {
    fc.assert(
      fc.property(arbitraryGraph, (graph) => {
        const built = passed(graph);
        const isWhole = Object.values(built.constants).every(({ shape }) => sizeOf(shape) <= 8);
        expect(isWhole).toBe(true);
        const back = parseText(toText(built), registry);
        expect(toText(back)).toBe(toText(built));
        verify(back, registry);
      }),
      { numRuns: 40 },
    );
    expect(equalGraphs(parseText(toText(sortGraph()), registry), sortGraph())).toBe(true);
    const off = toText(sortGraph()).replace(" {ascending=true}", "");
    const [sort] = Object.values(parseText(off, registry).nodes).filter(({ op }) => op === "sort");
    expect(sort?.attrs).toEqual({ ascending: false });
    expect(parseText(off).nodes[3]?.attrs).toEqual({});
  });

  test("gives a number an id of its own where the place before its reader is taken", () => {
    const graph = parseText(`graph g(%x: float32[2]) -> (y: %1, one: 1:int32) {
      %2 = mul(%x, 2) : float32[2] @block  // model.ts:1
      %1 = add(%2, 3:int32) : float32[2]
    }`);
    expect(graph.order).toEqual([3, 2, 4, 1, 5]);
    expect(graph.nodes[3]).toEqual({
      id: 3,
      op: "full",
      inputs: [],
      attrs: { shape: [], dtype: "float32", value: 2 },
      types: [{ dtype: "float32", shape: [] }],
      scope: "block",
      site: "model.ts:1",
    });
    expect(graph.nextId).toBe(6);
  });

  test("takes comments, line ends of Windows and any spacing", () => {
    const text = [
      "// a file",
      "graph   sample ( %x : float32 [ 4 , 1 ] , // model.ts:2",
      "  // not a site",
      ") -> ( y : %1 ) { // nor this",
      "%1=neg(%x):float32[4,1]// model.ts:3 ",
      "// the end",
      "} // really",
    ].join("\r\n");
    const graph = parseText(text);
    expect(graph.inputs[0]?.site).toBe("model.ts:2");
    expect(graph.nodes[1]?.site).toBe("model.ts:3");
    expect(toText(graph, { full: true })).toBe(
      "graph sample(\n  %x: float32[4,1],  // model.ts:2\n) -> (y: %1) {\n  %1 = neg(%x) : float32[4,1]  // model.ts:3\n}",
    );
  });
});

/** A text of which the first line is a graph's head with the input `%x`, and the second one row. */
const withRow = (row: string) => `graph g(%x: float32[2]) -> (y: %1) {\n  ${row}\n}`;
const withInput = (input: string) => `graph g(${input}) -> () {}`;
const hash = "0".repeat(32);

/** Text, line, column, and what the message says. */
const wrong: readonly (readonly [string, number, number, string])[] = [
  ["", 1, 1, 'unexpected text: end of text (allowed: "graph")'],
  ["\n\n  grap x", 3, 3, 'unexpected text: "grap" (allowed: "graph")'],
  ["graph", 1, 6, "end of text (allowed: the name of the graph)"],
  ["graph g(%x: float32[2]) -> (y: %x) {} }", 1, 39, '"}" (allowed: end of text after the graph)'],
  [toText({ forward: chain(1), backward: chain(1) }), 5, 1, "end of text after the graph"],
  [toText(diffGraphs(chain(1), chain(2))), 1, 1, 'unexpected text: "diff"'],
  [toText(selectNodes(chain(1), "op=neg")), 1, 1, 'unexpected text: "view"'],
  [withInput("x: float32[2]"), 1, 9, '"x" (allowed: an input, as %x: float32[2,3], or ")")'],
  [withInput("%x: float33[2]"), 1, 13, "unknown dtype: float33 (allowed: float32)"],
  [withInput("%x: float32[2"), 1, 22, '")" (allowed: "," or "]")'],
  [withInput("%x: float32[-1]"), 1, 21, '"-" (allowed: a length, or "]")'],
  [withInput("%x: float32[9007199254740993]"), 1, 21, "number is too large: 9007199254740993"],
  [withInput("%x: float32[2] %y: float32[2]"), 1, 24, '"%" (allowed: "," or ")")'],
  [withInput("%x: float32[], %x: float32[]"), 1, 24, "name is taken: x"],
  [withInput("%x: float32[], %y#0: float32[]"), 1, 24, "id is taken: %0"],
  [withInput("head %x: float32[]"), 1, 14, "a head input does not say what it stands for: x"],
  [withInput("%x: float32[] = [1]"), 1, 9, "a const input, and no other, has a content: x"],
  [withInput("const %x: float32[]"), 1, 15, "a const input, and no other, has a content: x"],
  [withInput(`const %x: float32[] = #${hash}`), 1, 15, `constant is not in the table: #${hash}`],
  [withInput("const %x: float32[] = #12"), 1, 31, "# and the content hash of a constant"],
  [withInput("const %x: int32[2] = [1,2,3]"), 1, 30, "3 numbers (allowed: int32[2])"],
  [withInput("const %x: int8[1] = [128]"), 1, 29, "not the elements of the constant"],
  [withInput("const %x: int64[1] = [9223372036854775808]"), 1, 30, "not the elements"],
  [withInput("const %x: float16[1] = [1]"), 1, 32, "float16 is written in the table"],
  ["graph g() -> (y: %x) {}", 1, 18, "no input of this name: x (allowed: none)"],
  ["graph g(%x: float32[]) -> (y: 1) {}", 1, 31, "an output has no dtype (allowed: a number with"],
  ["graph g(%x: float32[]) -> (y: %x, y: %x) {}", 1, 35, "name is taken: y"],
  [
    "graph g(%x#4: float32[]) -> () next %4 {}",
    1,
    1,
    "next is not above all ids: %4 (allowed: %5 or",
  ],
  [`graph g() -> () {\n  #${hash}: bool[3] = "AA=="\n}`, 2, 48, "base64 of 3 bytes"],
  [withRow("%1 = neg(%x, ) : float32[2]"), 2, 16, '")" (allowed: an operand'],
  [withRow("%1 = neg(%x) float32[2]"), 2, 16, '"float32" (allowed: ":")'],
  [withRow("%1 = neg(%5) : float32[2]"), 2, 12, "no row of this id: %5"],
  [withRow("%1 = neg(%1) : float32[2]"), 2, 12, "the row does not stand before its reader: %1"],
  [
    withRow("%1 = neg(%0.1) : float32[2]"),
    2,
    12,
    "does not have this result: %0.1 (allowed: 0 to 0)",
  ],
  [withRow("%0 = neg(%x) : float32[2]"), 2, 3, "id is taken: %0"],
  [withRow("%1 = neg(%X) : float32[2]"), 2, 12, "no input of this name: X (allowed: x)"],
  [withRow("%1 = neg(1.) : float32[2]"), 2, 13, '"." (allowed: "," or ")")'],
  [withRow("%1 = neg(%x) {a=1, a=2} : float32[2]"), 2, 22, 'attribute is given twice: "a"'],
  [
    withRow("%1 = neg(%x) {__proto__=1} : float32[2]"),
    2,
    17,
    'not a name of an attribute: "__proto__"',
  ],
  [
    withRow("%1 = neg(%x) {a=yes} : float32[2]"),
    2,
    19,
    '"yes" (allowed: a number, a string in quotes',
  ],
  [withRow('%1 = neg(%x) {a="\\x"} : float32[2]'), 2, 19, "string is not valid"],
  [withRow('%1 = neg(%x) {a="b} : float32[2]'), 2, 19, "string does not end"],
  [
    withRow(`%1 = neg(%x) {a=${"[".repeat(200)}`),
    2,
    119,
    "nested too deep (allowed: at most 100 levels)",
  ],
  [withRow('%1 = neg(%x) : float32[2]  // "a'), 2, 30, "string is not valid"],
];

describe("parseText refuses", () => {
  test.each(wrong)("%j", (text, line, column, message) => {
    expect(() => parseText(text)).toThrow(TextError);
    expect(() => parseText(text)).toThrow(message);
    expect(() => parseText(text)).toThrow(expect.objectContaining({ line, column }));
  });

  test("with the line and a caret below the place", () => {
    const text = withRow("%1 = neg(%x, ) : float32[2]");
    expect(() => parseText(text)).toThrow(
      new Error(
        [
          'parseText: unexpected text: ")" (allowed: an operand, as %x, %4, 2.5 or inf); line 2, column 16',
          "    %1 = neg(%x, ) : float32[2]",
          "                 ^",
        ].join("\n"),
      ),
    );
  });

  test("a place in a long line with a part of the line", () => {
    const text = `graph g(%${"x".repeat(100_000)}: float32[1 2])`;
    expect(() => parseText(text)).toThrow(/ {2}x{48}: float32\[1 2\]\)\n {2} {60}\^$/);
  });

  test("operators and types that the registry does not know", () => {
    expect(() => parseText(withRow("%1 = negg(%x) : float32[2]"), registry)).toThrow(
      "unknown operator: negg (allowed: neg); line 2, column 3",
    );
    expect(() => parseText(withRow("%1 = neg(%x) : float32[3]"), registry)).toThrow(
      "types are not what the operator infers: float32[3] (allowed: float32[2])",
    );
  });

  test("any damaged text with a GraphError and no other", () => {
    const pieces = [
      "%",
      "{",
      "}",
      '"',
      "[",
      ",",
      ":",
      "//",
      "graph ",
      "\n",
      "#",
      "1e999",
      "\\",
      "%0",
      "nan",
    ];
    const damage = fc.record({
      at: fc.nat(10_000),
      cut: fc.nat(8),
      insert: fc.oneof(fc.constantFrom("", ...pieces), fc.string()),
    });
    fc.assert(
      fc.property(arbitraryGraph, damage, fc.boolean(), (graph, { at, cut, insert }, isFull) => {
        const text = toText(around(graph, "outer"), { full: isFull });
        const start = at % text.length;
        const damaged = text.slice(0, start) + insert + text.slice(start + cut);
        try {
          const back = parseText(damaged, registry);
          expect(parseText(toText(back, { full: true }))).toEqual(back);
        } catch (error) {
          if (!(error instanceof GraphError)) throw error;
        }
      }),
      { numRuns: 200 },
    );
  });

  test("what is nested too deep, and what is very long, without filling the stack", () => {
    const deep = `graph g() -> () {\n${"%1 = call() {body=graph g() -> () {\n".repeat(10_000)}`;
    expect(() => parseText(deep)).toThrow("nested too deep");
    expect(() => parseText(withRow(`%1 = neg(%x) {a="${"\\n".repeat(1_000_000)}`))).toThrow(
      "string does not end",
    );
  });
});

test("parseTexts reads several graphs, and none from an empty text", () => {
  const { forward, backward } = jointGraphs();
  const text = `${toText(forward, { full: true })}\n\n// the gradient\n${toText(backward, { full: true })}\n`;
  expect(parseTexts(text)).toEqual([forward, backward]);
  expect(() => parseTexts(" ")).toThrow(TextError);
});
