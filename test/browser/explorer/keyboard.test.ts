import { jest } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../launch.js";
import { closeAll, type OpenExplorer, openExplorer } from "./openExplorer.js";
import { network } from "./programs.js";

jest.setTimeout(120_000);

let browser: Browser;
let open: OpenExplorer;
let page: Page;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterEach(closeAll);
afterAll(() => browser?.close());
beforeEach(async () => {
  open = await openExplorer(browser, network());
  page = open.page;
});
afterEach(async () => {
  expect(open.complaints).toEqual([]);
  await open.close();
});

/** Presses Tab until the focus is in a graph. */
async function tabInto(side: string): Promise<void> {
  for (let tries = 0; tries < 40; tries++) {
    await page.keyboard.press("Tab");
    const inside = await page.evaluate(
      (one) => document.activeElement?.closest(`[data-side=${one}]`) !== null,
      side,
    );
    if (inside) return;
  }
  throw new Error(`Tab does not lead into the ${side} graph`);
}

/** Width of an element once it has kept it for ten frames, in pixels. */
function widthAtRest(selector: string): Promise<number> {
  return page.evaluate(async (one) => {
    let width = Number.NaN;
    for (let same = 0; same < 10; same++) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const now = document.querySelector(one)?.getBoundingClientRect().width ?? 0;
      if (now !== width) same = 0;
      width = now;
    }
    return width;
  }, selector);
}

/** Operator or name of the selected row. */
function selected(): Promise<string | null> {
  return page.locator(".inspector h2").textContent();
}

/** The row that has the focus, as it is read out. */
function focused(): Promise<string | null | undefined> {
  return page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
}

describe("by keyboard alone", () => {
  test("the arrows walk along edges, and the focus goes with the selection", async () => {
    await tabInto("forward");
    await page.keyboard.press("Enter");
    const path: (string | null)[] = [];
    for (const key of ["ArrowDown", "ArrowDown", "ArrowDown"]) {
      await page.keyboard.press(key);
      path.push(await selected());
    }
    expect(path).toEqual(["dot", "add", "tanh"]);
    await page.waitForFunction(() =>
      document.activeElement?.getAttribute("aria-label")?.startsWith("tanh"),
    );
    expect(await focused()).toMatch(/^tanh float32\[4,2\], node %\d+.*selected$/);
    await page.keyboard.press("ArrowUp");
    expect(await selected()).toBe("add");
  });

  test("c leads to the counterpart and back", async () => {
    await tabInto("forward");
    for (const key of ["Enter", "ArrowDown", "ArrowDown", "ArrowDown", "c"]) {
      await page.keyboard.press(key);
    }
    expect(await page.locator(".inspector .side").first().textContent()).toBe("backward");
    await page.waitForFunction(
      () => document.activeElement?.closest("[data-side=backward]") !== null,
    );
    await page.keyboard.press("c");
    expect(await selected()).toBe("tanh");
  });

  test("Backspace closes the scope around a row, Enter opens it", async () => {
    await tabInto("forward");
    for (const key of ["Enter", "ArrowDown", "Backspace"]) await page.keyboard.press(key);
    await page.waitForSelector("[data-side=forward] .box.group.mark-selected");
    await page.waitForFunction(
      () => document.activeElement?.getAttribute("aria-label")?.includes("closed") === true,
    );
    await page.keyboard.press("Enter");
    await page.waitForSelector("[data-side=forward] .box.group", { state: "detached" });
  });

  test("brackets move through the passes, numbers through the tabs, dots through the reverse pass", async () => {
    await page.keyboard.press("[");
    await page.keyboard.press("[");
    expect(await page.locator(".passname").textContent()).toMatch(/^2\/\d algebraicSimplification/);
    await page.keyboard.press("]");
    expect(await page.locator(".passname").textContent()).toMatch(/^3\/\d commonSubexpressions/);
    await page.keyboard.press("2");
    for (const _ of [1, 2, 3]) await page.keyboard.press(".");
    expect(await page.locator(".passname").textContent()).toMatch(/^3\//);
    await page.keyboard.press("3");
    expect(await page.locator(".arena").count()).toBe(1);
  });

  test("the tabs are moved through by arrows", async () => {
    await page.locator("#tab-graphs").focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.locator("[role=tab][aria-selected=true]").textContent()).toBe("Reverse pass");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("tab-reverse");
  });

  test("the list of keys opens, and Escape closes it", async () => {
    await page.keyboard.press("?");
    await page.waitForSelector("dialog[open]");
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "detached" });
  });

  test("plus and minus zoom", async () => {
    await tabInto("forward");
    await page.keyboard.press("Enter");
    const width = () => widthAtRest("[data-side=forward] .mark-selected .face");
    const before = await width();
    await page.keyboard.press("+");
    expect(await width()).toBeGreaterThan(before);
    await page.keyboard.press("-");
    expect(await width()).toBeCloseTo(before, 0);
  });
});
