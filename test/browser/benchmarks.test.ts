import { jest } from "@jest/globals";
import type { Browser } from "playwright-core";
import { launchBrowser, watchedPage } from "./launch.js";
import { bundle, document, type Site, serve } from "./serve.js";

jest.setTimeout(120_000);

/** Those that take no time to speak of. */
const names = ["W1", "W2", "W8_100", "W8r"];

describe("the benchmark page in Chromium", () => {
  let browser: Browser;
  let main: string;
  beforeAll(async () => {
    main = await bundle("bench/browser/page.ts");
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  let site: Site;
  afterEach(() => site?.close());

  test.each([
    ["with", true],
    ["without", false],
  ])("shows a time for each workload, of the right numbers, %s isolation", async (_, isolated) => {
    site = await serve({ "/index.html": document, "/main.js": main }, { isolated });
    const { page, complaints, outgoing } = await watchedPage(browser);
    await page.goto(`${site.origin}/#workload=${names.join()}&milliseconds=1`);
    await page.waitForFunction("document.title === 'done'", undefined, { timeout: 100_000 });
    const rows: { readonly workload: string; readonly difference: string | null }[] = JSON.parse(
      (await page.textContent("#results")) ?? "",
    );
    expect([...new Set(rows.map(({ workload }) => workload))]).toEqual(names);
    expect(rows.filter(({ difference }) => difference !== null)).toEqual([]);
    expect(await page.locator("table tr").count()).toBe(rows.length + 1);
    expect({ complaints, outgoing }).toEqual({ complaints: [], outgoing: [] });
  });
});
