import { type Difference, differences, type GoldenCondition } from "../scripts/differences.js";
import {
  type GoldenCall,
  type GoldenCase,
  isPrinting,
  numbersOf,
  type ProgramCase,
} from "./goldenCases.js";

function callFits({ op, attrs }: GoldenCall, condition: GoldenCondition): boolean {
  const wanted = Object.entries(condition.attrs ?? {});
  return condition.ops.includes(op) && wanted.every(([name, value]) => attrs[name] === value);
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

/** The deliberate difference that explains all problems of a case; undefined where none does. */
export function deliberateDifference(
  one: GoldenCase,
  problems: readonly string[],
): Difference | undefined {
  if (isPrinting(one)) return undefined;
  return differences.find(({ golden }) => {
    if (golden === undefined || !caseFits(one, golden)) return false;
    return golden.part === "all" || problems.every((problem) => problem.startsWith("grad "));
  });
}
