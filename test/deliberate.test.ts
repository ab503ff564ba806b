import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Difference, Evidence } from "../scripts/differences.js";
import { deliberateDifferences } from "./deliberate.js";
import { type ArrayProblem, elementsOf, problemOf } from "./evidence/problem.js";
import type { GoldenTensor, ProgramCase } from "./goldenCases.js";
import { problemsOf } from "./goldenRunner.js";

const file = new URL("golden/recorded/deliberate.json", import.meta.url);
const cases: readonly ProgramCase[] = JSON.parse(readFileSync(fileURLToPath(file), "utf8"));

/**
 * Whether evidence tells which elements may differ. It does not where it shows that ours are right and MXNet's are wrong in
 * no way that could be told; and where it is about whole lines, windows and sequences, of which these cases have no other.
 */
function isAboutElements(evidence: Evidence): boolean {
  switch (evidence.kind) {
    case "quotients":
      return (evidence.theirs ?? evidence.within ?? evidence.at) !== undefined;
    case "integers":
      return evidence.beyond === "dtype";
    case "deconvolution":
    case "impossibleLabels":
    case "nanLines":
    case "nanWindows":
      return false;
    default:
      return true;
  }
}

function isAboutElementsOnly({ golden }: Difference): boolean {
  return [golden?.evidence ?? []].flat().every(isAboutElements);
}

/** The case with another number of MXNet's at a place where ours agrees with it. */
function tampered(one: ProgramCase, problem: ArrayProblem): ProgramCase | undefined {
  const elements = elementsOf(problem);
  const at = problem.want.data.findIndex(
    (value, position) => Number.isFinite(value) && !elements?.differing.includes(position),
  );
  if (elements === undefined || at < 0) return undefined;
  const data = problem.want.data.map((value, place) =>
    place === at ? 2 * Math.abs(Number(value)) + 1 : value,
  );
  const changed: Record<string, GoldenTensor> = { [problem.name]: { ...problem.want, data } };
  return problem.role === "result"
    ? { ...one, outputs: { ...one.outputs, ...changed } }
    : { ...one, grads: { ...one.grads, ...changed } };
}

const tamperedCases = cases.flatMap((one) => {
  const problems = problemsOf(one);
  if (!deliberateDifferences(one, problems).every(isAboutElementsOnly)) return [];
  return problems.flatMap((text) => {
    const problem = problemOf(one, text);
    const changed = problem?.kind === "array" ? tampered(one, problem) : undefined;
    return changed === undefined ? [] : [[`${one.id}: ${text}`, changed] as const];
  });
});

test("there are such cases of many kinds", () => {
  expect(tamperedCases.length).toBeGreaterThan(10);
});

test.each(tamperedCases)(
  "a difference explains the elements that it is about alone: %s",
  (_, one) => {
    expect(deliberateDifferences(one, problemsOf(one))).toEqual([]);
  },
);
