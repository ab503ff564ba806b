import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Session } from "@adjoint/explorer";
import { jest } from "@jest/globals";
import { spawned } from "./adjoint.js";

jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "adjoint-explore-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The session in a page that the command wrote. */
async function written(name: string, ...args: readonly string[]): Promise<Session> {
  const file = join(folder, name);
  const { code, stderr } = await spawned(["explore", ...args, "--html", file]);
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  const text = readFileSync(file, "utf8");
  const json = /<script id="session" type="application\/json">(.*?)<\/script>/.exec(text)?.[1];
  const session: Session = JSON.parse(json ?? "");
  return session;
}

describe("adjoint explore --html", () => {
  test("writes one file with the program, its sources and its numbers, and names nothing else to load", async () => {
    const { title, command, outcome } = await written("seed.html", "seed.ts", "--arg", "4x1");
    expect(title).toBe("seed.ts");
    expect(command).toBe("adjoint explore seed.ts --arg 4x1");
    if (outcome.kind === "failure") throw new Error(outcome.failure.message);
    const { program } = outcome;
    expect(program.name).toBe("seed");
    expect(Object.keys(program.sources)).toEqual(["seed.ts"]);
    expect(program.rows.find(({ name }) => name === "dot")?.site).toBe("seed.ts:12");
    expect(program.walk.steps.map(({ row }) => row)).toEqual([4, 2, 1]);
    const text = readFileSync(join(folder, "seed.html"), "utf8");
    expect(text).not.toMatch(/<(?:script|link|img)[^>]*(?:src|href)="(?!data:)/);
    expect(text).toContain("default-src 'none'");
  });

  test("shows the branches of a program that was called twice", async () => {
    const args = ["control.js", "--arg", "4", "--again", "4=-500"];
    const { outcome } = await written("control.html", ...args);
    if (outcome.kind === "failure") throw new Error(outcome.failure.message);
    const branches = outcome.program.trace?.branches ?? [];
    const parents = branches.map(({ parent }) => parent);
    expect(parents.length).toBeGreaterThan(new Set(parents).size);
    expect(branches.some(({ reads }) => reads.some(({ site }) => site === "control.js:6"))).toBe(
      true,
    );
  });

  test("reads no file that a graph file names", async () => {
    const secret = join(folder, "secret.txt");
    writeFileSync(secret, "the secret\n");
    const dumped = await spawned(["dump", "seed.ts", "--arg", "4x1", "--format", "json"]);
    const graph = join(folder, "graph.json");
    writeFileSync(graph, dumped.stdout.replaceAll("seed.ts:12", `${secret}:1`));
    const { outcome } = await written("graph.html", graph);
    if (outcome.kind === "failure") throw new Error(outcome.failure.message);
    expect(outcome.program.sources).toEqual({});
    expect(outcome.program.trace).toBeUndefined();
    expect(readFileSync(join(folder, "graph.html"), "utf8")).not.toContain("the secret");
  });

  test("fails where the program does, with its line", async () => {
    const file = join(folder, "none.html");
    const args = ["explore", "throws.ts#plain", "--arg", "2", "--html", file];
    const { code, stderr } = await spawned(args);
    expect(code).toBe(1);
    expect(stderr).toBe("adjoint: RangeError: too large; throws.ts:12\n");
    expect(() => readFileSync(file)).toThrow("ENOENT");
  });
});

describe("wrong use", () => {
  test.each<[string, readonly string[], string]>([
    ["a missing argument", ["seed.ts"], "given 0; example:\n  adjoint explore seed.ts --arg 4x1"],
    ["no such file", ["sead.ts"], "no such file: sead.ts; did you mean seed.ts?"],
    ["standard input", ["-"], "standard input has no changes"],
    ["a port that is none", ["seed.ts", "--port", "x"], "--port x: not a whole number"],
    ["a file and a browser", ["seed.ts", "--html", "a.html", "--open"], "leave out --open"],
  ])("%s", async (_, args, message) => {
    const { code, stderr } = await spawned(["explore", ...args]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });
});
