import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Builder, type Graph, toJson } from "@adjoint/graph";
import { fronts as op } from "@adjoint/ops";
import { spawned } from "../../packages/cli/test/adjoint.js";
import { launchBrowser } from "./launch.js";

const folder = mkdtempSync(join(tmpdir(), "adjoint-page-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A chain of so many nodes, in scopes of ten within scopes of a hundred. */
function chain(length: number): Graph {
  const builder = new Builder("chain");
  let value = builder.input("x", { dtype: "float32", shape: [4] });
  for (let at = 0; at < length; at++) {
    const scope = `block${Math.floor(at / 100)}/layer${Math.floor(at / 10) % 10}`;
    value = builder.within({ scope }, () => op.tanh(value));
  }
  builder.output("y", value);
  return builder.finish();
}

test("a page of 50,000 rows folds them, finds one of them, and asks for nothing", async () => {
  const [graph, page] = [join(folder, "chain.json"), join(folder, "chain.html")];
  writeFileSync(graph, toJson(chain(50_000)));
  const { code } = await spawned(["dump", graph, "--forward", "-o", page]);
  expect(code).toBe(0);
  const browser = await launchBrowser();
  try {
    const tab = await browser.newPage();
    const problems: string[] = [];
    const requests: string[] = [];
    tab.on("console", (message) => problems.push(message.text()));
    tab.on("pageerror", (error) => problems.push(String(error)));
    tab.on("request", (request) => requests.push(request.url()));
    await tab.goto(pathToFileURL(page).href);
    await tab.waitForSelector("#canvas .node");
    expect(await tab.textContent("#status")).toMatch(/^\d+ of 50002 rows shown$/);
    expect(await tab.textContent("#details")).toContain("too many to lay out at once");
    await tab.fill("#search", "%25000");
    await tab.press("#search", "Enter");
    await tab.waitForSelector(".node.selected");
    expect(await tab.textContent("#status")).toBe("1 of 2 found");
    expect(await tab.textContent("#details")).toContain("%25000 = tanh(%24999) : float32[4]");
    expect(problems).toEqual([]);
    expect(requests.filter((url) => !url.startsWith("file:"))).toEqual([]);
  } finally {
    await browser.close();
  }
}, 120_000);
