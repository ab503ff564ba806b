import { ArgumentError, GradientError, type Registry } from "@adjoint/graph";
import { attempt, type Law, type Verdict } from "./laws/law.js";
import { type Program, run } from "./program.js";

/** Why a program can't run on its arguments: an integer division by zero, a matrix that is not definite. */
export function refusal({ graph, inputs }: Program, registry: Registry): string | undefined {
  const attempted = attempt(ArgumentError, () => run(graph, inputs, registry));
  return "reason" in attempted ? attempted.reason : undefined;
}

/** Problems of numbers, not of programs. */
const refusedNumbers: ReadonlySet<string> = new Set([
  "integer division by zero",
  "matrix is not positive definite",
  "matrix is singular",
]);

/**
 * What a law says of a program that runs. An error breaks it, but for those of what has no
 * derivative, and of numbers that an operator refuses: programs that compute the same may differ in
 * what they leave out.
 */
export function judge(law: Law, program: Program): Verdict {
  try {
    return law.check(program);
  } catch (error) {
    if (error instanceof GradientError) return { kind: "skipped", reason: error.problem };
    if (error instanceof ArgumentError && refusedNumbers.has(error.problem))
      return { kind: "skipped", reason: `${error.op}: ${error.problem}` };
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { kind: "broken", detail };
  }
}
