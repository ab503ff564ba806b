import type { Session } from "@adjoint/explorer";
import { jest } from "@jest/globals";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../launch.js";
import { boxOf, closeAll, openExplorer } from "./openExplorer.js";
import { failure, network } from "./programs.js";

jest.setTimeout(180_000);

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterEach(closeAll);
afterAll(() => browser?.close());

/** Waits until the page has been drawn and nothing on it moves or fades. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame();
    await frame();
    await Promise.all(document.getAnimations().map(({ finished }) => finished));
  });
}

/** What the checker finds, as lines. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations: all } = await window.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return all.map(({ id, nodes }) => ({
      id,
      places: nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`),
    }));
  });
  return found.map(({ id, places }) => `${id}: ${places.slice(0, 3).join("\n")}`);
}

declare global {
  interface Window {
    axe: typeof axe;
  }
}

const views: readonly (readonly [string, (page: Page) => Promise<unknown>])[] = [
  ["the graphs", async () => {}],
  ["a selected row", (page) => boxOf(page, "forward", "tanh").click()],
  ["a pass that changed something", (page) => page.getByLabel("After pass").fill("5")],
  [
    "the reverse pass",
    async (page) => {
      await page.click("#tab-reverse");
      for (const _ of [1, 2, 3, 4]) await page.keyboard.press(".");
      await page.waitForSelector(".walk .mark-selected");
    },
  ],
  ["the plan", (page) => page.click("#tab-plan")],
  ["the trace tree", (page) => page.click("#tab-trace")],
  ["the list of keys", (page) => page.keyboard.press("?")],
];

describe.each(["light", "dark"] as const)(
  "in the %s theme, a checker finds nothing in",
  (scheme) => {
    test.each(views)("%s", async (_, go) => {
      const { page, close } = await openExplorer(browser, network(), { colorScheme: scheme });
      await go(page);
      await settled(page);
      expect(await violations(page)).toEqual([]);
      await close();
    });

    test.each<[string, () => Session]>([["a failure", failure]])("%s", async (_, session) => {
      const { page, close } = await openExplorer(browser, session(), { colorScheme: scheme });
      expect(await violations(page)).toEqual([]);
      await close();
    });
  },
);

test("the theme that was chosen holds, whatever the system has", async () => {
  const { page, close } = await openExplorer(browser, network(), { colorScheme: "light" });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.locator(".theme select").selectOption("dark");
  // The page draws the choice a moment later.
  await page.waitForFunction(
    (before) => getComputedStyle(document.body).backgroundColor !== before,
    light,
  );
  const dark = await ground();
  expect(dark).not.toBe(light);
  await page.reload();
  await page.waitForSelector(".box");
  expect(await ground()).toBe(dark);
  await close();
});

test.each([390, 820])("nothing is wider than a window of %i pixels", async (width) => {
  const viewport = { width, height: 800 };
  const { page, close } = await openExplorer(browser, network(), { viewport });
  for (const tab of ["graphs", "reverse", "plan", "trace"]) {
    await page.click(`#tab-${tab}`);
    await settled(page);
    const widths = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.querySelector("main")?.scrollWidth ?? 0,
    ]);
    expect({ tab, fits: widths.every((one) => one <= width) }).toEqual({ tab, fits: true });
  }
  await close();
});
