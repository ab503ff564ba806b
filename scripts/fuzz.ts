/**
 * Tries the laws of the library on random programs: `npm run fuzz -- [--seed N] [--programs N]
 * [--minutes N] [--calls N] [--only OP]... [--interpreted]`, the last without the laws on other
 * backends. Prints each program that breaks a law, shrunk, as code, which it also writes to
 * `out/fuzz`; then how often each law held, was skipped and why. Exits with 1 if one was broken.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { toText } from "@adjoint/graph";
import { type Finding, fuzz, type Round, type Tally } from "../test/fuzz/fuzz.js";
import { lawsOf } from "../test/fuzz/laws/laws.js";
import { printedPrograms, printProgram } from "../test/fuzz/printProgram.js";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    programs: { type: "string", default: "1000" },
    minutes: { type: "string", default: "Infinity" },
    calls: { type: "string", default: "8" },
    only: { type: "string", multiple: true },
    interpreted: { type: "boolean", default: false },
  },
});

function numberOf(name: "seed" | "programs" | "minutes" | "calls"): number {
  const number = Number(values[name]);
  if (number >= 0) return number;
  throw new Error(`--${name}: not a number: ${values[name]}`);
}

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
const round = fuzz({
  seed: numberOf("seed"),
  programs: numberOf("programs"),
  calls: numberOf("calls"),
  ...(values.only === undefined ? {} : { only: values.only }),
  ...(values.interpreted ? { laws: lawsOf({ backends: [] }) } : {}),
  isOver({ programs, findings }) {
    const now = performance.now();
    if (now - shown > 10_000) {
      console.log(`${programs} programs, ${findings.length} findings`);
      shown = now;
    }
    return now - start > numberOf("minutes") * 60_000;
  },
});
round.findings.forEach(show);
summarize(round);
process.exitCode = round.findings.length === 0 ? 0 : 1;
