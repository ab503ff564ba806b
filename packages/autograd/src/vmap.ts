import {
  ArgumentError,
  Builder,
  type Graph,
  type Node,
  nearestName,
  nodesOf,
  type Registry,
  refKey,
  type TensorType,
  type Value,
} from "@adjoint/graph";
import { registry as allOperators, checkInteger, normalizeAxis, nth } from "@adjoint/ops";
import { type BatchContext, type Mapped, moveAxis, repeated } from "./batch/batchedCall.js";
import { batched } from "./batch/batchRules.js";
import { expand } from "./expand.js";
import { addConstants, provenance, type ValueTable } from "./inline.js";
import { inputsOf } from "./naming.js";
import { tidyGradient } from "./tidyGradient.js";

export interface VmapOptions {
  /** How many examples. */
  readonly size: number;
  /**
   * Per input the axis along which its examples lie, counted from either end; null for one value that all examples
   * share. Inputs that are not named have them along axis 0.
   */
  readonly inAxes?: Readonly<Record<string, number | null>>;
  /** Default: all operators of this library. */
  readonly registry?: Registry;
}

/**
 * The program of a batch, from the program of one example: inputs get an axis of `size` examples, results have it
 * first. There is no loop: each operator becomes one that works on all examples, and what does not depend on the
 * examples is computed once.
 *
 * Random operators draw one sample that all examples share, as each would from that state; where every example has its
 * own state they draw one per example.
 *
 * @throws ArgumentError for an input that the graph does not have; BoundsError for an axis out of range; GraphError
 *   for an operator that can't be mapped (functions of the host)
 * @example
 * ```ts
 * const perExample = vmap(vjp(loss), { size: 32, inAxes: { w: null } }); // per-example gradients of shared weights
 * ```
 */
export function vmap(graph: Graph, options: VmapOptions): Graph {
  const { inAxes = {}, registry = allOperators } = options;
  const size = checkInteger("vmap", "size", options.size, 1);
  checkNames(graph, Object.keys(inAxes));
  const axes = new Map(inputsOf(graph).map(({ name }) => [name, inAxes[name] ?? 0]));
  for (const [name, axis] of Object.entries(inAxes)) if (axis === null) axes.delete(name);
  return tidyGradient(new Mapping(size, registry).graph(graph, axes), registry);
}

function checkNames(graph: Graph, given: readonly string[]): void {
  const names = inputsOf(graph).map(({ name }) => name);
  const wrong = given.find((name) => !names.includes(name));
  if (wrong === undefined) return;
  throw new ArgumentError({
    op: "vmap",
    problem: `inAxes names no input of graph ${graph.name}`,
    received: wrong,
    allowed: nearestName(wrong, names) ?? names.join(", "),
  });
}

/** Maps graphs over examples; a body that is called several times is mapped once. */
class Mapping {
  private readonly bodies = new Map<Graph, Map<string, Graph>>();

  constructor(
    private readonly size: number,
    private readonly registry: Registry,
  ) {}

  /** `axes` has the inputs that are batched. */
  graph(graph: Graph, axes: ReadonlyMap<string, number>): Graph {
    const builder = new Builder(`${graph.name}.vmap`);
    const values = new Map<string, Mapped>();
    for (const { id, name, role, type, site } of graph.inputs) {
      if (role === "const") continue;
      const axis = axes.get(name);
      const wide = axis === undefined ? type : this.widened(type, axis);
      const input = builder.input(name, wide, "arg", { site });
      const value = axis === undefined ? input : this.examplesFirst(input, axis);
      values.set(refKey({ node: id, out: 0 }), { value, batched: axis !== undefined });
    }
    this.addConstants(builder, graph, values);
    this.nodes(builder, graph, values);
    for (const { name, ref } of graph.outputs) {
      const { value, batched } = found(values, refKey(ref));
      builder.output(name, batched ? value : repeated(value, this.size));
    }
    return builder.finish();
  }

  private widened({ dtype, shape }: TensorType, axis: number): TensorType {
    const at = normalizeAxis("vmap", axis, shape.length + 1);
    return { dtype, shape: [...shape.slice(0, at), this.size, ...shape.slice(at)] };
  }

  private examplesFirst(input: Value, axis: number): Value {
    return moveAxis(input, normalizeAxis("vmap", axis, input.type.shape.length), 0);
  }

  private addConstants(builder: Builder, graph: Graph, values: Map<string, Mapped>): void {
    const constants: ValueTable = new Map();
    addConstants(builder, graph, constants);
    for (const [key, value] of constants) values.set(key, { value, batched: false });
  }

  private nodes(builder: Builder, graph: Graph, values: Map<string, Mapped>): void {
    for (const node of nodesOf(graph)) {
      const ins = node.inputs.map((ref) => found(values, refKey(ref)));
      const results = builder.within(provenance(node), () => this.node(builder, node, ins));
      for (const [out, value] of results.entries()) {
        values.set(refKey({ node: node.id, out }), value);
      }
    }
  }

  private node(builder: Builder, node: Node, ins: readonly Mapped[]): readonly Mapped[] {
    const { attrs, types: outs } = node;
    const op = this.registry.get(node.op);
    if (!ins.some((one) => one.batched)) {
      const shared = ins.map(({ value }) => value);
      return builder.emit(op, shared, attrs).map((value) => ({ value, batched: false }));
    }
    const types = ins.map((one) => this.exampleType(one));
    const results = batched({ ...this.context(builder), op, attrs, ins, types, outs });
    if (results !== undefined) return results.map((value) => ({ value, batched: true }));
    return this.parts(builder, expand(op, node, types), ins);
  }

  private exampleType({ value: { type }, batched }: Mapped): TensorType {
    return batched ? { dtype: type.dtype, shape: type.shape.slice(1) } : type;
  }

  /** The parts of a composite in place of it. */
  private parts(builder: Builder, body: Graph, ins: readonly Mapped[]): readonly Mapped[] {
    const values = new Map<string, Mapped>();
    const parameters = body.inputs.filter(({ role }) => role !== "const");
    for (const [position, { id }] of parameters.entries()) {
      values.set(refKey({ node: id, out: 0 }), nth(body.name, ins, position));
    }
    this.addConstants(builder, body, values);
    this.nodes(builder, body, values);
    return body.outputs.map(({ ref }) => found(values, refKey(ref)));
  }

  private context(builder: Builder): BatchContext {
    return {
      builder,
      registry: this.registry,
      size: this.size,
      mapBody: (body, batched) => this.body(body, batched),
    };
  }

  private body(body: Graph, batched: readonly boolean[]): Graph {
    const known = this.bodies.get(body) ?? new Map<string, Graph>();
    this.bodies.set(body, known);
    const key = batched.join();
    const before = known.get(key);
    if (before !== undefined) return before;
    const names = inputsOf(body).filter((_, position) => batched[position] === true);
    const mapped = this.graph(body, new Map(names.map(({ name }) => [name, 0])));
    known.set(key, mapped);
    return mapped;
  }
}

function found(values: ReadonlyMap<string, Mapped>, key: string): Mapped {
  const value = values.get(key);
  if (value === undefined) throw new Error(`vmap: no value %${key}`);
  return value;
}
