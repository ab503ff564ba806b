import { callSite } from "./callSite.js";

/** What every error of this library says. */
export interface Complaint {
  /** The operator or function that refuses. */
  readonly op: string;
  /** What is wrong, as a clause without a full stop. */
  readonly problem: string;
  /** What was received. */
  readonly received?: string | undefined;
  /** What would have been accepted. */
  readonly allowed?: string | undefined;
  /** `file:line` of the user's own code. */
  readonly site?: string | undefined;
}

function sentence({ op, problem, received, allowed, site }: Complaint): string {
  const got = received === undefined ? "" : `: ${received}`;
  const want = allowed === undefined ? "" : ` (allowed: ${allowed})`;
  const where = site === undefined ? "" : `; ${site}`;
  return `${op}: ${problem}${got}${want}${where}`;
}

/**
 * Base of all errors that bad input causes. The caller's data is as it was when one is thrown.
 *
 * @example
 * ```ts
 * try { nd.dot(a, b) } catch (error) { if (error instanceof ShapeError) console.log(error.received) }
 * // dot: inner sizes differ: (2, 3) x (2, 2) (allowed: columns of the first = rows of the second); model.ts:14
 * ```
 */
export class AdjointError extends Error implements Complaint {
  readonly op: string;
  readonly problem: string;
  readonly received: string | undefined;
  readonly allowed: string | undefined;
  readonly site: string | undefined;

  constructor(complaint: Complaint) {
    const site = complaint.site ?? callSite();
    super(sentence({ ...complaint, site }));
    this.op = complaint.op;
    this.problem = complaint.problem;
    this.received = complaint.received;
    this.allowed = complaint.allowed;
    this.site = site;
  }

  override get name(): string {
    return this.constructor.name;
  }
}

/** Shapes, sizes or numbers of axes that do not fit. */
export class ShapeError extends AdjointError {}
/** An element type that an operator does not take, or two that differ. */
export class DTypeError extends AdjointError {}
/** An unknown attribute or option, or a value that it can't have. */
export class AttributeError extends AdjointError {}
/** An axis or index out of range. */
export class BoundsError extends AdjointError {}
/** An argument of the wrong kind: not an array, not a function, too few. */
export class ArgumentError extends AdjointError {}
/** Differentiation of something that is not recorded, not differentiable or already released. */
export class GradientError extends AdjointError {}
/** The graph was released by an earlier `backward` without `retainGraph`. */
export class ReleasedGraphError extends GradientError {}
/** A write to an array that a recorded graph still needs. */
export class InPlaceError extends AdjointError {}
/** A graph, file or text that breaks the rules of the IR. */
export class GraphError extends AdjointError {}
/** Bytes that are not a file of the announced format: of another kind, damaged or cut off. */
export class FileFormatError extends AdjointError {}
/** More memory than there is. Arrays that exist stay readable. */
export class OutOfMemoryError extends AdjointError {}
