import { jest } from "@jest/globals";
import type { Browser } from "playwright-core";
import { launchBrowser, watchedPage } from "./launch.js";
import { bundle, document, type Site, serve } from "./serve.js";

jest.setTimeout(60_000);

describe("the library in a browser", () => {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    const main = await bundle("test/browser/pages/introduction.ts");
    site = await serve({ "/index.html": document, "/main.js": main });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  test("records and differentiates as in Node, and fetches nothing", async () => {
    const { page, complaints, outgoing } = await watchedPage(browser);
    await page.goto(site.origin);
    await page.waitForFunction("document.title === 'done'");
    const text = await page.textContent("body");
    expect(JSON.parse(text ?? "")).toEqual({ y: 28, grad: [0, 4, 8, 12] });
    expect(complaints).toEqual([]);
    expect(outgoing).toEqual([]);
  });
});
