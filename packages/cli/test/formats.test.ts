import { readFileSync } from "node:fs";
import { jest } from "@jest/globals";
import { adjoint, printed } from "./adjoint.js";
import { temporaryFolder } from "./files.js";

jest.setTimeout(120_000);

const { path, file } = temporaryFolder("formats");
const seed = ["dump", "seed.ts", "--arg", "4x1"];

describe("adjoint dump --format", () => {
  test.concurrent("svg is laid out without Graphviz being there", async () => {
    const svg = await printed(...seed, "--format", "svg");
    expect(svg).toContain("<svg ");
    for (const text of ["forward", "backward", "head.y0", "grad.x", "stroke-dasharray"]) {
      expect(svg).toContain(text);
    }
  });

  test.concurrent("png is a picture with text in it, in the same bytes each time", async () => {
    const [first, second] = [path("a.png"), path("b.png")];
    await Promise.all([adjoint(...seed, "-o", first), adjoint(...seed, "-o", second)]);
    const bytes = readFileSync(first);
    expect(bytes.subarray(1, 4).toString()).toBe("PNG");
    expect(bytes.readUInt32BE(16)).toBeGreaterThan(500);
    expect(readFileSync(second).equals(bytes)).toBe(true);
    // Without its font, the picture would have boxes alone, and be much smaller.
    expect(bytes.length).toBeGreaterThan(60_000);
  });

  test.concurrent("mermaid is a flowchart", async () => {
    const text = await printed(...seed, "--format", "mermaid");
    expect(text).toMatch(/^flowchart TB\n/);
    expect(text).toContain("-.->");
  });

  test.concurrent("html is one file that asks for nothing", async () => {
    const html = await printed(...seed, "--format", "html");
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<(?:script|link|img|iframe)[^>]*(?:src|href)=/);
    expect(html.match(/<\/script>/g)).toHaveLength(5);
    for (const name of ["svg-pan-zoom", "Graphviz", "Expat"]) expect(html).toContain(`\n${name} `);
  });

  test.concurrent("the ending of the file decides", async () => {
    const svg = path("seed.svg");
    const { stderr } = await adjoint(...seed, "-o", svg);
    expect(stderr).toBe(`adjoint: wrote ${svg}\n`);
    expect(readFileSync(svg, "utf8")).toBe(await printed(...seed, "--format", "svg"));
  });

  test.concurrent("--direction right", async () => {
    const dot = await printed(...seed, "--format", "dot", "--direction", "right");
    expect(dot).toContain("rankdir=LR");
  });
});

describe("text goes there and back:", () => {
  test.each([[[]], [["--full"]]])("dump %j to a file, and that to JSON", async (full) => {
    const text = file(`round${full.length}.txt`, await printed(...seed, ...full));
    const json = await printed("dump", text, "--format", "json");
    if (full.length > 0) expect(json).toBe(await printed(...seed, "--format", "json"));
    const again = file(`round${full.length}.json`, json);
    expect(await printed("dump", again, ...full)).toBe(await printed(...seed, ...full));
  });
});

describe("a graph that is too large to lay out", () => {
  const long = ["dump", "blocks.ts#long", "--arg", "3", "--forward"];

  test.concurrent("has its scopes collapsed, and says so", async () => {
    const { code, stdout, stderr } = await adjoint(...long, "--format", "svg");
    expect(code).toBe(0);
    expect(stdout.match(/class="node"/g)?.length).toBeLessThan(130);
    expect(stderr).toContain("1202 rows are too many to lay out; shown: scopes to depth 0");
    expect(stdout).toContain("1202 rows are too many to lay out");
  });

  test.concurrent("is drawn whole where --max-rows allows it, and always as DOT", async () => {
    const dot = await adjoint(...long, "--format", "dot");
    expect(dot.stderr).toBe("");
    expect(dot.stdout.match(/^f\d+ \[/gm)).toHaveLength(601);
    const all = await adjoint(...long, "--format", "mermaid", "--max-rows", "2000");
    expect(all.stderr).toBe("");
    expect(all.stdout.match(/^f\d+\(/gm)).toHaveLength(601);
  });
});
