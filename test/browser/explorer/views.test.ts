import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { explorerPage } from "@adjoint/explorer";
import { jest } from "@jest/globals";
import type { Browser } from "playwright-core";
import { launchBrowser, watchedPage } from "../launch.js";
import { boxOf, closeAll, marked, openExplorer } from "./openExplorer.js";
import { condition, failure, network } from "./programs.js";

jest.setTimeout(120_000);

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterEach(closeAll);
afterAll(() => browser?.close());

describe("the reverse pass", () => {
  test("goes step by step; adjoints add up at the rows", async () => {
    const { page, complaints, close } = await openExplorer(browser, network());
    await page.click("#tab-reverse");
    expect(await page.locator(".inspector").textContent()).toContain("Reverse mode, step by step");
    const seen: (string | null)[] = [];
    const next = page.getByRole("button", { name: "Next" });
    while (await next.isEnabled()) {
      await next.click();
      seen.push(await page.locator(".inspector h2").textContent());
    }
    expect(seen[0]).toBe("reshape");
    expect(seen.at(-1)).toBe("dot");
    expect(await marked(page, "forward", "selected")).toEqual(["dot"]);
    expect(await marked(page, "forward", "counterpart")).toEqual(["w", "x"]);
    const notes = await page.locator("[data-side=forward] .note").allTextContents();
    expect(notes.filter((note) => note.startsWith("✓")).length).toBe(seen.length);
    // The inputs have received all, and have no rule to apply.
    expect(notes.filter((note) => note.startsWith("Σ")).length).toBe(3);
    const shared = page.locator(".inspector h3", { hasText: "Sends to" });
    expect(await shared.count()).toBe(2);
    expect(complaints).toEqual([]);
    await close();
  });

  test("a row leads to its step", async () => {
    const { page, close } = await openExplorer(browser, network());
    await page.click("#tab-reverse");
    await boxOf(page, "forward", "tanh").click();
    expect(await page.locator(".inspector h2").textContent()).toBe("tanh");
    expect(await page.locator(".inspector pre").textContent()).toContain("tanh.backward");
    await close();
  });

  test("plays by itself, and stops at the end", async () => {
    const { page, close } = await openExplorer(browser, network());
    await page.click("#tab-reverse");
    await page.locator("#walked").fill("100");
    await page.keyboard.press(",");
    const play = page.getByRole("button", { name: "Play" });
    await play.click();
    await page.waitForSelector(".slide button:disabled");
    await play.waitFor();
    await close();
  });
});

describe("the plan", () => {
  test("shows memory over time, kernels and times, of both graphs", async () => {
    const { page, complaints, close } = await openExplorer(browser, network());
    await page.click("#tab-plan");
    const rows = page.locator(".steps tbody tr");
    const ahead = await rows.first().textContent();
    expect(await rows.count()).toBeGreaterThan(2);
    const fused = page.locator(".badge", { hasText: "fused" });
    expect(await fused.count()).toBeGreaterThan(0);
    expect(await page.locator(".planhead .count").textContent()).toMatch(/a run takes [\d.]+ .s/);
    await page.getByText("backward", { exact: true }).click();
    expect(await page.locator(".slot").count()).toBeGreaterThan(1);
    await page.getByRole("button", { name: "2", exact: true }).click();
    expect(await page.locator(".slot.alive").count()).toBeGreaterThan(0);
    expect(await rows.first().textContent()).not.toBe(ahead);
    await rows.first().locator("button.row").first().click();
    expect(await page.locator("[role=tab][aria-selected=true]").textContent()).toBe("Graphs");
    expect(await page.locator(".inspector .side").first().textContent()).toBe("backward");
    expect(complaints).toEqual([]);
    await close();
  });
});

describe("the trace tree", () => {
  test("shows where runs parted, what they had read, and the way of this run", async () => {
    const { page, complaints, close } = await openExplorer(browser, condition());
    await page.click("#tab-trace");
    const taken = page.locator(".stretch.taken");
    expect(await taken.count()).toBe(2);
    expect(await taken.first().textContent()).toContain("reads %2 mul");
    expect(await taken.last().textContent()).toContain("re-traced after reading 3");
    expect(await taken.last().textContent()).toContain("cos");
    expect(await page.locator(".instead").textContent()).toContain("sin");
    expect(complaints).toEqual([]);
    await close();
  });
});

describe("a page in a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "adjoint-page-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("works without a server, and asks nobody for anything", async () => {
    const file = join(folder, "loss.html");
    writeFileSync(file, explorerPage(network()));
    const { page, complaints, outgoing } = await watchedPage(browser);
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.url().slice(0, 5)));
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector("[data-side=backward] .box");
    await boxOf(page, "forward", "tanh").click();
    expect(await marked(page, "forward", "selected")).toEqual(["tanh"]);
    expect(complaints).toEqual([]);
    expect(outgoing).toEqual([]);
    expect(requests.filter((url) => url !== "data:")).toEqual(["file:"]);
    await page.context().close();
  });
});

test("a program that fails shows its error and the line", async () => {
  const { page, complaints, close } = await openExplorer(browser, failure());
  expect(await page.locator(".failure .message").textContent()).toContain("inner sizes differ");
  expect(await page.locator(".failure .here").textContent()).toContain("nd.dot(x, y)");
  expect(complaints).toEqual([]);
  await close();
});
