import {
  ArgumentError,
  decodeConstant,
  type Graph,
  type Input,
  type Node,
  type NodeId,
  nodesOf,
  RefTable,
  type Ref,
  type Registry,
} from "@adjoint/graph";
import { type GraphInputs, inputList } from "../plan/inputList.js";
import { type Plan, plan, type RunOptions } from "../plan/plan.js";
import type { Tensor } from "../tensor.js";
import { nodeGraph, loweredGraph } from "./nodeGraph.js";
import { type NonFinite, nonFiniteInput, nonFiniteResult } from "./nonFinite.js";

export interface ObserveOptions extends RunOptions {
  /** How often each node runs; its time is the shortest. Default 1. */
  readonly repeat?: number | undefined;
  /** Stops at the first row that brings in a NaN or makes an infinity. Default false. */
  readonly stopAtNonFinite?: boolean | undefined;
}

/** What one row gave. */
export interface ObservedRow {
  readonly row: NodeId;
  readonly results: readonly Tensor[];
  /** Of the node's own computation; 0 for inputs. */
  readonly milliseconds: number;
}

/** A run of a graph with everything that it computed. */
export interface Observation {
  readonly graph: Graph;
  /** Inputs, then nodes in order; up to `nonFinite` where the run stopped there. */
  readonly rows: readonly ObservedRow[];
  /** Where the run stopped; undefined where it went through. */
  readonly nonFinite: NonFinite | undefined;
}

/** The values of an observation by their place in the graph. */
export function observedValues({ rows }: Observation): RefTable<Tensor> {
  const values = new RefTable<Tensor>();
  for (const { row, results } of rows) {
    results.forEach((tensor, out) => {
      values.set({ node: row, out }, tensor);
    });
  }
  return values;
}

/** The numbers that the graph's inputs had, constants apart, in order. */
export function observedInputs({ graph, rows }: Observation): Tensor[] {
  const read = new Set(graph.inputs.flatMap(({ id, role }) => (role === "const" ? [] : [id])));
  return rows.flatMap(({ row, results }) => (read.has(row) ? results : []));
}

/** Runs a graph node by node. */
class Observer {
  readonly rows: ObservedRow[] = [];
  readonly values = new RefTable<Tensor>();
  nonFinite: NonFinite | undefined;

  constructor(
    private readonly graph: Graph,
    private readonly registry: Registry,
    private readonly options: ObserveOptions,
  ) {}

  /** False where the run is to stop. */
  input(input: Input, given: Tensor | undefined): boolean {
    const tensor = this.constantOf(input) ?? given;
    if (tensor === undefined) throw missing(this.graph, input);
    this.keep(input.id, [tensor], 0);
    if (this.options.stopAtNonFinite) this.nonFinite = nonFiniteInput(input, tensor);
    return this.nonFinite === undefined;
  }

  /** False where the run is to stop. */
  node(node: Node): boolean {
    const ins = node.inputs.map((ref) => this.valueOf(ref));
    const types = ins.map(({ type }) => type);
    const lower = (body: Graph) => loweredGraph(body, this.registry);
    const single = plan(nodeGraph(node, types, this.registry), this.registry, { lower });
    const { results, milliseconds } = this.timed(single, ins);
    this.keep(node.id, results, milliseconds);
    if (this.options.stopAtNonFinite) this.nonFinite = nonFiniteResult(node, ins, results);
    return this.nonFinite === undefined;
  }

  private timed(single: Plan, ins: readonly Tensor[]): Omit<ObservedRow, "row"> {
    let results: readonly Tensor[] = [];
    let milliseconds = Number.POSITIVE_INFINITY;
    for (let time = 0; time < (this.options.repeat ?? 1); time++) {
      const start = performance.now();
      results = single.run(ins, this.options);
      milliseconds = Math.min(milliseconds, performance.now() - start);
    }
    return { results, milliseconds };
  }

  private keep(row: NodeId, results: readonly Tensor[], milliseconds: number): void {
    this.rows.push({ row, results, milliseconds });
    results.forEach((tensor, out) => {
      this.values.set({ node: row, out }, tensor);
    });
  }

  private constantOf({ constant, type }: Input): Tensor | undefined {
    const content = constant === undefined ? undefined : this.graph.constants[constant];
    return content === undefined ? undefined : { type, data: decodeConstant(content) };
  }

  private valueOf(ref: Ref): Tensor {
    const value = this.values.get(ref);
    if (value === undefined) throw new Error(`observe: no value %${ref.node}.${ref.out}`);
    return value;
  }
}

function missing({ name }: Graph, input: Input): ArgumentError {
  return new ArgumentError({ op: name, problem: `input ${input.name} is missing` });
}

function checkRepeat(repeat: number | undefined): void {
  if (repeat === undefined || (Number.isInteger(repeat) && repeat > 0)) return;
  const received = String(repeat);
  throw new ArgumentError({ op: "observe", problem: "not a repeat", received, allowed: "1, 2, …" });
}

/**
 * Runs a graph node by node, composites as one, and keeps every value and the time of every node.
 * Nodes run one at a time, so that times are those of single kernels: a plan, which puts several
 * into one and reuses memory, may be faster. `inputs` as `execute` takes them.
 *
 * @throws what `plan` and `Plan.run` throw; ArgumentError for a missing input
 * @example
 * ```ts
 * const { rows } = observe(graph, { x: tensorOf([1, 2], "float32") }, registry);
 * rows.map(({ row, results }) => [row, ...results.map((one) => summarize(one).mean)]);
 * ```
 */
export function observe(
  graph: Graph,
  inputs: GraphInputs,
  registry: Registry,
  options: ObserveOptions = {},
): Observation {
  checkRepeat(options.repeat);
  const list = inputList(graph, inputs);
  const observer = new Observer(graph, registry, options);
  let position = 0;
  const goesOn =
    graph.inputs.every((input) =>
      observer.input(input, input.role === "const" ? undefined : list[position++]),
    ) && nodesOf(graph).every((node) => observer.node(node));
  const { rows, nonFinite } = observer;
  return { graph, rows, nonFinite: goesOn ? undefined : nonFinite };
}
