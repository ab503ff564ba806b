import {
  Builder,
  type Graph,
  GraphEditor,
  GraphError,
  type Pass,
  type Rule,
  rewritePass,
  runPasses,
  toText,
  verify,
} from "@adjoint/graph";
import { chain, sampleGraph } from "./sampleGraphs.js";
import { add, literal, mul, neg, registry, sortOp, sub } from "./testOps.js";

const doubleNegation: Rule = {
  name: "double negation",
  ops: ["neg"],
  apply({ node }, tools) {
    const [inner] = node.inputs;
    const found = inner === undefined ? undefined : tools.producer(inner);
    return found?.node.op === "neg" ? found.ins[0] : undefined;
  },
};

/** x + x = 2x */
const sumOfEquals: Rule = {
  name: "sum of equals",
  ops: ["add"],
  apply({ ins: [a, b] }) {
    if (a === undefined || b === undefined || a.id !== b.id || a.out !== b.out) return undefined;
    return mul(a, literal(a, 2));
  },
};

const addToSub: Rule = {
  name: "add to sub",
  ops: ["add"],
  apply: ({ ins: [a, b] }) => (a === undefined || b === undefined ? undefined : sub(a, b)),
};

const subToAdd: Rule = {
  name: "sub to add",
  ops: ["sub"],
  apply: ({ ins: [a, b] }) => (a === undefined || b === undefined ? undefined : add(a, b)),
};

function run(graph: Graph, ...rules: Rule[]) {
  const { graph: result, history } = runPasses(graph, [rewritePass("test", rules)], { registry });
  verify(result, registry);
  return { graph: result, fired: history[0]?.fired };
}

