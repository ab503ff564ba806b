import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromJson, toText } from "@adjoint/graph";
import { jest } from "@jest/globals";
import { instance } from "@viz-js/viz";
import { adjoint, fixtures, printed, spawned } from "./adjoint.js";

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), "adjoint-dump-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Names of the operators in a printed graph. */
function opsIn(text: string): string[] {
  return [...text.matchAll(/^ {2}%\d+ = (\w+)/gm)].map(([, op = ""]) => op);
}

describe("adjoint dump", () => {
  test.concurrent("shows the default export of a TypeScript module with the lines of its source", async () => {
    expect(await printed("dump", "seed.ts", "--arg", "4x1", "--forward")).toBe(
      `graph seed(%x: float32[4,1]) -> (y0: %4, saved.x: %x) {
  %1 = transpose(%x) {axes=[1,0]} : float32[1,4]  // seed.ts:12
  %2 = dot(%1, %x) : float32[1,1]  // seed.ts:12
  %4 = mul(%2, 2) : float32[1,1]  // seed.ts:14
}
`,
    );
  });

  test.concurrent("shows program and gradient one after the other, and each alone", async () => {
    const args = ["dump", "seed.ts", "--arg", "4x1"];
    const [both, forward, backward] = await Promise.all([
      printed(...args),
      printed(...args, "--forward"),
      printed(...args, "--backward"),
    ]);
    expect(both).toBe(`${forward}\n${backward}`);
    expect(backward).toContain("graph seed.backward(");
    expect(backward).toContain("(grad.x: ");
  });

  test.concurrent("--joint has results and gradients, and no saved values", async () => {
    const text = await printed("dump", "seed.ts", "--arg", "4x1", "--joint");
    expect(text).toMatch(/^graph seed\.joint\(%x: .*\) -> \(y0: %\d+, grad\.x: %\d+\) \{$/m);
    expect(text).not.toContain("saved");
  });

  test.concurrent("takes a named export, with arguments named after its parameters", async () => {
    const text = await printed("dump", "seed.ts#loss", "--arg", "8x3", "--arg", "float32:3,1=0.5");
    expect(text).toContain("graph loss(%x: float32[8,3], %w: float32[3,1])");
    expect(text).toContain("grad.x: ");
    expect(text).toContain("grad.w: ");
  });

  test.concurrent("differentiates every array of a list", async () => {
    const text = await printed("dump", "seed.ts#several", "--arg", "float64:2");
    expect(text).toContain("(y0: %1, y1: %2");
    expect(text.match(/head %\S+: float64\[2\]/g)).toHaveLength(2);
  });

  test.concurrent("follows control flow on the default numbers; what the module prints goes to stderr", async () => {
    const { stdout, stderr } = await spawned(["dump", "control.js", "--arg", "4x1", "--forward"]);
    expect(opsIn(stdout)).toEqual(new Array(9).fill("mul"));
    expect(stderr).toBe("printed by the module\n");
    const filled = await printed("dump", "control.js", "--arg", "4=-500", "--forward");
    expect(opsIn(filled)).toEqual(["mul", "mul"]);
    expect(filled).toContain("control.js:8");
  });

  test.concurrent("loads .mjs and .cjs modules", async () => {
    const [sum, square] = await Promise.all([
      printed("dump", "cubes.mjs#sum", "--arg", "2", "--arg", "2", "--forward"),
      printed("dump", "common.cjs#square", "--arg", "2", "--forward"),
    ]);
    expect(sum).toContain("%parts0: float32[2], %parts1");
    expect(sum).toContain("// cubes.mjs:5");
    expect(opsIn(square)).toEqual(["square"]);
  });

  test.concurrent("the same command gives the same bytes", async () => {
    const args = ["dump", "seed.ts#loss", "--arg", "8x3", "--arg", "3x1", "--format", "json"];
    const [first, second] = await Promise.all([spawned(args), spawned(args)]);
    expect(second).toEqual(first);
    expect(first.code).toBe(0);
  });

  test.concurrent("Graphviz accepts the DOT of every view", async () => {
    const args = ["dump", "seed.ts", "--arg", "4x1", "--format", "dot"];
    const dots = await Promise.all(
      [[], ["--backward"], ["--joint"]].map((view) => printed(...args, ...view)),
    );
    const viz = await instance();
    for (const dot of dots) expect(viz.render(dot)).toMatchObject({ status: "success" });
    expect(dots[0]).toContain('label="forward"');
    expect(dots[0]).toContain('label="backward"');
  });
});

describe("graph files", () => {
  test("of a program and its gradient are shown as the program they came from", async () => {
    const file = join(folder, "pair.json");
    const args = ["seed.ts", "--arg", "4x1"];
    const { code, stdout, stderr } = await adjoint("dump", ...args, "-o", file);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "",
      stderr: `adjoint: wrote ${file}\n`,
    });
    const content = JSON.parse(readFileSync(file, "utf8"));
    expect(content).toMatchObject({ format: "adjoint.gradient", version: 1 });
    const views = [[], ["--forward"], ["--joint"], ["--format", "dot"]];
    for (const view of views) {
      const [shown, direct] = await Promise.all([
        printed("dump", file, ...view),
        printed("dump", ...args, ...view),
      ]);
      expect(shown).toBe(direct);
    }
    expect(toText(fromJson(JSON.stringify(content.forward)))).toContain("graph seed(");
  });

  test("of a program alone are differentiated by their arguments", async () => {
    const file = join(folder, "forward.json");
    await printed("dump", "seed.ts", "--arg", "4x1", "--forward", "-o", file);
    const forward = await printed("dump", "seed.ts", "--arg", "4x1", "--forward");
    expect(await printed("dump", file, "--forward")).toBe(forward);
    const both = await printed("dump", file);
    expect(both.startsWith(forward)).toBe(true);
    expect(both).toContain("head %head.y0: float32[1,1]");
    expect(both).toContain("(grad.x: ");
  });
});

test("a reader that stops early is no error", () => {
  const command = `"${process.execPath}" ../../bin/adjoint.js dump seed.ts --arg 4x1 | head -n 1`;
  const text = execFileSync("bash", ["-c", `set -o pipefail; ${command}`], { cwd: fixtures });
  expect(String(text)).toMatch(/^graph seed\(/);
});
