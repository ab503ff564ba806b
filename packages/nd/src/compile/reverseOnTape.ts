import { bodyGradient, Cotangents, reversePass } from "@adjoint/autograd";
import type { NodeId, Value } from "@adjoint/graph";
import { registry, zerosOf } from "@adjoint/ops";
import { released } from "../differentiation/complaints.js";
import { rowsBehind } from "./segmentGraph.js";
import { refOf, type Tape } from "./tape.js";

/** A value to differentiate, and its head gradient. */
export interface Head {
  readonly value: Value;
  readonly gradient: Value;
}

/** What a reverse pass over a tape gave. */
export interface TapeGradients {
  /** Gradients of the variables reached, by row; zeros where nothing flowed back. */
  readonly gradients: ReadonlyMap<NodeId, Value>;
  /** Rows that it went through. */
  readonly reached: ReadonlySet<NodeId>;
}

/**
 * Writes the gradient of what was recorded on a tape onto the same tape.
 *
 * @throws ReleasedGraphError where an earlier backward used a part of it up
 */
export function reverseOnTape(tape: Tape, heads: readonly Head[]): TapeGradients {
  const goesOn = (id: NodeId) => tape.marksOf({ id }).tracked;
  const refs = heads.map(({ value }) => refOf(value));
  const rows = rowsBehind(tape, refs, (id) => !goesOn(id));
  if (rows.some((row) => tape.marksOf(row).released)) throw released();
  const sources = new Set<NodeId>();
  for (const id of [...refs, ...rows.flatMap(({ inputs }) => inputs)].map(({ node }) => node)) {
    if (tape.marksOf({ id }).source) sources.add(id);
  }
  const cotangents = new Cotangents();
  for (const { value, gradient } of heads) cotangents.add(refOf(value), gradient);
  const wrt = [...sources].sort((a, b) => a - b).map((node) => ({ node, out: 0 }));
  reversePass(rows, wrt, cotangents, {
    registry,
    builder: tape,
    valueOf: (ref) => tape.valueAt(ref),
    differentiate: (body, request) => bodyGradient(body, request, registry),
    placeOf: ({ site, scope }) => ({ site, scope }),
  });
  const gradients = wrt.map((ref) => {
    const total = cotangents.total(ref);
    return [ref.node, total ?? zerosOf(tape.valueAt(ref))] as const;
  });
  return { gradients: new Map(gradients), reached: new Set(rows.map(({ id }) => id)) };
}
