import { type Graph, type Node, type NodeId, type Ref, refKey } from "@adjoint/graph";
import type { Tensor } from "@adjoint/runtime";
import type { TapeInput } from "./places.js";
import { rowsBehind, segmentGraph } from "./segmentGraph.js";
import type { Tape } from "./tape.js";

/** Computes values of a tape while it is being written, each node once. */
export class Evaluator {
  private readonly known: Map<string, Tensor>;
  private readonly done = new Set<NodeId>();

  constructor(
    private readonly tape: Tape,
    private readonly inputs: readonly TapeInput[],
    private readonly load: (input: TapeInput) => Tensor,
    private readonly run: (graph: Graph, inputs: readonly Tensor[]) => readonly Tensor[],
    /** Values that a run of the plans has found, by key. */
    given: ReadonlyMap<string, Tensor>,
  ) {
    this.known = new Map(given);
  }

  /** Whether a value depends on nothing from outside. */
  isFixed({ node: id }: Ref): boolean {
    return this.tape.marksOf({ id }).fixed;
  }

  tensor(ref: Ref): Tensor {
    const key = refKey(ref);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const constant = this.tape.constantAt(ref.node);
    if (constant !== undefined) return constant;
    const input = this.inputs.find(({ value }) => value.id === ref.node);
    if (input !== undefined) {
      const tensor = this.load(input);
      this.known.set(key, tensor);
      return tensor;
    }
    this.compute(ref);
    return this.tensor(ref);
  }

  /** Whether all results of a node are known. */
  private isGiven(id: NodeId): boolean {
    const count = this.tape.nodeAt(id)?.types.length ?? 0;
    for (let out = 0; out < count; out++) {
      if (!this.known.has(refKey({ node: id, out }))) return false;
    }
    return count > 0;
  }

  private compute(ref: Ref): void {
    const rows = rowsBehind(this.tape, [ref], (id) => this.done.has(id) || this.isGiven(id));
    const results = rows.flatMap(resultsOf);
    const made = new Set(rows.map(({ id }) => id));
    const given = new Map<string, Ref>();
    for (const { inputs } of rows) {
      for (const one of inputs) {
        if (!made.has(one.node) && this.tape.constantAt(one.node) === undefined) {
          given.set(refKey(one), one);
        }
      }
    }
    const refs = [...given.values()];
    const graph = segmentGraph(this.tape, {
      name: "trace",
      rows,
      inputs: refs.map((one, at) => ({ name: `x${at}`, ref: one })),
      outputs: results.map((one, at) => ({ name: `y${at}`, ref: one })),
    });
    const tensors = this.run(
      graph,
      refs.map((one) => this.tensor(one)),
    );
    results.forEach((one, at) => {
      const tensor = tensors[at];
      if (tensor !== undefined) this.known.set(refKey(one), tensor);
    });
    for (const id of made) this.done.add(id);
  }
}

function resultsOf({ id, types }: Node): readonly Ref[] {
  return types.map((_, out) => ({ node: id, out }));
}
