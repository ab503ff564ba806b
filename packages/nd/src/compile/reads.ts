import { type Ref, refKey, type TypedArray, type Value } from "@adjoint/graph";
import { firstElement, type Tensor } from "@adjoint/runtime";
import type { Evaluator } from "./evaluator.js";
import { refOf, type Tape } from "./tape.js";

/** What was read of a value: whether it is not zero, or its elements. */
export type Outcome = boolean | TypedArray;

/** A value that a function read, so that what it does next may depend on it. */
export interface Guard {
  readonly kind: "truth" | "elements";
  readonly ref: Ref;
  /** How many rows stood on the tape by then. */
  readonly rows: number;
  readonly site: string | undefined;
  readonly outcome: Outcome;
}

/** Reads of values by a function that is being compiled. */
export class Reads {
  readonly guards: Guard[] = [];
  private readonly truths = new Map<string, boolean>();
  private readonly elements = new Map<string, TypedArray>();

  /** `forced`: what the first reads give, as a run of the plans found it. */
  constructor(
    private readonly tape: Tape,
    private readonly evaluator: Evaluator,
    private readonly forced: readonly Outcome[],
  ) {}

  elementsOf(value: Value): TypedArray {
    const ref = refOf(value);
    if (this.evaluator.isFixed(ref)) return this.evaluator.tensor(ref).data;
    const key = refKey(ref);
    const known = this.elements.get(key);
    if (known !== undefined) return known;
    const forced = this.forced[this.guards.length];
    const found = typeof forced === "object" ? forced : this.evaluator.tensor(ref).data.slice();
    this.add("elements", ref, found);
    this.elements.set(key, found);
    return found;
  }

  isNotZero(value: Value): boolean {
    const ref = refOf(value);
    if (this.evaluator.isFixed(ref)) return truthOf(this.evaluator.tensor(ref));
    const key = refKey(ref);
    const known = this.truths.get(key);
    if (known !== undefined) return known;
    const data = this.elements.get(key);
    if (data !== undefined) return truthOf({ type: value.type, data });
    const forced = this.forced[this.guards.length];
    const found = typeof forced === "boolean" ? forced : truthOf(this.evaluator.tensor(ref));
    this.add("truth", ref, found);
    this.truths.set(key, found);
    return found;
  }

  private add(kind: Guard["kind"], ref: Ref, outcome: Outcome): void {
    this.guards.push({ kind, ref, rows: this.tape.rows.length, site: this.tape.site(), outcome });
  }
}

/** Whether the only element is not zero. NaN is not zero. */
export function truthOf(tensor: Tensor): boolean {
  return firstElement(tensor) !== 0;
}

/** Whether two reads gave the same, bit for bit but for the payload of NaN. */
export function sameOutcome(a: Outcome, b: Outcome): boolean {
  if (typeof a === "boolean" || typeof b === "boolean") return a === b;
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (!Object.is(a[at], b[at])) return false;
  return true;
}
