import { countDifferences, diffGraphs, fromJson, verify } from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import { jest } from "@jest/globals";
import { printed, spawned } from "./adjoint.js";
import { temporaryFolder } from "./files.js";

jest.setTimeout(120_000);

const { file } = temporaryFolder("views");
const seed = ["dump", "seed.ts", "--arg", "4x1"];
const mlp = ["dump", "blocks.ts#mlp", "--arg", "2x3", "--arg", "3x4", "--arg", "4x2"];

describe("adjoint dump", () => {
  test.concurrent("--wrt differentiates by what it names", async () => {
    const text = await printed(...mlp, "--backward", "--wrt", "v,x");
    expect(text).toMatch(/\(grad\.v: %\d+, grad\.x: %\d+\)/);
    expect(text).not.toContain("grad.w");
  });

  test.concurrent("--order 2 is the gradient of the gradient", async () => {
    const text = await printed(...seed, "--order", "2");
    expect(text).toContain("graph seed.joint(%x: float32[4,1], %head.y0");
    expect(text).toContain("head %head.grad.x: float32[4,1]");
    const values = await printed(...seed, "--order", "2", "--backward", "--values");
    // (x + x) 2 with a head of ones for the gradient.
    expect(values).toContain("// [4, 4, 4, 4]");
  });

  test.concurrent("--joint has two clusters with saved values between them", async () => {
    const dot = await printed(...seed, "--joint", "--format", "dot");
    expect(dot).toContain('label="forward"');
    expect(dot).toMatch(/^f0 -> b\d+ \[.*style=dashed\];$/m);
  });

  test.concurrent("--select shows rows for which a predicate holds, and what they touch", async () => {
    const text = await printed(...mlp, "--forward", "--select", "op=dot and scope~mlp/*");
    expect(text.match(/= dot\(/g)).toHaveLength(2);
    expect(text).not.toContain("= tanh(");
  });

  test.concurrent("--around shows a row with its surroundings, and its counterparts", async () => {
    const forward = await printed(...mlp, "--forward", "--around", "x", "--radius", "1");
    expect(forward).toContain("%x: float32[2,3]");
    expect(forward).not.toContain("%v");
    const both = await printed(...seed, "--around", "f2", "--radius", "0");
    expect(both).toContain("%2 = dot(");
    expect(both).toContain("~%2");
    const gradient = await printed(...seed, "--around", "b13", "--radius", "0");
    expect(gradient).toContain("%13 = dot(");
    expect(gradient).toContain("%2 = dot(");
  });

  test.concurrent("--depth collapses scopes", async () => {
    const text = await printed(...mlp, "--forward", "--depth", "0");
    expect(text).toMatch(/mlp.*4 nodes/);
    const deeper = await printed(...mlp, "--forward", "--depth", "1");
    expect(deeper).toMatch(/mlp\/first.*2 nodes/);
  });

  test.concurrent("--passes all names the rules that fired, and what changed", async () => {
    const text = await printed(...seed, "--passes", "all");
    expect(text).toContain("passes on seed.backward: 9");
    expect(text).toContain("5. lower: nothing to do");
    const program = await printed(...seed, "--forward", "--passes", "all");
    expect(program).toContain("5. lower: nothing to do");
    expect(text).toContain("2. algebraicSimplification: productOfTransposed ×1");
    expect(text).toMatch(/^ {2}\+ %13 = dot\(/m);
    const data = JSON.parse(await printed(...seed, "--passes", "all", "--format", "json"));
    expect(data.passes[0]).toMatchObject({ pass: "deadCode", nodesBefore: 9, nodesAfter: 7 });
  });

  test.concurrent("--passes before:NAME and after:NAME are the graph at that point", async () => {
    const [before, after] = await Promise.all([
      printed(...seed, "--passes", "before:commonSubexpressions"),
      printed(...seed, "--passes", "after:deadCode:2"),
    ]);
    expect(before.match(/= dot\(/g)).toHaveLength(2);
    expect(after).toBe(await printed(...seed, "--backward"));
  });

  test.concurrent("--diff compares points between passes", async () => {
    const text = await printed(...seed, "--diff", "start", "after:algebraicSimplification");
    expect(text).toMatch(/^diff of graph seed\.backward/);
    expect(text).toContain("- saved %saved.2:");
    const dot = await printed(...seed, "--format", "dot", "--diff", "start", "end");
    expect(dot).toContain("removed");
  });

  test.concurrent("--diff compares two files", async () => {
    const [one, two] = await Promise.all([
      printed(...seed, "--forward", "--format", "json"),
      printed("dump", "seed.ts#several", "--arg", "4x1", "--forward"),
    ]);
    const files = [file("one.json", one), file("two.txt", two)];
    const text = await printed("dump", "--diff", ...files);
    expect(text).toMatch(/^- .*transpose/m);
    expect(text).toMatch(/^\+ .*exp/m);
  });

  test.concurrent("a selection as JSON is a graph: cut edges are inputs and outputs", async () => {
    const part = [...mlp, "--forward", "--select", "op=tanh", "--format", "json"];
    const graph = fromJson(await printed(...part));
    verify(graph, registry);
    expect(graph.inputs.map(({ name }) => name)).toEqual(["cut.2", "cut.5"]);
    expect(graph.order.map((id) => graph.nodes[id]?.op)).toEqual(["tanh", "tanh"]);
    const near = [...mlp, "--around", "w", "--radius", "1", "--format", "json"];
    const both = JSON.parse(await printed(...near));
    for (const side of [both.forward, both.backward]) {
      verify(fromJson(JSON.stringify(side)), registry);
    }
  });

  test.concurrent("a difference as JSON has what changed, and both graphs", async () => {
    const command = [...seed, "--diff", "start", "end"];
    const { rows, before, after, ...rest } = JSON.parse(
      await printed(...seed, "--format", "json", "--diff", "start", "end"),
    );
    expect(rest).toMatchObject({ format: "adjoint.diff", version: 1 });
    const graphs = [before, after].map((one) => fromJson(JSON.stringify(one)));
    const [earlier, later] = graphs;
    if (earlier === undefined || later === undefined) throw new Error("no graphs");
    expect(rows.length + rest.outputs.length).toBe(countDifferences(diffGraphs(earlier, later)));
    const removed = (await printed(...command)).match(/(\d+) removed/)?.[1];
    const kinds = rows.map(({ kind }: { readonly kind: string }) => kind);
    expect(kinds.filter((kind: string) => kind === "removed")).toHaveLength(Number(removed));
  });

  test.concurrent("--plan shows steps and memory", async () => {
    const text = await printed(...seed, "--plan", "--backward");
    expect(text).toMatch(
      /0\. %4 mul {2}\/\/ seed.ts:14\n.*loops 1v, code 0\n.*\(%head.y0\) -> %4: float32/,
    );
    expect(text).toContain("%4: 4 B at 0, steps 0-1");
    const data = JSON.parse(await printed(...seed, "--plan", "--format", "json"));
    expect(data).toMatchObject({ format: "adjoint.plan", version: 1 });
    expect(data.plans).toHaveLength(2);
    for (const { graph, slots } of data.plans) {
      expect(fromJson(JSON.stringify(graph)).order.length).toBeGreaterThan(0);
      expect(slots[0]).toMatchObject({ offset: 0 });
    }
  });

  test.concurrent("--plan draws steps as clusters, side by side or as one", async () => {
    const both = await printed(...seed, "--plan", "--format", "dot");
    expect(both).toContain('label="forward"');
    expect(both).toContain('label="step 0: contract by ');
    const one = await printed(...seed, "--plan", "--joint", "--format", "dot");
    expect(one).not.toContain('label="forward"');
    expect(one).toContain('label="step 0: ');
  });

  test.concurrent("--plan --profile times each step, --threads shares those that are worth it", async () => {
    const large = ["dump", "seed.ts", "--arg", "512x512", "--plan", "--joint"];
    const text = await printed(...large, "--profile", "--threads", "2");
    expect(text).toMatch(/^plan of seed\.joint: \d steps.*, 2 threads; a run takes [\d.]+ [µm]s/);
    expect(text).toMatch(/contract by .*; 2 threads; [\d.]+ [µm]s$/m);
    const { plans } = JSON.parse(await printed(...large, "--profile", "--format", "json"));
    for (const { milliseconds } of plans[0].steps) expect(milliseconds).toBeGreaterThanOrEqual(0);
  });

  test.concurrent("--trace-tree shows where paths part, and what was read there", async () => {
    const command = ["dump", "blocks.ts#twoPaths", "--arg", "3=1", "--trace-tree"];
    const { stdout } = await spawned([...command, "--again", "3=-1", "--again", "3=2"]);
    expect(stdout).toContain("read v4 of sum  // blocks.ts:14");
    expect(stdout).toContain("├─ 2 runs, taken last, first when v4 was 6");
    expect(stdout).toContain("└─ 1 run, first when v4 was -6");
    const tree = JSON.parse(await printed(...command, "--format", "json"));
    expect(tree.root.taken).toBe(true);
  });

  test.concurrent("reads graphs from standard input", async () => {
    const text = await printed(...seed);
    const { code, stdout } = await spawned(["dump", "-", "--backward"], text);
    expect({ code, stdout }).toEqual({ code: 0, stdout: await printed(...seed, "--backward") });
  });
});
