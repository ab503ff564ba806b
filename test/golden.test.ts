import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { differences } from "../scripts/differences.js";
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

/** Problems of every case, whether explained or not. */
const problems = new Map<GoldenCase, string[]>();

function problemsWithout(one: GoldenCase): string[] {
  const known = problems.get(one);
  if (known !== undefined) return known;
  const found = problemsOf(one);
  problems.set(one, found);
  return found;
}

function unexplained(one: GoldenCase): string[] {
  const found = problemsWithout(one);
  if (deliberateDifferences(one, found).length > 0) return [];
  return found.map((problem) => `${one.id}: ${problem}`);
}

test("every category of the manifest is there", () => {
  expect(categories.sort()).toEqual(Object.keys(manifest.categories).sort());
});

test("every condition of a deliberate difference explains a case", () => {
  const explained = new Set(all.flatMap((one) => deliberateDifferences(one, problemsWithout(one))));
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
