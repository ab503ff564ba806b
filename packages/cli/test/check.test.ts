import { readFileSync, writeFileSync } from "node:fs";
import { jest } from "@jest/globals";
import { adjoint, printed } from "./adjoint.js";
import { temporaryFolder } from "./files.js";

jest.setTimeout(120_000);

const { path, file } = temporaryFolder("check");
const seed = ["dump", "seed.ts", "--arg", "4x1"];

/** A dump kept in a file of this name, changed by `change`. */
async function kept(name: string, change = (text: string) => text): Promise<string> {
  await printed(...seed, "-o", path(name));
  const text = readFileSync(path(name), "utf8");
  const changed = change(text);
  if (changed !== text) writeFileSync(path(name), changed);
  return path(name);
}

describe("adjoint dump --check", () => {
  test.each(["same.txt", "same.json", "same.dot", "same.svg", "same.png"])(
    "%s: passes where nothing has changed",
    async (name) => {
      const outcome = await adjoint(...seed, "--check", await kept(name));
      expect(outcome).toEqual({ code: 0, stdout: "", stderr: "" });
    },
  );

  test("says which rows of the graphs differ", async () => {
    const name = await kept("changed.txt", (text) => text.replace("mul(%2, 2)", "mul(%2, 3)"));
    const { code, stdout, stderr } = await adjoint(...seed, "--check", name);
    expect(code).toBe(1);
    expect(stderr).toBe(`adjoint: differs from ${name}\n`);
    expect(stdout).toMatch(/^- %4 = mul\(%2, 3\)/m);
    expect(stdout).toMatch(/^\+ %4 = mul\(%2, 2\)/m);
  });

  test("lines of the source may move", async () => {
    const name = await kept("moved.txt", (text) => text.replaceAll("seed.ts:1", "old/seed.ts:9"));
    expect((await adjoint(...seed, "--check", name)).code).toBe(0);
  });

  test("shows the lines of other formats that differ", async () => {
    const name = await kept("changed.dot", (text) => text.replace('label="forward"', "label=x"));
    const { code, stdout } = await adjoint(...seed, "--check", name);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^from line \d+ on$/m);
    expect(stdout).toContain('- label=x;\n+ label="forward";');
  });

  test("a graph alone is no program with its gradient", async () => {
    const name = file("alone.txt", await printed(...seed, "--forward"));
    const { code, stdout } = await adjoint(...seed, "--check", name);
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: "kept: a graph alone; now: two graphs\n",
    });
  });
});
