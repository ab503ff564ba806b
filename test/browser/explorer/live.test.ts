import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { jest } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, type WatchedPage, watchedPage } from "../launch.js";

jest.setTimeout(180_000);

const bin = fileURLToPath(new URL("../../../packages/cli/bin/adjoint.js", import.meta.url));

/** The command, with its address once it serves. */
function explore(folder: string, ...args: readonly string[]): Promise<[ChildProcess, string]> {
  const child = spawn(process.execPath, [bin, "explore", ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.stdout.once("data", (text: Buffer) => resolve([child, String(text).trim()]));
    child.once("exit", (code) => reject(new Error(`ended with ${code}`)));
  });
}

describe("adjoint explore", () => {
  const folder = mkdtempSync(join(tmpdir(), "adjoint-live-"));
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;
  let child: ChildProcess;
  const save = (name: string, text: string) => writeFileSync(join(folder, name), text);
  /** Waits for text within an element. */
  const shows = (selector: string, text: string) =>
    page.locator(selector, { hasText: text }).first().waitFor({ timeout: 60_000 });

  const model = (body: string) =>
    `import { twice } from "./helper.ts";\nexport function loss(x: any) {\n${body}\n}\n`;
  const working = model("  return twice(x).sin();");

  beforeAll(async () => {
    save("helper.ts", "export const twice = (x: any) => x.mul(2);\n");
    save("model.ts", working);
    let url: string;
    [child, url] = await explore(folder, "model.ts#loss", "--arg", "4");
    browser = await launchBrowser();
    watched = await watchedPage(browser);
    page = watched.page;
    await page.goto(url);
    await page.waitForSelector("[data-side=backward] .box");
  });
  afterAll(async () => {
    await browser?.close();
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGINT");
    await ended;
    rmSync(folder, { recursive: true });
  });

  test("shows the line of the source, and its neighbours", async () => {
    await page.locator("[data-side=forward] .box", { hasText: "sin" }).click();
    await shows(".inspector .source .here", "return twice(x).sin();");
    await page.locator("[data-side=forward] .box", { hasText: "mul" }).click();
    await shows(".inspector .source .here", "x.mul(2)");
  });

  test("follows the source in place: the selection stays", async () => {
    save("model.ts", model("  return twice(x).cos();"));
    await shows("[data-side=forward] .box", "cos");
    expect(await page.locator(".inspector h2").textContent()).toBe("mul");
  });

  test("follows editors that rename a new file into place, and modules that are imported", async () => {
    save("model.ts.swp", model("  return twice(x).tanh();"));
    renameSync(join(folder, "model.ts.swp"), join(folder, "model.ts"));
    await shows("[data-side=forward] .box", "tanh");
    save("helper.ts", "export const twice = (x: any) => x.mul(2).square();\n");
    await shows("[data-side=forward] .box", "square");
  });

  test("shows what does not compile, and recovers", async () => {
    save("model.ts", model("  return twice(x"));
    await shows(".failure .message", "ERROR");
    await shows(".failure .here", "}");
    save("model.ts", working);
    await shows("[data-side=forward] .box", "sin");
  });

  test("shows what the program throws, and recovers after the fix", async () => {
    save("model.ts", model('  if (x.size > 1) throw new RangeError("too large");\n  return x;'));
    await shows(".failure .message", "RangeError: too large");
    await shows(".failure .here", "too large");
    save("model.ts", model("  return twice(x).dot(x.reshape([2, 2]).dot(x));"));
    await shows(".failure .message", "ShapeError");
    save("model.ts", working);
    await shows("[data-side=forward] .box", "sin");
  });

  test("a program that ends the process, or never ends, is no end of the page", async () => {
    save("model.ts", model("  process.exit(3);"));
    await shows(".failure .message", "exit code 3");
    save("model.ts", model("  for (;;);"));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    save("model.ts", working);
    await shows("[data-side=forward] .box", "sin");
  });

  test("nothing of all this was fetched from elsewhere, or complained about", () => {
    expect(watched.outgoing).toEqual([]);
    expect(watched.complaints).toEqual([]);
  });
});
