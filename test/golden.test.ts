import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Difference, differences } from "../scripts/differences.js";
import { deliberateDifferences } from "./deliberate.js";
import type { GoldenCase } from "./goldenCases.js";
import { problemsOf } from "./goldenRunner.js";
import { loadCases } from "./loadCases.js";

const folder = fileURLToPath(new URL("golden", import.meta.url));
const manifest: { categories: Record<string, { cases: number }> } = JSON.parse(
  readFileSync(`${folder}/manifest.json`, "utf8"),
);
const golden = loadCases(folder);
const categories = [...new Set(golden.map(({ category }) => category))];
/** In the same format, recorded from the same MXNet: rarer attributes, and numbers that this library does not share. */
const recorded = loadCases(fileURLToPath(new URL("golden/recorded", import.meta.url)));
const all = [...golden, ...recorded];

interface Judged {
  readonly problems: readonly string[];
  /** The rows that explain them all, or none. */
  readonly rows: readonly Difference[];
}

const judged = new Map<GoldenCase, Judged>();

function judge(one: GoldenCase): Judged {
  const known = judged.get(one);
  if (known !== undefined) return known;
  const problems = problemsOf(one);
  const found = { problems, rows: deliberateDifferences(one, problems) };
  judged.set(one, found);
  return found;
}

function unexplained(one: GoldenCase): string[] {
  const { problems, rows } = judge(one);
  return rows.length > 0 ? [] : problems.map((problem) => `${one.id}: ${problem}`);
}

test("every category of the manifest is there", () => {
  expect(categories.sort()).toEqual(Object.keys(manifest.categories).sort());
});

test("every condition of a deliberate difference explains a case", () => {
  const explained = new Set(all.flatMap((one) => judge(one).rows));
  const idle = differences.filter((one) => one.golden !== undefined && !explained.has(one));
  expect(idle.map(({ when }) => when)).toEqual([]);
});

test("MXNet's numbers: rarer attributes", () => {
  expect(recorded.flatMap(unexplained)).toEqual([]);
});

describe.each(categories)("MXNet's numbers: %s", (name) => {
  const cases = golden.filter(({ category }) => category === name);

  test("as many cases as the manifest counts", () => {
    expect(cases).toHaveLength(manifest.categories[name]?.cases ?? -1);
  });

  test("none fails", () => {
    expect(cases.flatMap(unexplained)).toEqual([]);
  });
});
