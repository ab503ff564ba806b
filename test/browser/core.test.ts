import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { jest } from "@jest/globals";
import type { Browser } from "playwright-core";
import { loadCases } from "../loadCases.js";
import { type CoreResults, runCoreSubset } from "./coreSubset.js";
import { launchBrowser, watchedPage } from "./launch.js";
import { bundle, document, serve } from "./serve.js";

jest.setTimeout(240_000);

const folder = fileURLToPath(new URL("../golden", import.meta.url));
const cases = loadCases(folder);
/** As they stand: a zero below 0 would not survive being written again. */
const files = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith(".json") && name !== "manifest.json")
    .map((name) => [`/golden/${name}`, readFileSync(`${folder}/${name}`, "utf8")]),
);
const inNode: CoreResults = JSON.parse(JSON.stringify(runCoreSubset(cases)));

/** What the page leaves as text. */
interface Report {
  readonly isolated: boolean;
  readonly shares: boolean;
  readonly results: CoreResults;
}

describe.each([
  ["with", true],
  ["without", false],
])("the core subset in Chromium, %s cross-origin isolation", (_, isolated) => {
  let browser: Browser;
  let report: Report;
  let complaints: readonly string[];
  let outgoing: readonly string[];

  beforeAll(async () => {
    // Bundling fails where a module of Node's is reached.
    const main = await bundle("test/browser/pages/core.ts");
    const pages = {
      "/index.html": document,
      "/main.js": main,
      "/golden.json": JSON.stringify([...files.keys()]),
      ...Object.fromEntries(files),
    };
    const site = await serve(pages, { isolated });
    browser = await launchBrowser();
    const watched = await watchedPage(browser);
    ({ complaints, outgoing } = watched);
    await watched.page.goto(site.origin);
    await watched.page.waitForFunction("document.title === 'done'", undefined, {
      timeout: 200_000,
    });
    report = JSON.parse((await watched.page.textContent("body")) ?? "");
    await site.close();
  });
  afterAll(() => browser?.close());

  test("memory is shared between threads where the page is isolated, and only there", () => {
    expect(report).toMatchObject({ isolated, shares: isolated });
  });

  test("gives the numbers that Node gives", () => {
    expect(report.results).toEqual(inNode);
  });

  test("runs every golden case", () => {
    expect(report.results.golden.cases).toBe(cases.length);
  });

  test("complains of nothing and asks for nothing", () => {
    expect({ complaints, outgoing }).toEqual({ complaints: [], outgoing: [] });
  });
});
