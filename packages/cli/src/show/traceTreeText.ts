import { formatNumber, formatType } from "@adjoint/graph";
import type { GuardOutcome, TraceBranch, TraceGuard, TraceStep, TraceTree } from "@adjoint/nd";
import { formatElement } from "@adjoint/runtime";

function madeText({ op, operands, name, literal }: TraceStep): string {
  if (op === undefined) return `input${name === undefined ? "" : ` ${name}`}`;
  if (literal !== undefined) return formatNumber(literal);
  const args = operands.map((one) =>
    typeof one === "number" ? `v${one}` : formatNumber(one.literal),
  );
  return `${op}(${args.join(", ")})`;
}

function stepText(step: TraceStep): string {
  const { first, types, site, scope } = step;
  const values = types.map((_, out) => `v${first + out}`).join(", ");
  const made = madeText(step);
  const block = scope === undefined ? "" : ` @${scope}`;
  const line = site === undefined ? "" : `  // ${site}`;
  return `${values} = ${made} : ${types.map(formatType).join(", ")}${block}${line}`;
}

function guardText({ value, op, site }: TraceGuard): string {
  const line = site === undefined ? "  // on no line of the program" : `  // ${site}`;
  return `read v${value}${op === undefined ? "" : ` of ${op}`}${line}`;
}

function outcomeText(outcomes: readonly GuardOutcome[]): string {
  const known = outcomes.flatMap(({ value, number }) =>
    number === undefined ? [] : [`v${value} was ${formatElement(number)}`],
  );
  return known.length === 0 ? "" : `, first when ${known.join(", ")}`;
}

const runs = (count: number): string => `${count} ${count === 1 ? "run" : "runs"}`;

/** A branch with what is drawn before its lines. */
interface Open {
  readonly branch: TraceBranch;
  readonly head: string;
  readonly indent: string;
}

function branchLines({ branch, head, indent }: Open): string[] {
  const { steps, hits, outcomes, guards, taken, branches } = branch;
  const ended = hits - branches.reduce((sum, next) => sum + next.hits, 0);
  const mark = taken ? ", taken last" : "";
  return [
    `${head}${runs(hits)}${mark}${outcomeText(outcomes)}`,
    ...steps.map((step) => `${indent}  ${stepText(step)}`),
    ...guards.map((guard) => `${indent}  ${guardText(guard)}`),
    ...(ended > 0 && branches.length > 0 ? [`${indent}  ${runs(ended)} ended here`] : []),
  ];
}

/**
 * A trace tree as text: steps of each branch, what was read at its end, and the branches that follow, with how many
 * runs went there and which numbers had been read by the first.
 */
export function traceTreeText({ steps, root }: TraceTree): string {
  const lines = [`trace tree: ${steps} steps`];
  const open: Open[] = [{ branch: root, head: "", indent: "" }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    lines.push(...branchLines(next));
    const { branches } = next.branch;
    const isOnly = branches.length === 1;
    const { indent } = next;
    const inner = branches.map((branch, position) => {
      if (isOnly) return { branch, head: `${indent}then `, indent };
      const isLast = position === branches.length - 1;
      const head = `${indent}${isLast ? "└─ " : "├─ "}`;
      return { branch, head, indent: `${indent}${isLast ? "   " : "│  "}` };
    });
    open.push(...inner.reverse());
  }
  return lines.join("\n");
}
