import { formatNumber } from "@adjoint/graph";
import type { TraceTree } from "@adjoint/nd";
import type { TraceBranch, TraceData } from "./session.js";
import { plainNumber } from "./valueData.js";

type Branch = TraceTree["root"];
type Step = Branch["steps"][number];

/** Branches that are sent to the page. */
const mostBranches = 2000;
/** Operations of one stretch. */
const mostSteps = 200;

function stepText({ op, first, operands, name, literal }: Step): string {
  if (op === undefined) return `%${first} = input${name === undefined ? "" : ` ${name}`}`;
  if (literal !== undefined) return `%${first} = ${formatNumber(literal)}`;
  const args = operands.map((one) =>
    typeof one === "number" ? `%${one}` : formatNumber(one.literal),
  );
  return `%${first} = ${op}(${args.join(", ")})`;
}

function branchData(branch: Branch, parent: number | undefined): TraceBranch {
  const { steps, hits, taken, outcomes, guards } = branch;
  return {
    parent,
    steps: steps.slice(0, mostSteps).map((step) => ({ text: stepText(step), site: step.site })),
    hits,
    taken,
    outcomes: outcomes.flatMap(({ number }) => (number === undefined ? [] : [plainNumber(number)])),
    reads: guards.map(({ value, op, site }) => ({ of: `%${value} ${op ?? "input"}`, site })),
  };
}

/** The paths that a program took, as a list: a loop that reads in each round makes a tree too deep to nest. */
export function describeTrace({ root }: TraceTree): TraceData {
  const branches: TraceBranch[] = [];
  const open: { readonly branch: Branch; readonly parent: number | undefined }[] = [
    { branch: root, parent: undefined },
  ];
  let more = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (branches.length >= mostBranches) {
      more++;
      continue;
    }
    const position = branches.length;
    branches.push(branchData(next.branch, next.parent));
    for (const branch of [...next.branch.branches].reverse()) {
      open.push({ branch, parent: position });
    }
  }
  return { branches, more };
}
