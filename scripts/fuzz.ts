/**
 * Tries the laws of the library on random programs: `npm run fuzz -- --help`. Prints each program
 * that breaks a law, shrunk, as code, which it also writes to `out/fuzz`; then how often each law
 * held, was skipped and why. Exits with 1 if one was broken.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { toText } from "@adjoint/graph";
import { Command } from "@commander-js/extra-typings";
import { type Finding, fuzz, type Round, type Tally } from "../test/fuzz/fuzz.js";
import { lawsOf } from "../test/fuzz/laws/laws.js";
import { printedPrograms, printProgram } from "../test/fuzz/printProgram.js";
import { atLeastZero, collect } from "./optionParsers.js";

const options = new Command("npm run fuzz --")
  .description("tries the laws of the library on random programs")
  .option("--seed <n>", "seed of the first program", atLeastZero, 1)
  .option("--programs <n>", "how many programs", atLeastZero, 1000)
  .option("--minutes <n>", "how long at most", atLeastZero, Number.POSITIVE_INFINITY)
  .option("--calls <n>", "calls of operators in a program", atLeastZero, 8)
  .option(
    "--only <operator>",
    "an operator that may occur, can be repeated (default: all)",
    collect,
  )
  .option("--interpreted", "without the laws on generated code")
  .parse()
  .opts();

function show({ law, detail, style, seed, nodes, shrunk }: Finding, at: number): void {
  const code = printProgram(shrunk, [law]);
  const file = new URL(`${style}-${seed}-${at + 1}.ts`, printedPrograms);
  mkdirSync(printedPrograms, { recursive: true });
  writeFileSync(file, code);
  console.log(`\nBROKEN ${law}: ${detail}`);
  console.log(`${style} program ${seed}, ${nodes} nodes shrunk to ${shrunk.graph.order.length}:`);
  console.log(`${toText(shrunk.graph)}\n${code}`);
  console.log(`run it again: npx tsx ${relative(process.cwd(), fileURLToPath(file))}`);
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / Math.max(whole, 1)).toFixed(1)} %`;
}

function listed(counts: ReadonlyMap<string, number>): string {
  const rows = [...counts].sort(([, a], [, b]) => b - a);
  return rows.map(([reason, count]) => `${reason} (${count})`).join(", ");
}

function showLaw(name: string, { held, broken, skipped }: Tally): void {
  const count = [...skipped.values()].reduce((sum, one) => sum + one, 0);
  const rate = percent(count, held + broken + count);
  console.log(`${name}: ${held} held, ${broken} broken, ${count} skipped (${rate})`);
  if (count > 0) console.log(`    ${listed(skipped)}`);
}

function summarize({ programs, refused, laws, calls, findings }: Round): void {
  console.log("");
  for (const [name, tally] of laws) showLaw(name, tally);
  const total = [...calls.values()].reduce((sum, one) => sum + one, 0);
  if (refused.size > 0) console.log(`refused their arguments: ${listed(refused)}`);
  console.log(
    `${programs} programs, ${total} calls of ${calls.size} operators: ${findings.length} findings`,
  );
}

const start = performance.now();
let shown = start;
let found = 0;
const round = fuzz({
  seed: options.seed,
  programs: options.programs,
  calls: options.calls,
  ...(options.only === undefined ? {} : { only: options.only }),
  ...(options.interpreted === true ? { laws: lawsOf({ backends: [] }) } : {}),
  isOver({ programs, findings }) {
    // At once, as a long round may be broken off.
    for (const one of findings.slice(found)) show(one, found++);
    const now = performance.now();
    if (now - shown > 10_000) {
      console.log(`${programs} programs, ${findings.length} findings`);
      shown = now;
    }
    return now - start > options.minutes * 60_000;
  },
});
summarize(round);
process.exitCode = round.findings.length === 0 ? 0 : 1;