describe("rewritePass", () => {
  test("puts new nodes in the place of old ones, with their site, scope and origin", () => {
    const builder = new Builder("g");
    const x = builder.input("x", { dtype: "float32", shape: [2] });
    const twice = builder.within({ site: "m.ts:1", scope: "mlp", origin: 9 }, () => add(x, x));
    const other = neg(x);
    builder.output("y", mul(neg(neg(twice)), other));
    const { graph, fired } = run(builder.finish(), doubleNegation, sumOfEquals);
    expect(fired).toEqual({ "sum of equals": 1, "double negation": 1 });
    expect(toText(graph)).toMatchInlineSnapshot(`
"graph g(%x: float32[2]) -> (y: %5) {
  %7 = mul(%x, 2) : float32[2] @mlp ~%9  // m.ts:1
  %2 = neg(%x) : float32[2]
  %5 = mul(%7, %2) : float32[2]
}"
`);
  });

  test("tries rules in order, and `*` on every operator", () => {
    const seen: string[] = [];
    const look: Rule = {
      name: "look",
      ops: "*",
      apply({ op, attrs, ins, outs }) {
        seen.push(`${op.name} ${Object.keys(attrs).length} ${ins.length} ${outs.length}`);
        return undefined;
      },
    };
    const { graph, fired } = run(sampleGraph(), look, addToSub);
    expect(seen.slice(0, 5)).toEqual([
      "reshape 1 1 1",
      "full 3 0 1",
      "mul 0 2 1",
      "add 0 2 1",
      "full 3 0 1",
    ]);
    expect(seen.slice(5)).toEqual(["sub 0 2 1"]);
    expect(fired).toEqual({ "add to sub": 1 });
    expect(graph.order).toHaveLength(5);
  });

  test("replaces single results of a node, and takes references", () => {
    const builder = new Builder("g");
    const x = builder.input("x", { dtype: "float32", shape: [2] });
    const [values, positions] = builder.emit(sortOp, [x], { ascending: true });
    if (values === undefined || positions === undefined) throw new Error("sort: no results");
    builder.output("values", values);
    builder.output("positions", positions);
    const { graph } = run(builder.finish(), {
      name: "no sorting",
      ops: ["sort"],
      apply: ({ node: { inputs } }) => [inputs[0], undefined],
    });
    expect(graph.outputs.map(({ ref }) => ref)).toEqual([
      { node: 0, out: 0 },
      { node: 1, out: 1 },
    ]);
  });

  test("leaves nothing behind that a rule made and did not use", () => {
    const graph = sampleGraph();
    const result = run(graph, {
      name: "waste",
      ops: "*",
      apply: ({ ins: [x] }) => {
        if (x !== undefined) neg(neg(x));
        return undefined;
      },
    });
    expect(result.graph.order).toEqual(graph.order);
    expect(result.fired).toEqual({});
  });

  test("is done when a rule gives back what it got", () => {
    const same: Rule = { name: "same", ops: "*", apply: ({ outs }) => outs };
    expect(run(sampleGraph(), same).fired).toEqual({});
  });

  test("names the rules that kept firing when there is no fixpoint", () => {
    const builder = new Builder("circle");
    const x = builder.input("x", { dtype: "float32", shape: [2] });
    builder.output("y", add(neg(neg(x)), x));
    const pass = rewritePass("loop", [doubleNegation, addToSub, subToAdd], { maxSweeps: 10 });
    const attempt = () => runPasses(builder.finish(), [pass], { registry });
    expect(attempt).toThrow(GraphError);
    expect(attempt).toThrow(
      /^loop: no fixpoint after 10 sweeps of graph circle; rules kept firing: add to sub \(6 times\)/,
    );
    expect(attempt).not.toThrow(/double negation \(/);
  });

  test("stops rules whose results grow", () => {
    const grow: Rule = {
      name: "grow",
      ops: ["neg"],
      apply: ({ ins: [x] }) => (x === undefined ? undefined : neg(add(neg(x), neg(x)))),
    };
    expect(() => run(chain(3), grow)).toThrow(/no fixpoint after .*grow \(\d+ times\)/);
  });

  test("refuses a replacement of another type", () => {
    const wrong: Rule = {
      name: "wrong",
      ops: ["add"],
      apply: ({ ins: [x] }) => (x === undefined ? undefined : literal(x, 1)),
    };
    expect(() => run(sampleGraph(), wrong)).toThrow(
      /add: replacement of %4.0 has another type: float32\[\] \(allowed: float32\[4\]\); model.ts:5/,
    );
  });

  test("refuses a replacement that reads what it replaces", () => {
    const wrap: Rule = {
      name: "wrap",
      ops: ["add"],
      apply: ({ outs: [y] }) => (y === undefined ? undefined : neg(y)),
    };
    expect(() => run(sampleGraph(), wrap)).toThrow(/read each other in a circle/);
  });
});

describe("GraphEditor", () => {
  const edit = (run: (editor: GraphEditor) => void): Graph => {
    const pass: Pass = {
      name: "edit",
      run(editor) {
        run(editor);
        return {};
      },
    };
    return runPasses(sampleGraph(), [pass], { registry }).graph;
  };

  test("gives nodes other arguments and attributes of the same types", () => {
    const graph = edit((editor) => {
      editor.setInputs(4, [
        { node: 1, out: 0 },
        { node: 1, out: 0 },
      ]);
      editor.sweep([3]);
    });
    verify(graph, registry);
    expect(graph.order).toEqual([1, 4, 5]);
    expect(() => edit((editor) => editor.setInputs(1, []))).toThrow(/wrong number of arguments/);
    expect(() => edit((editor) => editor.setAttrs(1, { shape: [2, 2] }))).toThrow(
      /reshape: edit of %1 changes its type: float32\[2,2\] \(allowed: float32\[4\]\)/,
    );
  });

  test("moves a node up where it must stand before its new reader", () => {
    const graph = edit((editor) => {
      const [five] = [editor.value({ node: 5, out: 0 })];
      editor.setInputs(3, [{ node: 1, out: 0 }, five]);
    });
    verify(graph, registry);
    expect(graph.order).toEqual([1, 2, 5, 3, 4]);
  });

  test("follows chains of replacements", () => {
    const graph = edit((editor) => {
      const x = editor.value({ node: 1, out: 0 });
      const a = editor.within(4, () => neg(x));
      const b = editor.within(4, () => neg(a));
      editor.replace({ node: 4, out: 0 }, b);
      editor.replace(b, a);
      editor.replace(a, x);
      expect(editor.readerCount(b)).toBe(editor.readerCount(x));
      editor.sweep([4, a.id, b.id]);
    });
    verify(graph, registry);
    expect(graph.outputs[0]?.ref).toEqual({ node: 1, out: 0 });
    expect(graph.order).toEqual([1, 5]);
  });

  test("refuses to remove what is read, and values of another editor or of removed nodes", () => {
    expect(() => edit((editor) => editor.remove(3))).toThrow(/mul: %3 is still read/);
    expect(() => edit((editor) => editor.dropInput(0))).toThrow(/%0 is still read/);
    expect(() => edit((editor) => editor.node(3) && editor.setInputs(77, []))).toThrow(
      /has no %77/,
    );
    const other = new GraphEditor(sampleGraph(), registry).value({ node: 1, out: 0 });
    expect(() => edit((editor) => editor.replace({ node: 3, out: 0 }, other))).toThrow(
      /is not a value of this editor/,
    );
  });

  test("removes what no output depends on after values were replaced, and keeps what others read", () => {
    const graph = edit((editor) => {
      editor.replace({ node: 4, out: 0 }, { node: 1, out: 0 });
      expect(editor.readersOf({ node: 1, out: 0 })).toEqual([3, 4]);
      expect(editor.removeUnreached(() => true)).toEqual({ nodes: 3, inputs: 0 });
      expect(editor.readersOf({ node: 1, out: 0 })).toEqual([]);
      expect(editor.readerCount({ node: 1, out: 0 })).toBe(1);
      expect(() => editor.value({ node: 4, out: 1 })).toThrow(/has no %4.1/);
    });
    verify(graph, registry);
    expect(graph.order).toEqual([1, 5]);
  });

  test("counts readers that were added before anyone asked", () => {
    edit((editor) => {
      const x = editor.value({ node: 1, out: 0 });
      const twice = add(x, x);
      expect(editor.readersOf(x)).toEqual([3, 4, twice.id]);
      editor.remove(twice.id);
      expect(editor.readersOf(x)).toEqual([3, 4]);
    });
  });

  test("adds a constant once, under a free name", () => {
    const data = Float32Array.of(1, 2);
    const graph = edit((editor) => {
      const first = editor.constant(data, { dtype: "float32", shape: [2] });
      const second = editor.constant(data, { dtype: "float32", shape: [2] });
      expect(second.id).toBe(first.id);
    });
    verify(graph, registry);
    expect(graph.inputs.map(({ role }) => role)).toEqual(["arg", "const"]);
    expect(Object.keys(graph.constants)).toHaveLength(1);
  });
});
