import { checkCall } from "./checkCall.js";
import { encodeConstant } from "./constant.js";
import type { TypedArray } from "./dtype.js";
import { ArgumentError } from "./errors.js";
import type { Attrs, Constant, Graph, Input, InputRole, Node, NodeId, Output } from "./graph.js";
import type { GraphEmitter, OpDef, Value } from "./op.js";
import { closeGraph } from "./print/closeGraph.js";
import type { TensorType } from "./type.js";

/** Where nodes come from; every node made within takes it over. */
export interface Origin {
  readonly site?: string | undefined;
  readonly scope?: string | undefined;
  readonly origin?: NodeId | undefined;
}

class GraphValue implements Value {
  constructor(
    readonly emitter: Builder,
    readonly id: NodeId,
    readonly out: number,
    readonly type: TensorType,
  ) {}
}

/** Optional properties of an input. */
export type InputDetails = Pick<Input, "of" | "constant" | "site">;

/**
 * Builds one graph. Operators are applied to the values that `input` and `constant` return; each call checks arity,
 * attributes, shapes and dtypes at once and throws before anything is added.
 *
 * @example
 * ```ts
 * const builder = new Builder("seed");
 * const x = builder.input("x", { dtype: "float32", shape: [4, 1] });
 * builder.output("y", mul(dot(transpose(x), x), 2));
 * const graph = builder.finish();
 * ```
 */
export class Builder implements GraphEmitter {
  private readonly inputs: Input[] = [];
  private readonly names = new Set<string>();
  private readonly outputNames = new Set<string>();
  private readonly nodes: Node[] = [];
  private readonly outputs: Output[] = [];
  private readonly constants: Record<string, Constant> = {};
  private nextId: NodeId;
  private origin: Origin = {};

  /** Rows are numbered from `firstId`. */
  constructor(
    readonly name: string,
    firstId: NodeId = 0,
  ) {
    this.nextId = firstId;
  }

  /** Adds an input. Names are unique within a graph. */
  input(
    name: string,
    type: TensorType,
    role: InputRole = "arg",
    details: InputDetails = {},
  ): Value {
    if (this.names.has(name)) {
      throw new ArgumentError({ op: "input", problem: "name is taken", received: name });
    }
    this.names.add(name);
    const id = this.nextId++;
    this.inputs.push({ id, name, role, type, ...details });
    return new GraphValue(this, id, 0, type);
  }

  /** The names of the inputs so far. */
  get inputNames(): ReadonlySet<string> {
    return this.names;
  }

  /** The inputs so far, constants included. */
  get inputRows(): readonly Input[] {
    return this.inputs;
  }

  /** The nodes so far, every node after the rows that it reads. */
  get rows(): readonly Node[] {
    return this.nodes;
  }

  /** Adds a constant tensor. `data` is row-major and copied; its length must fit the type's shape. */
  constant(data: TypedArray, type: TensorType): Value {
    const [hash, constant] = encodeConstant(data, type);
    const known = this.inputs.find((input) => input.constant === hash);
    if (known !== undefined) return new GraphValue(this, known.id, 0, type);
    this.constants[hash] = constant;
    return this.input(`const:${hash}`, type, "const", { constant: hash });
  }

  emit(op: OpDef, ins: readonly Value[], attrs: Attrs): readonly Value[] {
    checkCall(op, ins.length, attrs);
    for (const value of ins) this.own(op.name, value);
    const types = op.infer(
      ins.map((value) => value.type),
      attrs,
    );
    const id = this.nextId++;
    const inputs = ins.map(({ id: node, out }) => ({ node, out }));
    this.nodes.push({ id, op: op.name, inputs, attrs, types, ...this.origin });
    return types.map((type, out) => new GraphValue(this, id, out, type));
  }

  /** Runs `make`; nodes made in it carry `origin`, on top of what surrounds it. */
  within<R>(origin: Origin, make: () => R): R {
    const outer = this.origin;
    this.origin = { ...outer, ...origin };
    try {
      return make();
    } finally {
      this.origin = outer;
    }
  }

  /** Names a result of the graph. */
  output(name: string, value: Value): void {
    this.own("output", value);
    if (this.outputNames.has(name)) {
      throw new ArgumentError({ op: "output", problem: "name is taken", received: name });
    }
    this.outputNames.add(name);
    this.outputs.push({ name, ref: { node: value.id, out: value.out } });
  }

  /** The graph as built, frozen. The builder can go on and finish again. */
  finish(): Graph {
    const nodes: Record<NodeId, Node> = {};
    for (const node of this.nodes) nodes[node.id] = node;
    const graph: Graph = {
      name: this.name,
      inputs: [...this.inputs],
      nodes,
      order: this.nodes.map((node) => node.id),
      outputs: [...this.outputs],
      constants: { ...this.constants },
      nextId: this.nextId,
    };
    return closeGraph(graph);
  }

  private own(op: string, value: Value): void {
    if (value instanceof GraphValue && value.emitter === this) return;
    throw new ArgumentError({
      op,
      problem: "argument is not a value of this graph",
      received: value instanceof GraphValue ? `a value of ${value.emitter.name}` : String(value),
      allowed: `values of ${this.name}`,
    });
  }
}
