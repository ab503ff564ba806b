import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Difference } from "../scripts/differences.js";
import { deliberateDifferences } from "./deliberate.js";
import { type ArrayProblem, elementsOf, problemOf } from "./evidence/problem.js";
import type { GoldenTensor, ProgramCase } from "./goldenCases.js";
import { problemsOf } from "./goldenRunner.js";

const file = new URL("golden/recorded/deliberate.json", import.meta.url);
const cases: readonly ProgramCase[] = JSON.parse(readFileSync(fileURLToPath(file), "utf8"));

/** Evidence that ours are right, whatever MXNet's are; and about whole lines and windows, of which these cases have no other. */
const exempt = ["quotients", "integers", "deconvolution", "refused", "nanLines", "nanWindows"];

function isAboutElements({ golden }: Difference): boolean {
  return [golden?.evidence ?? []].flat().every(({ kind }) => !exempt.includes(kind));
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
  if (!deliberateDifferences(one, problems).every(isAboutElements)) return [];
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
