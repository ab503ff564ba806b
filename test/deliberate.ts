import type { NDArray } from "@adjoint/nd";
import {
  type Difference,
  differences,
  type Evidence,
  type GoldenCondition,
} from "../scripts/differences.js";
import { agreesWithQuotients } from "./differenceQuotients.js";
import {
  type GoldenCall,
  type GoldenCase,
  type GoldenTensor,
  isPrinting,
  numbersOf,
  type ProgramCase,
} from "./goldenCases.js";
import { execute, lookUp, runCase } from "./goldenRunner.js";

function callFits({ op, attrs }: GoldenCall, condition: GoldenCondition): boolean {
  const wanted = Object.entries(condition.attrs ?? {});
  const has = condition.hasAttr;
  return (
    condition.ops.includes(op) &&
    wanted.every(([name, value]) => attrs[name] === value) &&
    (has === undefined || (attrs[has] !== undefined && attrs[has] !== null))
  );
}

function caseFits(one: ProgramCase, condition: GoldenCondition): boolean {
  const calls = [...one.program, ...(one.grad_of_grad?.program ?? [])];
  const { inputHas, gradReq, dtype } = condition;
  return (
    calls.some((call) => callFits(call, condition)) &&
    (condition.order === undefined || one.grad_of_grad !== undefined) &&
    (inputHas === undefined ||
      Object.values(one.inputs).some((tensor) => numbersOf(tensor).includes(Number(inputHas)))) &&
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
  return runCase({ ...one, grads }).length === 0;
}

/** With NaN wherever ours are NaN, MXNet's numbers are ours. */
function differsInNaN(one: ProgramCase): boolean {
  const { arrays } = execute(one);
  const outputs = spreadNaN(one.outputs, (name) => lookUp(arrays, name));
  const grads = spreadNaN(one.grads, (name) => lookUp(arrays, name).grad);
  return runCase({ ...one, outputs, grads }).length === 0;
}

function spreadNaN(
  tensors: ProgramCase["outputs"],
  ours: (name: string) => NDArray | null,
): ProgramCase["outputs"] {
  const spread = Object.entries(tensors).map(([name, tensor]) => {
    const have = ours(name)?.toFlat() ?? [];
    const data = tensor.data.map((value, at) => (Number.isNaN(have[at]) ? "NaN" : value));
    return [name, { ...tensor, data }] as const;
  });
  return Object.fromEntries(spread);
}

/** What a number keeps that was rounded to float32 on its way. */
const singlePrecision = { rtol: 1e-6, atol: 1e-7 };

/** The call without what MXNet does not look at. */
function without(call: GoldenCall, condition: GoldenCondition, evidence: Evidence): GoldenCall {
  if (evidence.kind !== "ignored" || !callFits(call, condition)) return call;
  const attrs = Object.entries(call.attrs).filter(([name]) => !evidence.attrs.includes(name));
  const args = call.args.slice(0, call.args.length - (evidence.lastArguments ?? 0));
  return { ...call, args, attrs: Object.fromEntries(attrs) };
}

/** A problem of a case: the case with the one array that differs, which is a gradient or a result. */
interface Problem {
  readonly one: ProgramCase;
  /** The input whose gradient it is. */
  readonly gradient: string | undefined;
}

function only<T>(all: Readonly<Record<string, T>>, name: string | undefined): Record<string, T> {
  const found = name === undefined ? undefined : all[name];
  return found === undefined || name === undefined ? {} : { [name]: found };
}

/** The case as far as one of its problems goes; undefined where that is not about numbers. */
function problemOf(one: ProgramCase, text: string): Problem | undefined {
  const [, first, gradient, result] =
    /^(?:first grad ([\w:]+)|grad ([\w:]+)|([\w:]+))[[:]/.exec(text) ?? [];
  if (first === undefined && gradient === undefined && result === undefined) return undefined;
  const second = one.grad_of_grad;
  return {
    gradient,
    one: {
      ...one,
      outputs: only(one.outputs, result),
      grads: only(one.grads, gradient),
      ...(second && {
        grad_of_grad: {
          ...second,
          outputs: only(second.outputs, result),
          first_grads: only(second.first_grads, first),
        },
      }),
    },
  };
}

/** Whether the numbers show that MXNet does what the row says, and that ours are right. */
function isShown(
  { one, gradient }: Problem,
  condition: GoldenCondition,
  results: ProgramCase["outputs"],
): boolean {
  const { evidence } = condition;
  switch (evidence.kind) {
    case "quotients":
      return gradient !== undefined && agreesWithQuotients(one, gradient);
    case "lastPass":
      return gradient !== undefined && isLastPass(one, gradient);
    case "resultAsHead":
      return gradient !== undefined && runCase({ ...one, head_grads: results }).length === 0;
    case "single":
      return runCase({ ...one, tol: singlePrecision }).length === 0;
    case "nan":
      return differsInNaN(one);
    case "ignored": {
      const program = one.program.map((call) => without(call, condition, evidence));
      return runCase({ ...one, program }).length === 0;
    }
    default:
      return evidence satisfies never;
  }
}

/** The deliberate differences that explain the problems of a case, each of them; empty where one is left. */
export function deliberateDifferences(
  one: GoldenCase,
  problems: readonly string[],
): readonly Difference[] {
  if (isPrinting(one)) return [];
  const rows = differences.filter(({ golden }) => golden !== undefined && caseFits(one, golden));
  const found = problems.map((text) => {
    const problem = problemOf(one, text);
    return rows.find(({ golden }) => problem && golden && isShown(problem, golden, one.outputs));
  });
  const known = found.filter((row) => row !== undefined);
  return known.length === found.length ? [...new Set(known)] : [];
}
