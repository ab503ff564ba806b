import { joint } from "@adjoint/autograd";
import { toText } from "@adjoint/graph";
import { fronts as op, registry } from "@adjoint/ops";
import {
  costDecoration,
  execute,
  formatBytes,
  formatMilliseconds,
  formatQuantity,
  formatSummary,
  graphCosts,
  observe,
  observeGradient,
  observedValues,
  planGraph,
  profileDecoration,
  summarize,
  tensorOf,
  toNumbers,
  valueDecoration,
} from "../../src/index.js";
import { float, gradientOf, graphOf, pair } from "./samples.js";

const vector = tensorOf([1, -2, 3], "float32");

const program = graphOf("program", { x: float(3) }, (ins, builder) =>
  builder.within({ site: "model.ts:3" }, () => op.softmax(op.multiply(ins[0] ?? none(), 2))),
);

function none(): never {
  throw new Error("no value");
}

describe("observe", () => {
  test("keeps the value of every row; a composite is one", () => {
    const observation = observe(program, { x: vector }, registry);
    expect(observation.rows.map(({ row }) => row)).toEqual([0, ...program.order]);
    const values = observedValues(observation);
    const [output] = program.outputs;
    const { plan } = planGraph(program, registry);
    const result = values.get(output?.ref ?? none());
    expect(result === undefined ? [] : toNumbers(result)).toEqual(
      plan.run([vector]).flatMap(toNumbers),
    );
  });

  test("runs each node as often as asked, and gives every node a time", () => {
    const { rows } = observe(program, [vector], registry, { repeat: 3 });
    const nodes = rows.filter(({ row }) => program.nodes[row] !== undefined);
    expect(nodes.every(({ milliseconds }) => milliseconds > 0 && milliseconds < 1e4)).toBe(true);
    expect(() => observe(program, [vector], registry, { repeat: 0 })).toThrow(/not a repeat: 0/);
  });

  test("names the input that is missing", () => {
    expect(() => observe(program, [], registry)).toThrow("program: input x is missing");
  });
});

describe("observeGradient", () => {
  const root = graphOf("root", { x: float(2), w: float(2) }, (ins, builder) => {
    const [x, w] = pair(ins);
    const sum = builder.within({ site: "model.ts:7" }, () => op.sqrt(x));
    return builder.within({ site: "model.ts:8" }, () => op.multiply(sum, w));
  });
  const x = tensorOf([4, 9], "float32");
  const w = tensorOf([1, 10], "float32");

  test("hands saved values over, with ones for heads", () => {
    const graphs = gradientOf(root);
    const { backward } = observeGradient(graphs, [x, w], registry);
    const values = backward === undefined ? none() : observedValues(backward);
    const gradients = graphs.backward.outputs.map(({ ref }) =>
      toNumbers(values.get(ref) ?? none()),
    );
    const ones = tensorOf([1, 1], "float32");
    const expected = execute(joint(graphs), [x, w, ones], registry).slice(1);
    expect(gradients).toEqual(expected.map(toNumbers));
  });

  test("refuses a head gradient of another type", () => {
    expect(() => observeGradient(gradientOf(root), [x, w], registry, { heads: [vector] })).toThrow(
      /head gradient 1 does not fit head.y: float32\[3\] \(allowed: float32\[2\]\)/,
    );
  });

  test("stops at the first row, forward or backward, that makes a NaN or an infinity", () => {
    const graphs = gradientOf(root);
    const stop = { stopAtNonFinite: true };
    const negative = observeGradient(graphs, [tensorOf([4, -9], "float32"), w], registry, stop);
    expect(negative.forward.nonFinite).toMatchObject({
      op: "sqrt",
      kind: "NaN",
      count: 1,
      site: "model.ts:7",
      ins: [{ min: -9, max: 4 }],
    });
    expect(negative.backward).toBeUndefined();

    const zero = observeGradient(graphs, [tensorOf([4, 0], "float32"), w], registry, stop);
    expect(zero.forward.nonFinite).toBeUndefined();
    expect(zero.backward?.nonFinite).toMatchObject({ kind: "infinity", site: "model.ts:7" });
    expect(zero.backward?.rows.at(-1)?.row).toBe(zero.backward?.nonFinite?.row);
  });

  test("names an input that holds a NaN, and lets infinities pass that are meant", () => {
    const graphs = gradientOf(root);
    const stop = { stopAtNonFinite: true };
    const bad = observeGradient(graphs, [tensorOf([4, Number.NaN], "float32"), w], registry, stop);
    expect(bad.forward.nonFinite).toMatchObject({ op: undefined, name: "x", count: 1 });
    const mask = graphOf("mask", { x: float(2) }, ([one = none()]) =>
      op.softmax(op.add(one, op.multiply(op.onesLike(one), Number.NEGATIVE_INFINITY))),
    );
    const { nonFinite } = observe(mask, [tensorOf([1, 2], "float32")], registry, stop);
    expect(nonFinite).toMatchObject({ op: "softmax", kind: "NaN" });
  });
});

describe("what is shown of a run", () => {
  test("small arrays in full, others in short", () => {
    expect(formatSummary(summarize(vector))).toBe("[1, -2, 3]");
    const wide = tensorOf([0, 1, 2, 3, 4, 5, 6, Number.NaN, Number.POSITIVE_INFINITY], "float64");
    expect(formatSummary(summarize(wide))).toBe("min 0, mean inf, max inf, 1 nan, 1 inf");
    expect(summarize(wide)).toMatchObject({ nans: 1, infinities: 1, elements: undefined });
    const nothing = summarize(tensorOf(new Array(9).fill(Number.NaN), "float32"));
    expect(formatSummary(nothing)).toBe("9 nan");
    expect(formatSummary(summarize(tensorOf([1 / 3, -0], "float64")))).toBe("[0.333333, -0]");
  });

  test("quantities with prefixes", () => {
    expect([640, 1250, 3.2e9].map(formatQuantity)).toEqual(["640", "1.25K", "3.2G"]);
    expect([640, 1536, 3 * 2 ** 30].map(formatBytes)).toEqual(["640 B", "1.5 KiB", "3 GiB"]);
    expect([1e-3, 4.5678, 12_340].map(formatMilliseconds)).toEqual(["1 µs", "4.57 ms", "12.3 s"]);
  });

  test("decorations mark the rows of their own graph", () => {
    const observation = observe(program, [vector], registry);
    const text = toText(program, { decoration: valueDecoration(observation) });
    expect(text).toContain("    // [2, -4, 6]");
    const costs = costDecoration(program, graphCosts(program, registry), ["flops"]);
    expect(toText(program, { decoration: costs })).toContain("// 3 flops");
    const times = profileDecoration(observation);
    expect(toText(program, { decoration: times })).toMatch(/\/\/ [\d.]+ [µm]s, [\d.]+ %/);
    expect(toText(gradientOf(program).backward, { decoration: times })).not.toContain("s, ");
  });
});
