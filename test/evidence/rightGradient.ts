import type { Evidence } from "../../scripts/differences.js";
import { agreesWithQuotients } from "../differenceQuotients.js";
import type { GoldenCall } from "../goldenCases.js";
import { differsAtArguments } from "./elements.js";
import type { ArrayProblem, Elements } from "./problem.js";

type Quotients = Extract<Evidence, { kind: "quotients" }>;

/** Whether MXNet's number is wrong in the way that is known of it. */
function isWrongAsSaid(
  ours: number,
  mxnets: number,
  { theirs, within }: Quotients,
  { rtol, atol }: ArrayProblem["one"]["tol"],
): boolean {
  switch (theirs) {
    case "zero":
      return mxnets === 0;
    case "negative":
      return Math.abs(mxnets + ours) <= atol + rtol * Math.abs(ours);
    case undefined:
      return within === undefined || Math.abs(mxnets - ours) <= atol + within * Math.abs(ours);
    default:
      return theirs satisfies never;
  }
}

/** Whether ours is the derivative, and MXNet's differs from it as the evidence says. */
export function isRightGradient(
  { role, one, name }: ArrayProblem,
  elements: Elements,
  calls: readonly GoldenCall[],
  evidence: Quotients,
): boolean {
  const { differing, have, want } = elements;
  const { at: kind, argument } = evidence;
  return (
    role === "gradient" &&
    differing.every((at) =>
      isWrongAsSaid(have[at] ?? Number.NaN, want[at] ?? Number.NaN, evidence, one.tol),
    ) &&
    (argument === undefined || calls.some((call) => call.args[argument] === name)) &&
    (kind === undefined || calls.some((call) => differsAtArguments(elements, call, kind))) &&
    agreesWithQuotients(one, name)
  );
}
