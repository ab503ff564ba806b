/**
 * Runs cases of the golden format: `npm run golden -- --help`. Prints every failing case with received and expected numbers,
 * a line per category, and the counts; exits with 1 if a case failed. Cases marked `quirk` are reported on a line of
 * their own: `deliberate` are those that docs/differences.json explains by operator and condition.
 */
import { fileURLToPath } from "node:url";
import { Command } from "@commander-js/extra-typings";
import { deliberateDifferences } from "../test/deliberate.js";
import { isPrinting } from "../test/goldenCases.js";
import { problemsOf } from "../test/goldenRunner.js";
import { loadCases } from "../test/loadCases.js";

const own = fileURLToPath(new URL("../test/golden", import.meta.url));
const command = new Command("npm run golden --")
  .description("compares with outputs and gradients that were recorded from MXNet")
  .argument("[directory]", "a directory of such cases (default: test/golden)")
  .option("--only <prefix>", "cases whose id begins so")
  .parse();
const [directory = own] = command.processedArgs;
const { only = "" } = command.opts();

interface Tally {
  passed: number;
  failed: number;
}

const categories = new Map<string, Tally>();
const total: Tally = { passed: 0, failed: 0 };
const quirks = { matched: 0, deliberate: 0, failed: 0 };
let explained = 0;
for (const one of loadCases(directory)) {
  if (!one.id.startsWith(only)) continue;
  const problems = problemsOf(one);
  const isQuirk = !isPrinting(one) && one.quirk !== undefined;
  const rows = deliberateDifferences(one, problems);
  if (isQuirk && (problems.length === 0 || rows.length > 0)) {
    quirks[problems.length === 0 ? "matched" : "deliberate"]++;
    continue;
  }
  if (isQuirk) quirks.failed++;
  const passed = problems.length === 0 || rows.length > 0;
  if (rows.length > 0) {
    explained++;
    console.log(
      `DELIBERATE ${one.id}: ${problems.join("; ")}: ${rows.map(({ when }) => when).join("; ")}`,
    );
  }
  const tally = categories.get(one.category) ?? { passed: 0, failed: 0 };
  categories.set(one.category, tally);
  for (const counts of [tally, total]) counts[passed ? "passed" : "failed"]++;
  if (!passed) for (const problem of problems) console.log(`FAILED ${one.id}: ${problem}`);
}
for (const [name, { passed, failed }] of categories) {
  console.log(`${name}: ${passed} passed, ${failed} failed`);
}
const { matched, deliberate, failed } = quirks;
console.log(`quirk: ${matched} matched, ${deliberate} deliberate, ${failed} failed`);
console.log(`of the passed, ${explained} differ deliberately (docs/differences.md)`);
console.log(`${total.passed} passed, ${total.failed} failed, 0 skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
