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
import { runCase } from "./goldenRunner.js";

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
  const { inputHas, gradReq } = condition;
  return (
    calls.some((call) => callFits(call, condition)) &&
    (condition.order === undefined || one.grad_of_grad !== undefined) &&
    (inputHas === undefined ||
      Object.values(one.inputs).some((tensor) => numbersOf(tensor).includes(inputHas))) &&
    (gradReq === undefined || Object.values(one.grad_req).includes(gradReq))
  );
}

/** Names of the inputs whose gradients differ; undefined where something else differs as well. */
function wrongGradients(problems: readonly string[]): readonly string[] | undefined {
  const names = problems.map((problem) => /^grad (\w+)[[:]/.exec(problem)?.[1]);
  const known = names.filter((name) => name !== undefined);
  return known.length === names.length ? known : undefined;
}

function times({ shape, dtype, data }: GoldenTensor, factor: number): GoldenTensor {
  return { shape, dtype, data: data.map((value) => Number(value) * factor) };
}

/** MXNet's numbers are those of the last of several passes; ours the sum of all. */
function isLastPass(one: ProgramCase, names: readonly string[]): boolean {
  const grads = { ...one.grads };
  for (const name of names) {
    const last = one.grads[name];
    if (last === undefined || one.grad_req[name] !== "add") return false;
    grads[name] = times(last, one.repeat ?? 1);
  }
  return runCase({ ...one, grads }).length === 0;
}

/** The call without what MXNet does not look at. */
function without(call: GoldenCall, condition: GoldenCondition, evidence: Evidence): GoldenCall {
  if (evidence.kind !== "ignored" || !callFits(call, condition)) return call;
  const attrs = Object.entries(call.attrs).filter(([name]) => !evidence.attrs.includes(name));
  const args = call.args.slice(0, call.args.length - (evidence.lastArguments ?? 0));
  return { ...call, args, attrs: Object.fromEntries(attrs) };
}

/** Whether the numbers of a case show that MXNet does what the row says, and that ours are right. */
function isShown(
  one: ProgramCase,
  condition: GoldenCondition,
  problems: readonly string[],
): boolean {
  const { evidence } = condition;
  const names = wrongGradients(problems);
  switch (evidence.kind) {
    case "quotients":
      return names !== undefined && agreesWithQuotients(one, names);
    case "lastPass":
      return names !== undefined && isLastPass(one, names);
    case "resultAsHead":
      return names !== undefined && runCase({ ...one, head_grads: one.outputs }).length === 0;
    case "ignored": {
      const program = one.program.map((call) => without(call, condition, evidence));
      return runCase({ ...one, program }).length === 0;
    }
    default:
      return evidence satisfies never;
  }
}

/** The deliberate difference that explains all problems of a case; undefined where none does. */
export function deliberateDifference(
  one: GoldenCase,
  problems: readonly string[],
): Difference | undefined {
  if (isPrinting(one) || problems.length === 0) return undefined;
  return differences.find(
    ({ golden }) => golden !== undefined && caseFits(one, golden) && isShown(one, golden, problems),
  );
}
