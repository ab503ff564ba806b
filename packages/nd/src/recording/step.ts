import type { Attrs, AttrValue, OpDef, TensorType } from "@adjoint/graph";
import type { KeptPlan } from "./planRing.js";

/** What was done at one point of a recorded path. Values are counted along the path; operands are such counts. */
export type Action =
  | { readonly kind: "input"; readonly type: TensorType; readonly source: boolean }
  | {
      readonly kind: "call";
      readonly op: OpDef;
      readonly attrs: Attrs;
      readonly operands: readonly number[];
      /** False under `pause`: the result is a constant to differentiation. */
      readonly recorded: boolean;
      /** True where `attachGrad` made the result a variable. */
      readonly source: boolean;
      /** Whether numbers may be refused, as integers divided by 0 are; true where that is not known. */
      readonly mayRefuse: boolean;
    };

/** Continuations that are remembered at one place. */
const branchLimit = 256;

/** Where a step came from; only known of its first recording, and no part of its identity. */
export interface StepOrigin {
  readonly site?: string | undefined;
  readonly scope?: string | undefined;
  readonly name?: string | undefined;
}

/** A number that the user's code read, and so could branch on. */
export interface ReadValue {
  /** Value count along the path. */
  readonly index: number;
  /** The number, of an array of one element. */
  readonly value: number | undefined;
}

/**
 * A node of the trace tree: one operation after a certain sequence of operations. Every path from the root is a program
 * seen before, with the plans made for it.
 */
export class Step {
  /** Known continuations, the one used last first. */
  readonly children: Step[] = [];
  /** Count of values before this step; its results are numbered from here. */
  readonly base: number;
  /** Count of values up to and including this step's. */
  readonly end: number;
  /** Steps before this one. */
  readonly depth: number;
  /** Count of values up to and including this step's that gradients flow through, sources apart. */
  readonly trackedValues: number;
  /** Count of steps up to and including this one that may refuse the numbers they get. */
  readonly refusals: number;
  /** Whether an operation, not only inputs, was done up to here. */
  readonly hasCall: boolean;
  /** Plans of segments that end here, and of gradients that begin here. */
  readonly plans: KeptPlan[] = [];
  /** How many runs came through here. */
  hits = 0;
  /** Values that the user's code read right after this step, with the line that read each first. */
  reads: Map<number, string | undefined> | undefined;
  /** Results that somebody asked for, by value count: plans keep them. */
  wanted: Set<number> | undefined;

  constructor(
    readonly parent: Step | undefined,
    readonly action: Action | undefined,
    readonly types: readonly TensorType[],
    /** True where gradients flow through the results. */
    readonly tracked: boolean,
    readonly origin: StepOrigin,
    /** What the first run through here had read right before. */
    readonly saw: readonly ReadValue[] = [],
  ) {
    this.base = parent === undefined ? 0 : parent.end;
    this.end = this.base + types.length;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
    this.refusals = (parent?.refusals ?? 0) + (action?.kind === "call" && action.mayRefuse ? 1 : 0);
    this.hasCall = action?.kind === "call" || parent?.hasCall === true;
    this.trackedValues =
      (parent?.trackedValues ?? 0) + (tracked && action?.source !== true ? types.length : 0);
  }

  /** The known continuation by an input, if any. Named inputs keep their names apart, for dumps. */
  findInput(type: TensorType, source: boolean, name: string | undefined): Step | undefined {
    const { children } = this;
    for (let at = 0; at < children.length; at++) {
      const child = children[at];
      const action = child?.action;
      if (
        action?.kind === "input" &&
        action.source === source &&
        child?.origin.name === name &&
        sameType(action.type, type)
      ) {
        return this.taken(at);
      }
    }
    return undefined;
  }

  /** The known continuation by a call on the first `count` of `operands`, if any. */
  findCall(
    op: OpDef,
    attrs: Attrs,
    operands: Int32Array,
    count: number,
    recorded: boolean,
    source: boolean,
  ): Step | undefined {
    const { children } = this;
    for (let at = 0; at < children.length; at++) {
      const action = children[at]?.action;
      if (
        action?.kind === "call" &&
        action.op === op &&
        action.recorded === recorded &&
        action.source === source &&
        samePositions(action.operands, operands, count) &&
        sameAttrs(action.attrs, attrs)
      ) {
        return this.taken(at);
      }
    }
    return undefined;
  }

  /** The child at a position, moved to the front. */
  private taken(at: number): Step | undefined {
    const child = this.children[at];
    if (child !== undefined && at > 0) {
      this.children.splice(at, 1);
      this.children.unshift(child);
    }
    return child;
  }

  /** Adds a continuation; the one not used for the longest time is forgotten where there are too many. */
  add(child: Step): Step {
    this.children.unshift(child);
    if (this.children.length > branchLimit) this.children.pop();
    return child;
  }

  /** Where the path to this one begins. */
  get root(): Step {
    let step: Step = this;
    while (step.parent !== undefined) step = step.parent;
    return step;
  }

  /** The step on the path to this one that made a value; undefined where the value is from after this step. */
  maker(index: number): Step | undefined {
    if (index >= this.end) return undefined;
    let step: Step | undefined = this;
    while (step !== undefined && index < step.base) step = step.parent;
    return step;
  }

  /** Steps after `from` up to this one, in order. */
  since(from: Step): Step[] {
    const steps: Step[] = [];
    for (let step: Step = this; step !== from; ) {
      steps.push(step);
      if (step.parent === undefined) break;
      step = step.parent;
    }
    return steps.reverse();
  }
}

function sameType(a: TensorType, b: TensorType): boolean {
  return a === b || (a.dtype === b.dtype && sameNumbers(a.shape, b.shape));
}

function samePositions(a: readonly number[], b: Int32Array, count: number): boolean {
  if (a.length !== count) return false;
  for (let i = 0; i < count; i++) if (a[i] !== b[i]) return false;
  return true;
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function sameAttrs(a: Attrs, b: Attrs): boolean {
  if (a === b) return true;
  let count = 0;
  for (const name in a) {
    const left = a[name];
    const right = b[name];
    if (left === undefined || right === undefined || !sameAttr(left, right)) return false;
    count++;
  }
  for (const _ in b) count--;
  return count === 0;
}

/** NaN equals NaN, 0 differs from -0; graphs are equal when they are one object. */
function sameAttr(a: AttrValue, b: AttrValue): boolean {
  if (Object.is(a, b)) return true;
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!sameAttr(a[i], b[i])) return false;
  return true;
}
