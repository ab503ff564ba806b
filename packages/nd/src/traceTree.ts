import type { TensorType } from "@adjoint/graph";
import type { NDArray } from "./array/ndarray.js";
import type { Step } from "./recording/step.js";
import { Trace } from "./recording/trace.js";
import { session } from "./session.js";

/** A number that stands in the program, `2` in `x.mul(2)`. */
export interface TraceLiteral {
  readonly literal: number;
}

/** One operation or input of a recorded path. */
export interface TraceStep {
  /** Name of the operator; undefined for an input. */
  readonly op: string | undefined;
  /** Its values are counted along the path, from here. */
  readonly first: number;
  /** What it reads: values by such counts, and numbers of the program. */
  readonly operands: readonly (number | TraceLiteral)[];
  readonly types: readonly TensorType[];
  /** The number that it stands for, if it is one that no operation right behind it shows. */
  readonly literal?: number | undefined;
  /** Name of an input that has one. */
  readonly name?: string | undefined;
  readonly site?: string | undefined;
  readonly scope?: string | undefined;
}

/** A value that the program read, so that what it did next could depend on it. */
export interface TraceGuard {
  /** Count of the value along the path. */
  readonly value: number;
  /** The operator that gave it; undefined for an input. */
  readonly op: string | undefined;
  /** The line that read it. */
  readonly site: string | undefined;
}

/** What was read by the run that came to a branch first. */
export interface GuardOutcome {
  readonly value: number;
  /** The number read, of an array of one element. */
  readonly number: number | undefined;
}

/** Steps in sequence up to where paths part, or to an end. */
export interface TraceBranch {
  readonly steps: readonly TraceStep[];
  /** How many runs came here. */
  readonly hits: number;
  /** What the first of them had read right before. */
  readonly outcomes: readonly GuardOutcome[];
  /** True where the path of the arrays asked about leads through here. */
  readonly taken: boolean;
  /** What was read at the end of the steps; empty where nothing was. */
  readonly guards: readonly TraceGuard[];
  /** How it went on; the branch used last first. */
  readonly branches: readonly TraceBranch[];
}

/** The operations on arrays that this program has seen so far, by path. Plain data. */
export interface TraceTree {
  /** How many operations are remembered. */
  readonly steps: number;
  readonly root: TraceBranch;
}

/** The number of the program that a step stands for. */
function literalOf({ action, types }: Step): number | undefined {
  if (action?.kind !== "call" || action.op.name !== "full") return undefined;
  const { value } = action.attrs;
  return typeof value === "number" && types[0]?.shape.length === 0 ? value : undefined;
}

/** The numbers that an operation reads and that come right before it, but for inputs, by their counts. */
function literalsRead(step: Step): ReadonlyMap<number, number> {
  const literals = new Map<number, number>();
  const { action } = step;
  if (action?.kind !== "call") return literals;
  for (let { parent } = step; parent !== undefined; parent = parent.parent) {
    const literal = literalOf(parent);
    if (literal === undefined && parent.action?.kind !== "input") break;
    if (literal !== undefined && action.operands.includes(parent.base))
      literals.set(parent.base, literal);
  }
  return literals;
}

/** Numbers are no steps where the operation right behind them shows them. */
function withLiteralsInPlace(steps: readonly Step[]): TraceStep[] {
  const rows = steps.map((step) => ({ step, literals: literalsRead(step) }));
  const shown = new Set(rows.flatMap(({ literals }) => [...literals.keys()]));
  return rows
    .filter(({ step }) => !shown.has(step.base))
    .map(({ step, literals }) => stepOf(step, literals));
}

