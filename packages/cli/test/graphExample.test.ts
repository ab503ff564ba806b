import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { fromJson, toText } from "@adjoint/graph";
import { jest } from "@jest/globals";

jest.setTimeout(60_000);

const example = fileURLToPath(new URL("../../../examples/graph.ts", import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const folder = mkdtempSync(join(tmpdir(), "adjoint-example-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("examples/graph.ts derives, runs and saves what docs/graphs.md says", () => {
  const output = execFileSync(process.execPath, ["--import", tsx, example], {
    cwd: folder,
    encoding: "utf8",
  });
  const [program] = output.split("graph seed.backward");
  expect(program).toMatchInlineSnapshot(`
"graph seed(%x: float32[4,1]) -> (y: %4) {
  %1 = transpose(%x) {axes=[1,0]} : float32[1,4]
  %2 = dot(%1, %x) : float32[1,1]
  %4 = mul(%2, 2) : float32[1,1]
}
"
`);
  expect(output).toContain("head %head.y: float32[1,1] of %4");
  expect(output.split("\n}\n").at(-1)).toMatchInlineSnapshot(`
"y = [28]
dy/dx = [0, 4, 8, 12]
10·dy/dx = [0, 40, 80, 120]
d²y/dx²·v = [4, 0, 0, 0]
reloaded: true
"
`);
  const forward = fromJson(readFileSync(join(folder, "out/seed.forward.json"), "utf8"));
  expect(output.startsWith(toText({ ...forward, outputs: forward.outputs.slice(0, 1) }))).toBe(
    true,
  );
  const dot = readFileSync(join(folder, "out/seed.dot"), "utf8");
  expect(dot).toMatch(/^digraph "seed" \{/);
});
