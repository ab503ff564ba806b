import {
  byteLengthOf,
  type Constant,
  equalShapes,
  type Graph,
  GraphError,
  type Kernel,
  type NodeId,
  nodesOf,
  type Node,
  type Ref,
  type Registry,
  refKey,
  rowMajorStrides,
  sizeOf,
  type TensorType,
} from "@adjoint/graph";
import type { Lifetime } from "./arena.js";

/**
 * Where a value's bytes are during a run. Every buffer has a number; a view of a whole value shares
 * its buffer.
 * - `input`: what the caller gave, never written
 * - `constant`: from the graph's table
 * - `result`: a fresh array that the run gives away
 * - `temporary`: a part of the arena
 */
export type Buffer = { readonly type: TensorType } & (
  | { readonly kind: "input"; readonly input: number }
  | { readonly kind: "constant"; readonly constant: Constant }
  | { readonly kind: "result"; readonly result: number }
  | { readonly kind: "temporary"; readonly ref: Ref; readonly start: number; end: number }
);

/** A value as a step reads or writes it: a buffer, seen with the value's own type. */
export interface Place {
  readonly buffer: number;
  readonly type: TensorType;
}

/** One node to be run, or only a new name for the bytes of its argument (`alias`). */
export interface Step {
  readonly node: NodeId;
  readonly op: string;
  readonly kernel: Kernel;
  readonly ins: readonly Place[];
  readonly outs: readonly Place[];
  readonly alias: boolean;
  readonly site: string | undefined;
}

/**
 * A graph output that no step writes itself: an input, a constant, or a value that is an output
 * already.
 */
export interface ResultCopy {
  readonly from: Place;
  readonly result: number;
}

export interface Schedule {
  readonly inputs: readonly { readonly name: string; readonly type: TensorType }[];
  readonly buffers: readonly Buffer[];
  readonly steps: readonly Step[];
  /** What a run returns. */
  readonly results: readonly { readonly ref: Ref; readonly type: TensorType }[];
  readonly copies: readonly ResultCopy[];
}

/** Orders the nodes, asks each for its kernel and decides where each value lives. */
export function schedule(graph: Graph, registry: Registry, keepAll: boolean): Schedule {
  return new Scheduler(graph, registry, keepAll).run();
}

class Scheduler {
  private readonly buffers: Buffer[] = [];
  private readonly places = new Map<string, Place>();
  private readonly steps: Step[] = [];
  private readonly inputs: { name: string; type: TensorType }[] = [];
  private readonly results: { ref: Ref; type: TensorType }[] = [];
  /** The result number of every value that a step writes straight into its own fresh array. */
  private readonly escaping = new Map<string, number>();

  constructor(
    private readonly graph: Graph,
    private readonly registry: Registry,
    private readonly keepAll: boolean,
  ) {}

  run(): Schedule {
    this.placeInputs();
    const wanted = this.wantedResults();
    for (const node of nodesOf(this.graph)) this.addStep(node);
    const { inputs, buffers, steps, results } = this;
    const copies: ResultCopy[] = [];
    for (const [result, ref] of wanted.entries()) {
      const from = this.placeOf(ref);
      results.push({ ref, type: from.type });
      if (this.escaping.get(refKey(ref)) !== result) copies.push({ from, result });
    }
    return { inputs, buffers, steps, results, copies };
  }

  private placeInputs(): void {
    for (const { id, name, role, type, constant: hash } of this.graph.inputs) {
      const constant = hash === undefined ? undefined : this.graph.constants[hash];
      if (role !== "const") {
        const buffer = { kind: "input", type, input: this.inputs.length } as const;
        this.inputs.push({ name, type });
        this.place({ node: id, out: 0 }, buffer);
      } else if (constant !== undefined) {
        this.place({ node: id, out: 0 }, { kind: "constant", type, constant });
      } else {
        throw this.broken(`constant ${name} is not in the graph's table`);
      }
    }
  }

