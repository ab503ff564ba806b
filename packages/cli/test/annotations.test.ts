import { nd } from "@adjoint/nd";
import { jest } from "@jest/globals";
import { adjoint, printed } from "./adjoint.js";
import { temporaryFolder } from "./files.js";

jest.setTimeout(120_000);

const { path, file } = temporaryFolder("annotations");
const seed = ["dump", "seed.ts", "--arg", "4x1=2"];

describe("adjoint dump", () => {
  test.concurrent("--cost writes operations and memory beside rows, and sums below", async () => {
    const text = await printed(...seed, "--cost", "flops,saved");
    expect(text).toMatch(/%2 = dot\(.*\n {4}\/\/ 8 flops\n/);
    expect(text).toContain("seed: flops 9, saved 16 B");
    expect(text).toContain("seed.backward: flops 13, saved 0 B");
    const all = await printed(...seed, "--cost", "all", "--format", "dot");
    expect(all).toContain("8 flops, 36 B moved, 4 B held");
  });

  test.concurrent("--values writes what a run gave, forward and backward", async () => {
    const text = await printed(...seed, "--values");
    expect(text).toMatch(/%4 = mul\(%2, 2\).*\n {4}\/\/ \[32\]\n/);
    expect(text).toContain("    // [8, 8, 8, 8]");
    const large = await printed("dump", "seed.ts", "--arg", "100x1", "--values", "--forward");
    expect(large).toMatch(/min -?[\d.]+, mean -?[\d.]+, max [\d.]+/);
  });

  test.concurrent("--profile writes the time of each node", async () => {
    const svg = await printed(...seed, "--profile", "--format", "svg");
    expect(svg.match(/[µm]s, [\d.]+ %/g)?.length).toBeGreaterThan(5);
  });

  test.concurrent("annotations as JSON", async () => {
    const report = JSON.parse(
      await printed(...seed, "--cost", "all", "--values", "--profile", "--format", "json"),
    );
    expect(report).toMatchObject({ format: "adjoint.report", version: 1 });
    const [forward, backward] = report.graphs;
    expect(forward.costs.nodes[1]).toMatchObject({ node: 2, flops: 8 });
    expect(backward.rows.at(-1).values[0].elements).toEqual([8, 8, 8, 8]);
    expect(backward.rows.at(-1).milliseconds).toBeGreaterThan(0);
  });

  test.concurrent("annotations of the joint graph, whose heads are ones", async () => {
    const text = await printed(...seed, "--joint", "--values");
    expect(text).toContain("// [8, 8, 8, 8]");
  });

  test.concurrent("--nan names the first node that makes one, and fails", async () => {
    const root = (fill: string) => ["dump", "blocks.ts#root", "--arg", `2=${fill}`, "--nan"];
    const forward = await adjoint(...root("-1"));
    expect(forward.code).toBe(1);
    expect(forward.stdout).toContain("sqrt makes 2 NaN: %1 of root, forward; blocks.ts:20");
    expect(forward.stdout).toContain("argument 1: [-1, -1]");
    const backward = await adjoint(...root("0"));
    expect(backward.code).toBe(1);
    expect(backward.stdout).toMatch(
      /makes 2 infinity: %\d+ of root\.backward, backward; blocks\.ts:20/,
    );
    const fine = await adjoint(...root("4"));
    expect(fine.code).toBe(0);
    expect(fine.stdout).toMatch(/^no NaN and no infinity in \d+ rows\n$/);
  });
});

describe("arguments", () => {
  test.concurrent("come from files of numpy and MXNet", async () => {
    nd.saveNpy(path("x.npy"), nd.array([[1], [2], [3], [4]]));
    nd.saveNpz(path("many.npz"), { x: nd.array([[1], [2], [3], [5]]), w: nd.ones([1]) });
    nd.save(path("x.params"), { x: nd.array([[1], [1]]) });
    const values = async (name: string) =>
      printed("dump", "seed.ts", "--arg", path(name), "--values", "--forward");
    expect(await values("x.npy")).toContain("// [60]");
    expect(await values("many.npz#x")).toContain("// [78]");
    expect(await values("x.params")).toContain("// [4]");
  });

  test.concurrent("give the numbers of a graph from a file", async () => {
    const graph = file("graph.json", await printed(...seed, "--format", "json"));
    const text = await printed("dump", graph, "--arg", "4x1=1", "--values");
    expect(text).toContain("// [8]");
    expect(text).toContain("// [4, 4, 4, 4]");
    expect(await printed("dump", graph, "--values", "--forward")).toContain("2.21221");
  });
});
