/**
 * Benchmarks in Chromium: `npm run bench:browser -- --help`. Runs the page
 * headless, once with and once without cross-origin isolation, and prints its rows; with `--serve` it only serves the
 * page, for any browser, until it is stopped.
 */
import { Command } from "@commander-js/extra-typings";
import { launchBrowser, watchedPage } from "../../test/browser/launch.js";
import { bundle, document, serve } from "../../test/browser/serve.js";
import { digits, timeText } from "../format.js";
import { plainText } from "../table.js";
import { atLeastZero, collect } from "../../scripts/optionParsers.js";
import type { PageRow } from "./page.js";

const small = ["W1", "W2", "W3", "W6", "W8_1k", "W8r"];
const options = new Command("npm run bench:browser --")
  .description("benchmarks in Chromium, with and without cross-origin isolation")
  .option("--workload <name>", `one to run, can be repeated (default: ${small.join(" ")})`, collect)
  .option("--milliseconds <n>", "how long each way is timed", atLeastZero, 300)
  .option("--serve", "only serve the page, for any browser, until stopped")
  .parse()
  .opts();

const { workload = small, milliseconds } = options;
const query = `#workload=${workload.join()}&milliseconds=${milliseconds}`;
const main = await bundle("bench/browser/page.ts");

async function rowsOf(isolated: boolean): Promise<PageRow[]> {
  const site = await serve({ "/index.html": document, "/main.js": main }, { isolated });
  const browser = await launchBrowser();
  try {
    const { page, complaints } = await watchedPage(browser);
    await page.goto(`${site.origin}/${query}`);
    await page.waitForFunction("document.title === 'done'", undefined, { timeout: 600_000 });
    for (const complaint of complaints) console.log(complaint);
    return JSON.parse((await page.textContent("#results")) ?? "[]");
  } finally {
    await browser.close();
    await site.close();
  }
}

if (options.serve) {
  const site = await serve({ "/index.html": document, "/main.js": main }, { isolated: true });
  console.log(`${site.origin}/${query}`);
} else {
  for (const isolated of [true, false]) {
    const rows = await rowsOf(isolated);
    const table = {
      title: isolated ? "with cross-origin isolation" : "without cross-origin isolation",
      head: ["work", "way", "median", "90th percentile", "numbers"],
      rows: rows.map(({ workload, way, difference, timing: { median, p90 } }) => [
        ...[workload, way, timeText(median), `${digits(p90 / median)}×`, difference ?? "agree"],
      ]),
    };
    console.log(plainText(table));
  }
}
