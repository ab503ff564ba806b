import { existsSync, readFileSync } from "node:fs";
import { autograd, nd } from "@adjoint/nd";
import { toText } from "@adjoint/graph";
import { toMatchGraph } from "../src/jest.js";
import { temporaryFolder } from "./files.js";

expect.extend({ toMatchGraph });

const { path } = temporaryFolder("matcher");

/** The graphs of a small function; `scale` is a number in them. */
function graphs(scale: number) {
  const x = nd.array([1, 2]).attachGrad();
  x.label = "x";
  return autograd.graphOf(autograd.record(() => x.mul(scale).exp()));
}

/** What the matcher answers in a test of this name, when snapshots are updated so. */
function ask(received: unknown, update: "new" | "all" | "none", currentTestName: string) {
  const snapshotState = { _updateSnapshot: update };
  const context = { testPath: path("model.test.ts"), currentTestName, snapshotState };
  const { pass, message } = toMatchGraph.call(context, received);
  return { pass, message: message() };
}

describe("expect(graph).toMatchGraph()", () => {
  test("writes the graph for a new test, and compares with it from then on", () => {
    const file = path("__graphs__/model.test.ts/loss_ first.txt");
    expect(ask(graphs(2), "new", "loss: first").pass).toBe(true);
    expect(readFileSync(file, "utf8")).toBe(`${toText(graphs(2), { full: true })}\n`);
    expect(ask(graphs(2), "new", "loss: first").pass).toBe(true);
    const { pass, message } = ask(graphs(3), "new", "loss: first");
    expect(pass).toBe(false);
    expect(message).toContain(`graph differs from ${file}; run with -u if it should`);
    expect(message).toMatch(/^- %\d+ = mul\(%x, 2\)/m);
    expect(message).toMatch(/^\+ %\d+ = mul\(%x, 3\)/m);
  });

  test("writes anew with -u, and nothing with --ci", () => {
    expect(ask(graphs(2), "none", "other")).toMatchObject({
      pass: false,
      message: expect.stringContaining("--ci writes none"),
    });
    expect(existsSync(path("__graphs__/model.test.ts/other.txt"))).toBe(false);
    ask(graphs(2), "new", "other");
    expect(ask(graphs(3), "all", "other").pass).toBe(true);
    expect(ask(graphs(3), "none", "other").pass).toBe(true);
  });

  test("keeps several graphs of one test apart", () => {
    const snapshotState = { _updateSnapshot: "new" };
    const context = { testPath: path("two.test.ts"), currentTestName: "two", snapshotState };
    toMatchGraph.call(context, graphs(1));
    toMatchGraph.call(context, graphs(2));
    expect(existsSync(path("__graphs__/two.test.ts/two.txt"))).toBe(true);
    expect(existsSync(path("__graphs__/two.test.ts/two 2.txt"))).toBe(true);
  });

  test("compares with another graph, or the text of one; lines of the source don't count", () => {
    const [forward, again] = [graphs(2).forward, graphs(2).forward];
    expect(forward).toMatchGraph(again);
    expect(forward).toMatchGraph(toText(forward).replaceAll(".test.ts:", ".ts:9"));
    expect(graphs(3).forward).not.toMatchGraph(forward);
    expect(() => expect(graphs(3).forward).toMatchGraph(forward)).toThrow(/^graphs differ\n/);
    expect(graphs(3)).not.toMatchGraph(forward);
  });

  test("refuses what is no graph, and .not without another graph", () => {
    expect(() => expect(1).toMatchGraph()).toThrow("expected a graph, or a program and its");
    expect(() => expect(graphs(1)).not.toMatchGraph()).toThrow(".not needs a graph");
    expect(() => ask(graphs(1), "new", "")).not.toThrow();
    expect(() => toMatchGraph.call({}, graphs(1))).toThrow("belongs to a test");
  });
});
