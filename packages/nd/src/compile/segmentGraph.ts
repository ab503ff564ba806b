import {
  Builder,
  type Graph,
  type Node,
  type NodeId,
  type Ref,
  refKey,
  type Value,
} from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import type { Tape } from "./tape.js";

/** Gradients are on the tape already: what ends them is not needed any more. */
const cut = "stopGradient";

export interface NamedRef {
  readonly name: string;
  readonly ref: Ref;
}

export interface SegmentOptions {
  readonly name: string;
  /** In the order of the tape. */
  readonly rows: readonly Node[];
  /** Values from before; whatever else `rows` read must be constants of the tape. */
  readonly inputs: readonly NamedRef[];
  readonly outputs: readonly NamedRef[];
}

/** A part of a tape as a graph of its own. */
export function segmentGraph(tape: Tape, { name, rows, inputs, outputs }: SegmentOptions): Graph {
  const builder = new Builder(name);
  const values = new Map<string, Value>();
  for (const { name: wanted, ref } of inputs) {
    let free = wanted;
    while (builder.inputNames.has(free)) free += "'";
    const { type } = tape.valueAt(ref);
    values.set(refKey(ref), builder.input(free, type, "arg"));
  }
  const lookUp = (ref: Ref): Value => {
    const known = values.get(refKey(ref));
    if (known !== undefined) return known;
    const constant = tape.constantAt(ref.node);
    if (constant === undefined) throw new Error(`segment: no value %${refKey(ref)}`);
    const value = builder.constant(constant.data, constant.type);
    values.set(refKey(ref), value);
    return value;
  };
  for (const { id, op, inputs: ins, attrs, site, scope } of rows) {
    const given = ins.map(lookUp);
    const [only] = given;
    if (op === cut && only !== undefined) {
      values.set(refKey({ node: id, out: 0 }), only);
      continue;
    }
    const results = builder.within({ site, scope }, () =>
      builder.emit(registry.get(op), given, attrs),
    );
    results.forEach((value, out) => {
      values.set(refKey({ node: id, out }), value);
    });
  }
  const taken = new Set<string>();
  for (const { name: wanted, ref } of outputs) {
    let free = wanted;
    while (taken.has(free)) free += "'";
    taken.add(free);
    builder.output(free, lookUp(ref));
  }
  return builder.finish();
}

/** The nodes that values are computed from, in the order of the tape, as far as nobody `has` them. */
export function rowsBehind(
  tape: Tape,
  refs: readonly Ref[],
  has: (id: NodeId) => boolean,
): readonly Node[] {
  const found = new Map<NodeId, Node>();
  const waiting = refs.map(({ node }) => node);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id) || has(id)) continue;
    const node = tape.nodeAt(id);
    if (node === undefined) continue;
    found.set(id, node);
    for (const ref of node.inputs) waiting.push(ref.node);
  }
  return [...found.values()].sort((a, b) => a.id - b.id);
}
