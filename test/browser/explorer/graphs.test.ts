import { jest } from "@jest/globals";
import type { Browser } from "playwright-core";
import { launchBrowser } from "../launch.js";
import { boxOf, closeAll, marked, type OpenExplorer, openExplorer } from "./openExplorer.js";
import { chain, network, overflow } from "./programs.js";

jest.setTimeout(120_000);

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterEach(closeAll);
afterAll(() => browser?.close());

describe("the graphs of a program", () => {
  let open: OpenExplorer;
  beforeEach(async () => {
    open = await openExplorer(browser, network());
  });
  afterEach(async () => {
    const { complaints, outgoing } = open;
    await open.close();
    expect(complaints).toEqual([]);
    expect(outgoing).toEqual([]);
  });

  test("stand side by side, without a complaint, and nothing is fetched from elsewhere", async () => {
    const { page } = open;
    expect(await page.title()).toBe("model.ts#loss – Adjoint");
    for (const side of ["forward", "backward"]) {
      expect(await page.locator(`[data-side=${side}] .box`).count()).toBeGreaterThan(8);
    }
    expect(await boxOf(page, "forward", "tanh").isVisible()).toBe(true);
    expect(await boxOf(page, "backward", "head.y0").isVisible()).toBe(true);
  });

  test("no two boxes of a drawing lie over each other", async () => {
    const { page } = open;
    for (const side of ["forward", "backward"]) {
      const areas = await page
        .locator(`[data-side=${side}] .box .face`)
        .evaluateAll((faces) => faces.map((face) => face.getBoundingClientRect().toJSON()));
      for (const [at, a] of areas.entries()) {
        for (const b of areas.slice(at + 1)) {
          const isApart =
            a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
          expect(isApart).toBe(true);
        }
      }
    }
  });

  test("selecting a row marks its counterparts and the saved values between", async () => {
    const { page } = open;
    await boxOf(page, "forward", "tanh").click();
    expect(await marked(page, "forward", "selected")).toEqual(["tanh"]);
    const derived = await marked(page, "backward", "counterpart");
    expect(derived).toEqual(expect.arrayContaining(["mul", "sub(1, ·)"]));
    await page.waitForSelector(".bridges path.derived");
    expect(await page.locator(".bridges path.saved").count()).toBeGreaterThan(0);
    const details = page.locator(".inspector");
    expect(await details.textContent()).toContain("Hyperbolic tangent");
    expect(await details.getByText("Value", { exact: true }).count()).toBe(1);
    expect(await details.getByText("Gradient", { exact: true }).count()).toBe(1);
    await details.locator("details summary").click();
    expect(await details.locator("details pre").textContent()).toContain("graph tanh.backward");
  });

  test("pointing at a row shows what belongs to it, and leaving it takes that back", async () => {
    const { page } = open;
    await boxOf(page, "backward", "sub(1, ·)").hover();
    await page.waitForSelector("[data-side=forward] .mark-counterpart");
    expect(await marked(page, "forward", "counterpart")).toEqual(["tanh"]);
    await page.mouse.move(5, 5);
    await page.waitForSelector("[data-side=forward] .mark-counterpart", { state: "detached" });
  });

  test("a link in the details leads to its row", async () => {
    const { page } = open;
    await boxOf(page, "forward", "tanh").click();
    const link = page.locator(".inspector .relation button.row").first();
    const text = (await link.textContent()) ?? "";
    await link.click();
    expect(await page.locator(".inspector h2").textContent()).toBe(text.split(" ")[1]);
    await page.mouse.move(5, 5);
    expect(await marked(page, "forward", "counterpart")).toEqual(["tanh"]);
  });

  test("the slider shows each pass: what it changed, by which rules, and what is gone", async () => {
    const { page } = open;
    const slider = page.getByLabel("After pass");
    expect(await slider.inputValue()).toBe("4");
    const counts: (string | null)[] = [];
    const names: (string | null)[] = [];
    const last = Number(await slider.getAttribute("max"));
    expect(last).toBeGreaterThanOrEqual(5);
    for (let pass = 0; pass <= last; pass++) {
      await slider.fill(String(pass));
      await page.waitForFunction(
        (start) => document.querySelector(".passname")?.textContent?.startsWith(start),
        `${pass}/${last}`,
      );
      names.push(await page.locator(".passname").textContent());
      counts.push(await page.locator("[data-side=backward] .box").count().then(String));
    }
    expect(new Set(counts).size).toBeGreaterThan(2);
    await slider.fill("1");
    expect(await page.locator(".rules").textContent()).toContain("node");
    expect(await page.locator(".changes .removed").textContent()).toMatch(/^−[1-9]/);
    await slider.fill(String(names.findIndex((name) => name?.includes("lower"))));
    await page.waitForSelector("[data-side=forward] .box.added");
    await page.locator(".removedrows summary").click();
    expect(await page.locator(".removedrows").textContent()).toContain("softmax");
  });

  test("a scope closes to one box and opens again", async () => {
    const { page } = open;
    const before = await page.locator("[data-side=forward] .box").count();
    await page.locator("[data-side=forward] .frame text").first().click();
    await page.waitForSelector("[data-side=forward] .box.group");
    expect(await page.locator("[data-side=forward] .box").count()).toBeLessThan(before);
    await page.locator("[data-side=forward] .opener").click();
    await page.waitForSelector("[data-side=forward] .box.group", { state: "detached" });
    expect(await page.locator("[data-side=forward] .box").count()).toBe(before);
  });

  test("the search finds rows by operator", async () => {
    const { page } = open;
    await page.keyboard.press("/");
    await page.keyboard.type("softmax");
    await page.keyboard.press("Enter");
    expect(await page.locator(".inspector h2").textContent()).toBe("softmax");
  });
});

test("numbers that are none are pointed out", async () => {
  const { page, close } = await openExplorer(browser, overflow());
  await boxOf(page, "forward", "log").click();
  const details = page.locator(".inspector");
  expect(await details.textContent()).toContain("1 NaN, 1 infinity");
  expect(await details.locator(".warning").count()).toBeGreaterThan(0);
  await close();
});

describe("a program of more than 5,000 nodes", () => {
  test("is drawn in few boxes, which open; any row can be reached", async () => {
    const session = chain();
    const { page, complaints, close } = await openExplorer(browser, session);
    const text = await page.locator(".pane .count").first().textContent();
    expect(Number(text?.replace(/\D/g, ""))).toBeGreaterThan(5000);
    const boxes = page.locator("[data-side=forward] .box");
    expect(await boxes.count()).toBeLessThanOrEqual(162);
    await page.locator("[data-side=forward] .box.group .title").first().click();
    await page.keyboard.press("Enter");
    await page.waitForSelector("[data-side=forward] .box.row.map");
    await page.keyboard.press("/");
    await page.keyboard.type("%2705");
    await page.keyboard.press("Enter");
    await page.waitForSelector('[data-side=forward] [data-row="2705"].mark-selected');
    expect(await boxes.count()).toBeLessThanOrEqual(1202);
    for (const key of ["[", "[", "]", "2", "3", "1"]) await page.keyboard.press(key);
    await page.waitForSelector("[data-side=backward] .box");
    expect(complaints).toEqual([]);
    await close();
  });
});