  /** The graph's outputs, and with `keepAll` every other value of a node after them. */
  private wantedResults(): Ref[] {
    const wanted = this.graph.outputs.map(({ ref }) => ref);
    const nodes = nodesOf(this.graph);
    for (const [result, ref] of wanted.entries()) {
      const key = refKey(ref);
      if (!this.places.has(key) && !this.escaping.has(key)) this.escaping.set(key, result);
    }
    if (!this.keepAll) return wanted;
    for (const { id, types } of nodes) {
      for (let out = 0; out < types.length; out++) {
        const ref = { node: id, out };
        if (this.escaping.has(refKey(ref))) continue;
        this.escaping.set(refKey(ref), wanted.length);
        wanted.push(ref);
      }
    }
    return wanted;
  }

  private addStep(node: Node): void {
    const ins = node.inputs.map((ref) => this.placeOf(ref));
    const kernel = this.kernelOf(node, ins);
    const step = this.steps.length;
    for (const { buffer } of ins) this.touch(buffer, step);
    const alias = this.aliasOf(node, kernel, ins);
    const outs =
      alias === undefined ? node.types.map((type, out) => this.newPlace(node, out, type)) : [alias];
    if (alias !== undefined) this.places.set(refKey({ node: node.id, out: 0 }), alias);
    const { id, op, site } = node;
    this.steps.push({ node: id, op, kernel, ins, outs, alias: alias !== undefined, site });
  }

  private kernelOf(node: Node, ins: readonly Place[]): Kernel {
    const op = this.registry.get(node.op);
    if (op.kernel === undefined) {
      throw new GraphError({
        op: node.op,
        problem: "a composite operator has no kernel; lower the graph first",
        received: `node %${node.id} of ${this.graph.name}`,
        allowed: "primitive operators",
        site: node.site,
      });
    }
    const types = ins.map(({ type }) => type);
    return op.kernel(types, node.attrs, node.types);
  }

  /**
   * The argument's own place under the result's type, where the kernel changes nothing but the
   * shape.
   */
  private aliasOf(node: Node, kernel: Kernel, ins: readonly Place[]): Place | undefined {
    const [source] = ins;
    const [type] = node.types;
    if (kernel.kind !== "view" || source === undefined || type === undefined) return undefined;
    const whole =
      kernel.offset === 0 &&
      type.dtype === source.type.dtype &&
      sizeOf(type.shape) === sizeOf(source.type.shape) &&
      isRowMajor(type.shape, kernel.strides);
    const escapes = this.escaping.has(refKey({ node: node.id, out: 0 }));
    return whole && !escapes ? { buffer: source.buffer, type } : undefined;
  }

  private newPlace(node: Node, out: number, type: TensorType): Place {
    const ref = { node: node.id, out };
    const result = this.escaping.get(refKey(ref));
    if (result !== undefined) return this.place(ref, { kind: "result", type, result });
    const step = this.steps.length;
    return this.place(ref, { kind: "temporary", type, ref, start: step, end: step });
  }

  private place(ref: Ref, buffer: Buffer): Place {
    const place = { buffer: this.buffers.length, type: buffer.type };
    this.buffers.push(buffer);
    this.places.set(refKey(ref), place);
    return place;
  }

  private placeOf(ref: Ref): Place {
    const place = this.places.get(refKey(ref));
    if (place === undefined) throw this.broken(`value %${refKey(ref)} is read before it is made`);
    return place;
  }

  private touch(buffer: number, step: number): void {
    const touched = this.buffers[buffer];
    if (touched?.kind === "temporary") touched.end = step;
  }

  private broken(problem: string): GraphError {
    return new GraphError({ op: "plan", problem: `${problem} in graph ${this.graph.name}` });
  }
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  const expected = rowMajorStrides(shape);
  if (equalShapes(expected, strides)) return true;
  // Along an axis of one element (or of an empty array) the stride does not matter.
  return shape.every((length, axis) => length === 1 || strides[axis] === expected[axis]);
}

/** The temporaries, in order of their first step. */
export function lifetimesOf({ buffers }: Schedule): Lifetime[] {
  const lifetimes: Lifetime[] = [];
  for (const buffer of buffers) {
    if (buffer.kind !== "temporary") continue;
    const { ref, start, end, type } = buffer;
    lifetimes.push({ ref, start, end, bytes: byteLengthOf(type) });
  }
  return lifetimes;
}
