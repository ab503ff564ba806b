import type { NDArray } from "adjoint";
import { type Check, summarize } from "../check.js";
import type { Program } from "../workloads/index.js";

/** Iterations after which the loss of training is compared again. */
const trainingSteps = 5;

/** A program about to be measured. */
export interface Contest {
  /** One iteration; what it computes is readable at its end. */
  readonly step: () => void;
  /** The first iterations, and what they gave. */
  readonly check: () => Check;
}

/** How a function becomes one that is measured: it stays as it is, or is compiled. */
export type Way = (run: Program["run"]) => Program["run"];

/** A program, to be run in one of our ways. */
export function contest(program: Program, way: Way): Contest {
  const run = way(program.run);
  const iterate = (): Iteration => {
    const args = program.args();
    const result = run(...args);
    result.read();
    const variables = program.variables(args);
    for (const variable of variables) (program.trains ? variable : variable.grad)?.read();
    return { result, variables };
  };
  return { step: iterate, check: () => checkOf(program, iterate) };
}

interface Iteration {
  readonly result: NDArray;
  readonly variables: readonly NDArray[];
}

function checkOf(program: Program, iterate: () => Iteration): Check {
  const count = program.comparedIterations ?? 1;
  const compared = Array.from({ length: count }, () => comparedNumbers(iterate()));
  const [first] = compared;
  if (first === undefined) throw new Error("check: no iteration");
  const numbers = count === 1 ? first.numbers : [Float32Array.from(compared.flatMap(flat))];
  const gradients = summarize(numbers);
  if (!program.hasLoss) return { gradients };
  return { loss: first.result, gradients, ...(program.trains ? fifthLoss(iterate) : {}) };
}

interface Compared {
  readonly result: number;
  readonly numbers: readonly Float32Array[];
}

/** Gradients, or the result where there are none. */
function comparedNumbers({ result, variables }: Iteration): Compared {
  const gradients = variables.map(({ grad }) => Float32Array.from(grad?.toFlat() ?? []));
  const isAlone = variables.length === 0 && result.size > 1;
  return {
    result: result.size === 1 ? result.asScalar() : Number.NaN,
    numbers: isAlone ? [Float32Array.from(result.toFlat())] : gradients,
  };
}

function flat({ numbers }: Compared): number[] {
  return numbers.flatMap((one) => [...one]);
}

function fifthLoss(iterate: () => Iteration): { readonly fifthLoss: number } {
  const losses = Array.from({ length: trainingSteps - 1 }, () => iterate().result.asScalar());
  return { fifthLoss: losses.at(-1) ?? Number.NaN };
}
