import {
  type Difference,
  differences,
  type Evidence,
  type GoldenCondition,
} from "../scripts/differences.js";
import { isDeconvolution } from "./evidence/deconvolution.js";
import { decaysAfter, differsAtImpossibleLabels, haveWholeSteps } from "./evidence/formulas.js";
import {
  differsAtArguments,
  differsInLinesWithNaN,
  differsNearNaN,
  differsOutside,
} from "./evidence/elements.js";
import { agreesWithIndices, areExactIntegers } from "./evidence/integers.js";
import {
  type ArrayProblem,
  elementsOf,
  type Problem,
  problemOf,
  type Refusal,
} from "./evidence/problem.js";
import { differsInDTypeOnly, showsRefusal } from "./evidence/refusals.js";
import { isRightGradient } from "./evidence/rightGradient.js";
import { differsByRounding } from "./evidence/rounding.js";
import {
  type GoldenCall,
  type GoldenCase,
  type GoldenTensor,
  isPrinting,
  numbersOf,
  type ProgramCase,
} from "./goldenCases.js";
import { problemsOf, wrongElements } from "./goldenRunner.js";

function callFits({ op, attrs }: GoldenCall, condition: GoldenCondition): boolean {
  const wanted = Object.entries(condition.attrs ?? {});
  const has = [condition.hasAttr ?? []].flat();
  return (
    (condition.ops?.includes(op) ?? true) &&
    wanted.every(([name, value]) => attrs[name] === value) &&
    has.every((name) => attrs[name] !== undefined && attrs[name] !== null)
  );
}

/** Numbers that a call works with besides arrays. */
function numbersOfCall({ args, attrs }: GoldenCall): readonly number[] {
  const infinite = ["Infinity", "-Infinity", "NaN"];
  return [...args, attrs.scalar].flatMap((value) => {
    return typeof value === "number" || infinite.includes(String(value)) ? [Number(value)] : [];
  });
}

function caseFits(one: ProgramCase, condition: GoldenCondition): boolean {
  const calls = [...one.program, ...(one.grad_of_grad?.program ?? [])];
  const { inputHas, gradReq, dtype } = condition;
  return (
    calls.some((call) => callFits(call, condition)) &&
    (condition.order === undefined || one.grad_of_grad !== undefined) &&
    (inputHas === undefined ||
      [...Object.values(one.inputs).map(numbersOf), calls.flatMap(numbersOfCall)].some((numbers) =>
        inputHas.some((value) => numbers.includes(Number(value))),
      )) &&
    (dtype === undefined || Object.values(one.inputs).some((tensor) => tensor.dtype === dtype)) &&
    (gradReq === undefined || Object.values(one.grad_req).includes(gradReq))
  );
}

function times({ shape, dtype, data }: GoldenTensor, factor: number): GoldenTensor {
  return { shape, dtype, data: data.map((value) => Number(value) * factor) };
}

/** MXNet's numbers are those of the last of several passes; ours the sum of all. */
function isLastPass(one: ProgramCase, name: string): boolean {
  const last = one.grads[name];
  if (last === undefined || one.grad_req[name] !== "add") return false;
  const grads = { [name]: times(last, one.repeat ?? 1) };
  return problemsOf({ ...one, grads }).length === 0;
}

/** What a number keeps that was rounded to float32 on its way. */
const singlePrecision = { rtol: 1e-6, atol: 4e-7 };

/** What a number in float16 keeps of a sum of numbers ten times its size. */
const halfPrecision = { rtol: 2e-2, atol: 2e-2 };

/** What is left of it after a few operations, as the cases in float32 have it. */
const singleChain = { rtol: 1e-5, atol: 1e-6 };

/** The call without what MXNet does not look at. */
function without(call: GoldenCall, condition: GoldenCondition, evidence: Evidence): GoldenCall {
  if (evidence.kind !== "ignored" || !callFits(call, condition)) return call;
  const attrs = Object.entries(call.attrs).filter(([name]) => !evidence.attrs.includes(name));
  const args = call.args.slice(0, call.args.length - (evidence.lastArguments ?? 0));
  return { ...call, args, attrs: Object.fromEntries(attrs) };
}

function isKnownRefusal(problem: Refusal, condition: GoldenCondition, evidence: Evidence): boolean {
  switch (evidence.kind) {
    case "refused":
      return evidence.error === problem.error && showsRefusal(problem, evidence.shows);
    case "dtype":
      return problem.error === "DTypeError" && differsInDTypeOnly(problem.one);
    case "ignored": {
      const one = strippedOf(problem.one, condition, evidence);
      const problems = problemsOf(one);
      const isRefused = problems.some((text) => problemOf(one, text)?.kind === "refusal");
      return (
        !isRefused && (problems.length === 0 || deliberateDifferences(one, problems).length > 0)
      );
    }
    default:
      return false;
  }
}