function stepOf(step: Step, literals: ReadonlyMap<number, number>): TraceStep {
  const { action, base, types, origin } = step;
  const { name, site, scope } = origin;
  const literal = literalOf(step);
  const operands = action?.kind === "call" ? action.operands : [];
  return {
    op: action?.kind === "call" ? action.op.name : undefined,
    first: base,
    operands: operands.map((value) => {
      const literal = literals.get(value);
      return literal === undefined ? value : { literal };
    }),
    types,
    ...(literal === undefined ? {} : { literal }),
    ...(name === undefined ? {} : { name }),
    ...(site === undefined ? {} : { site }),
    ...(scope === undefined ? {} : { scope }),
  };
}

/** Operator on the way to `last` that gave a value; a reading reshapes arrays of one element first. */
function opOf(last: Step, value: number): string | undefined {
  let wanted = value;
  for (let step: Step | undefined = last; step !== undefined; step = step.parent) {
    if (wanted < step.base) continue;
    if (step.action?.kind !== "call") return undefined;
    const [source] = step.action.operands;
    if (step.action.op.name !== "reshape" || source === undefined) return step.action.op.name;
    wanted = source;
  }
  return undefined;
}

function guardsAt(step: Step): TraceGuard[] {
  return [...(step.reads ?? [])].map(([value, site]) => ({ value, op: opOf(step, value), site }));
}

/** A branch in the making, with the step at which it ends. */
interface OpenBranch extends TraceBranch {
  readonly branches: TraceBranch[];
  readonly last: Step;
}

/** The root itself is no step: runs come through it by what follows. */
function hitsBelow({ children }: Step): number {
  return children.reduce((sum, { hits }) => sum + hits, 0);
}

function branchFrom(first: Step, path: ReadonlySet<Step>): OpenBranch {
  const steps: Step[] = [];
  let last = first;
  for (;;) {
    if (last.action !== undefined) steps.push(last);
    const [next, ...others] = last.children;
    if (next === undefined || others.length > 0 || (last.reads?.size ?? 0) > 0) break;
    last = next;
  }
  return {
    steps: withLiteralsInPlace(steps),
    hits: first.parent === undefined ? hitsBelow(first) : first.hits,
    outcomes: first.saw.map(({ index, value }) => ({ value: index, number: value })),
    taken: path.has(first),
    guards: guardsAt(last),
    branches: [],
    last,
  };
}

function withoutLast({ last: _, ...branch }: OpenBranch): TraceBranch {
  return branch;
}

function treeFrom(root: Step, path: ReadonlySet<Step>): TraceBranch {
  const top = branchFrom(root, path);
  const open: OpenBranch[] = [top];
  // A list instead of recursion: a loop with a read in it makes a deep tree.
  for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
    for (const child of branch.last.children) {
      const next = branchFrom(child, path);
      branch.branches.push(withoutLast(next));
      open.push({ ...next, branches: next.branches });
    }
  }
  return withoutLast(top);
}

function pathOf(array: NDArray | undefined): Set<Step> {
  const path = new Set<Step>();
  if (!(array?.trace instanceof Trace)) return path;
  for (let step: Step | undefined = array.trace.cursor; step !== undefined; step = step.parent) {
    path.add(step);
  }
  return path;
}

/**
 * The paths that recorded operations took so far: where they part, which numbers were read there and on which
 * line, how many runs went each way. A read is what lets a program decide by numbers; so the branches after one
 * are the outcomes of a condition, or of a change between runs.
 *
 * @param array a result whose path is marked as `taken`; without it nothing is
 * @returns `root`, a branch with `steps`, `guards`, `hits` and further `branches`
 * @example
 * ```ts
 * const x = nd.array([3]).attachGrad();
 * const y = autograd.record(() => (x.sum().asScalar() > 0 ? x.mul(2) : x.neg()));
 * const ops = ({ steps, branches }) => [...steps.map(({ op }) => op), ...branches.flatMap(ops)];
 * ops(autograd.traceTree(y).root).includes("mul"); // true
 * ```
 */
export function traceTree(array?: NDArray): TraceTree {
  return { steps: session.recorder.steps, root: treeFrom(session.recorder.tree, pathOf(array)) };
}
