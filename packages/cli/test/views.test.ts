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
    expect(text).toContain("passes on seed.backward: 4");
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

  test.concurrent("--plan shows steps and memory", async () => {
    const text = await printed(...seed, "--plan", "--forward");
    expect(text).toContain("%2 dot contract (b0, b0) -> b1 float32[1,1]  // seed.ts:12");
    expect(text).toContain("%2.0 at 0, 4 bytes, steps 1-3");
    const { plans } = JSON.parse(await printed(...seed, "--plan", "--format", "json"));
    expect(plans).toHaveLength(2);
    expect(plans[0].slots[0]).toMatchObject({ offset: 0, bytes: 4 });
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