function strippedOf(one: ProgramCase, condition: GoldenCondition, evidence: Evidence): ProgramCase {
  return { ...one, program: one.program.map((call) => without(call, condition, evidence)) };
}

/** What the elements that differ show, where the types are the same. */
function isShownByElements(
  problem: ArrayProblem,
  condition: GoldenCondition,
  evidence: Evidence,
): boolean {
  const elements = elementsOf(problem);
  const calls = problem.one.program.filter((call) => callFits(call, condition));
  if (elements === undefined) return false;
  const { differing, want, have } = elements;
  const { shape } = problem.want;
  const isSingle = "elsewhere" in evidence && evidence.elsewhere === "single";
  const roughly = isSingle
    ? { ...elements, differing: wrongElements(have, want, singleChain) }
    : elements;
  switch (evidence.kind) {
    case "nan":
      return differing.every((at) => Number.isNaN(have[at]));
    case "poisoned":
      return differing.every((at) => Number.isNaN(want[at]));
    case "rounding":
      return differsByRounding(problem, elements, evidence.defaults);
    case "infinite":
      return differing.every((at) => Math.abs(want[at] ?? 0) === Number.POSITIVE_INFINITY);
    case "wholeSteps":
      return calls.some((call) => haveWholeSteps(call, elements));
    case "decayAfter":
      return calls.some((call) => decaysAfter(problem, elements, call));
    case "quotients":
      return isRightGradient(problem, roughly, calls, evidence);
    case "integers":
      return areExactIntegers(problem, elements, evidence.beyond);
    case "arguments":
      return calls.some((call) => differsAtArguments(roughly, call, evidence.are));
    case "nanLines":
      return calls.some((call) => differsInLinesWithNaN(elements, call, shape));
    case "nanWindows":
      return calls.some((call) => differsNearNaN(elements, call, shape));
    case "outside":
      return calls.some(
        (call) =>
          typeof call.args[evidence.argument] === "string" &&
          differsOutside(problem, elements, call, evidence),
      );
    case "deconvolution":
      return calls.some((call) =>
        isDeconvolution(problem, elements, call, evidence.whose ?? "ours"),
      );
    case "impossibleLabels":
      return calls.some((call) => differsAtImpossibleLabels(problem, elements, call));
    default:
      return false;
  }
}

/** Whether the numbers show that MXNet does what the row says, and that ours are right. */
function isShown(
  problem: Problem,
  condition: GoldenCondition,
  evidence: Evidence,
  results: ProgramCase["outputs"],
): boolean {
  if (problem.kind === "refusal") return isKnownRefusal(problem, condition, evidence);
  const { one, name } = problem;
  const isGradient = problem.role === "gradient";
  switch (evidence.kind) {
    case "lastPass":
      return isGradient && isLastPass(one, name);
    case "resultAsHead":
      return isGradient && problemsOf({ ...one, head_grads: results }).length === 0;
    case "single":
      return problemsOf({ ...one, tol: singlePrecision }).length === 0;
    case "half":
      return (
        problem.want.dtype === "float16" && problemsOf({ ...one, tol: halfPrecision }).length === 0
      );
    case "dtype":
      return differsInDTypeOnly(one);
    case "ignored":
      return problemsOf(strippedOf(one, condition, evidence)).length === 0;
    case "indices":
      return one.program.some(
        (call) => callFits(call, condition) && agreesWithIndices(one, call, evidence.argument),
      );
    default:
      return isShownByElements(problem, condition, evidence);
  }
}

/** False as well where the evidence cannot be taken, such as of operators that have no float64. */
function holds(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false;
  }
}

/** The deliberate differences that explain the problems of a case, each of them; empty where one is left. */
export function deliberateDifferences(
  one: GoldenCase,
  problems: readonly string[],
): readonly Difference[] {
  if (isPrinting(one)) return [];
  const rows = differences.flatMap((row) => {
    const { golden } = row;
    if (golden === undefined || !caseFits(one, golden)) return [];
    return [golden.evidence].flat().map((evidence) => ({ row, golden, evidence }));
  });
  const found = problems.map((text) => {
    const problem = problemOf(one, text);
    return rows.find(
      ({ golden, evidence }) =>
        problem && holds(() => isShown(problem, golden, evidence, one.outputs)),
    )?.row;
  });
  const known = found.filter((row) => row !== undefined);
  return known.length === found.length ? [...new Set(known)] : [];
}
