import { checkCall } from "../checkCall.js";
import { encodeConstant } from "../constant.js";
import type { TypedArray } from "../dtype.js";
import { GraphError } from "../errors.js";
import {
  type Attrs,
  type Constant,
  type Graph,
  type Input,
  type Node,
  type NodeId,
  type Output,
  type Ref,
  refKey,
  sameRef,
} from "../graph.js";
import type { OpDef, Registry, Value } from "../op.js";
import { equalTypes, formatType, type TensorType } from "../type.js";
import { outputReader, Readers } from "./readers.js";
import { type NodeView, type RewriteTools, toRef } from "./rewriteTools.js";
import { orderFrom } from "./topologicalOrder.js";

/** The parts of a graph after editing, before they are committed. */
export type EditedGraph = Omit<Graph, "nodes" | "name"> & {
  readonly nodes: ReadonlyMap<NodeId, Node>;
};

class EditorValue implements Value {
  constructor(
    readonly emitter: GraphEditor,
    readonly id: NodeId,
    readonly out: number,
    readonly type: TensorType,
  ) {}
}

/** Looks at arguments only when asked: a node may have thousands. */
class EditorNode implements NodeView {
  constructor(
    private readonly editor: GraphEditor,
    readonly node: Node,
    readonly op: OpDef,
  ) {}

  get attrs(): Attrs {
    return this.node.attrs;
  }

  get ins(): readonly Value[] {
    return this.node.inputs.map((ref) => this.editor.value(ref));
  }

  get outs(): readonly Value[] {
    const { id, types } = this.node;
    return types.map((type, out) => new EditorValue(this.editor, id, out, type));
  }
}

/**
 * A working copy of a frozen graph, in which a pass collects its edits. The graph itself stays as it was; `runPasses`
 * commits the edits when the pass is done. It makes values and takes operators like a `Builder`.
 *
 * A replaced value forwards to its replacement; inputs are brought up to date when a node is next looked at. So a
 * replacement costs its readers only once, however many follow.
 */
export class GraphEditor implements RewriteTools {
  private readonly nodes = new Map<NodeId, Node>();
  private readonly inputs = new Map<NodeId, Input>();
  private readonly inputNames = new Set<string>();
  private readonly constantInputs = new Map<string, NodeId>();
  private readonly constants: Map<string, Constant>;
  private readonly forwards = new Map<string, Ref>();
  private readonly readers = new Readers();
  /** Nodes that read a value that was replaced since they were last looked at. */
  private readonly outdated = new Set<NodeId>();
  /** New nodes by the node of the frozen graph in whose place they stand. */
  private readonly placed = new Map<NodeId, NodeId[]>();
  private readonly placeOf = new Map<NodeId, NodeId>();
  private unused: NodeId;
  private rewritten: Node | undefined;

  constructor(
    readonly graph: Graph,
    readonly registry: Registry,
  ) {
    this.unused = graph.nextId;
    for (const input of graph.inputs) this.addInput(input);
    this.constants = new Map(Object.entries(graph.constants));
    for (const id of graph.order) {
      const node = graph.nodes[id];
      if (node === undefined) throw this.missing(`%${id}`);
      this.nodes.set(id, node);
      for (const ref of node.inputs) this.readers.add(ref, id);
    }
    for (const { ref } of graph.outputs) this.readers.add(ref, outputReader);
  }

  /** The id that the next new row gets. */
  get nextId(): NodeId {
    return this.unused;
  }

  /** Ids of the present nodes: those of the frozen graph in its order, then the new ones. */
  ids(): NodeId[] {
    return [...this.nodes.keys()];
  }

  /** The node as it is now; undefined once it is removed. */
  node(id: NodeId): Node | undefined {
    const node = this.nodes.get(id);
    if (node === undefined || !this.outdated.delete(id)) return node;
    const current = { ...node, inputs: node.inputs.map((ref) => this.resolve(ref)) };
    this.nodes.set(id, current);
    return current;
  }

  view(id: NodeId): NodeView | undefined {
    const node = this.node(id);
    if (node === undefined) return undefined;
    return new EditorNode(this, node, this.registry.get(node.op));
  }

  /** The graph's inputs as they are now. */
  inputList(): Input[] {
    return [...this.inputs.values()];
  }

  constantOf(hash: string): Constant | undefined {
    return this.constants.get(hash);
  }

  input(id: NodeId): Input | undefined {
    return this.inputs.get(id);
  }

  value(ref: Ref): Value {
    const { node, out } = this.resolve(ref);
    return new EditorValue(this, node, out, this.typeOf({ node, out }));
  }

  producer(value: Value | Ref): NodeView | undefined {
    return this.view(this.refOf(value).node);
  }

  readerCount(value: Value | Ref): number {
    return this.readers.count(this.refOf(value));
  }

  /** Ids of the nodes that read this value. */
  readersOf(value: Value | Ref): NodeId[] {
    return [...this.readers.of(this.refOf(value))].filter((id) => id !== outputReader);
  }

  emit(op: OpDef, ins: readonly Value[], attrs: Attrs): readonly Value[] {
    checkCall(op, ins.length, attrs);
    const inputs = ins.map((value) => this.refOf(value));
    const types = op.infer(
      ins.map(({ type }) => type),
      attrs,
    );
    const id = this.unused++;
    const { site, scope, origin } = this.rewritten ?? {};
    this.nodes.set(id, { id, op: op.name, inputs, attrs, types, site, scope, origin });
    for (const ref of inputs) this.readers.add(ref, id);
    if (this.rewritten !== undefined) this.place(id, this.rewritten.id);
    return types.map((type, out) => new EditorValue(this, id, out, type));
  }

  /** Runs `make`; nodes made in it stand in the place of node `id` and take over its site, scope and origin. */
  within<R>(id: NodeId, make: () => R): R {
    const outer = this.rewritten;
    this.rewritten = this.nodes.get(id);
    if (this.rewritten === undefined) throw this.missing(`%${id}`);
    try {
      return make();
    } finally {
      this.rewritten = outer;
    }
  }

  constant(data: TypedArray, type: TensorType): Value {
    const [hash, constant] = encodeConstant(data, type);
    const known = this.constantInputs.get(hash);
    if (known !== undefined) return new EditorValue(this, known, 0, type);
    let name = `const:${hash}`;
    while (this.inputNames.has(name)) name += "'";
    const id = this.unused++;
    this.constants.set(hash, constant);
    this.addInput({ id, name, role: "const", type, constant: hash });
    return new EditorValue(this, id, 0, type);
  }

  /** Whoever reads `value` reads `by` from now on, the graph's outputs as well. Both have one type. */
  replace(value: Value | Ref, by: Value | Ref): void {
    const from = this.refOf(value);
    const to = this.refOf(by);
    if (sameRef(from, to)) return;
    const [old, fresh] = [this.typeOf(from), this.typeOf(to)];
    if (!equalTypes(old, fresh)) {
      throw new GraphError({
        op: this.nodes.get(from.node)?.op ?? "input",
        problem: `replacement of %${refKey(from)} has another type`,
        received: formatType(fresh),
        allowed: formatType(old),
        site: this.nodes.get(from.node)?.site,
      });
    }
    this.forwards.set(refKey(from), to);
    for (const reader of this.readers.move(from, to)) this.outdated.add(reader);
  }

  /** Replaces the results of a node, one by one; undefined leaves a result as it is. */
  replaceAll(id: NodeId, results: readonly (Value | Ref | undefined)[]): void {
    const node = this.nodes.get(id);
    if (node === undefined) throw this.missing(`%${id}`);
    if (results.length !== node.types.length) {
      throw new GraphError({
        op: node.op,
        problem: `wrong number of replacements for %${id}`,
        received: String(results.length),
        allowed: String(node.types.length),
        site: node.site,
      });
    }
    results.forEach((by, out) => {
      if (by !== undefined) this.replace({ node: id, out }, by);
    });
  }

  /** Gives a node other arguments; its result types are inferred again and must stay. */
  setInputs(id: NodeId, ins: readonly (Value | Ref)[]): void {
    const node = this.node(id);
    if (node === undefined) throw this.missing(`%${id}`);
    const inputs = ins.map((value) => this.refOf(value));
    this.checkTypes(node, inputs, node.attrs);
    for (const ref of node.inputs) this.readers.delete(ref, id);
    for (const ref of inputs) this.readers.add(ref, id);
    this.nodes.set(id, { ...node, inputs });
  }

  /** Gives a node other attributes; its result types are inferred again and must stay. */
  setAttrs(id: NodeId, attrs: Attrs): void {
    const node = this.node(id);
    if (node === undefined) throw this.missing(`%${id}`);
    if (attrs === node.attrs) return;
    this.checkTypes(node, node.inputs, attrs);
    this.nodes.set(id, { ...node, attrs });
  }

  /** Removes a node that nobody reads. */
  remove(id: NodeId): void {
    const node = this.node(id);
    if (node === undefined) throw this.missing(`%${id}`);
    if (this.isRead(node)) {
      throw new GraphError({ op: node.op, problem: `%${id} is still read`, site: node.site });
    }
    this.nodes.delete(id);
    for (const ref of node.inputs) this.readers.delete(ref, id);
  }

  /** Removes those of these nodes that nobody reads, then what only they read, and so on. */
  sweep(ids: Iterable<NodeId>): void {
    const pending = [...ids];
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      const node = this.node(id);
      if (node === undefined || this.isRead(node)) continue;
      this.remove(id);
      for (const ref of node.inputs) pending.push(ref.node);
    }
  }

  /** Removes an input that nobody reads. */
  dropInput(id: NodeId): void {
    if (this.readers.count({ node: id, out: 0 }) > 0) {
      throw new GraphError({ op: "input", problem: `%${id} is still read` });
    }
    const input = this.inputs.get(id);
    if (input === undefined) throw this.missing(`input %${id}`);
    this.inputs.delete(id);
    this.inputNames.delete(input.name);
    if (input.constant !== undefined) this.constantInputs.delete(input.constant);
  }

  /** Removes constants that belong to no input. */
  dropUnusedConstants(): number {
    const used = new Set(this.inputList().map(({ constant }) => constant));
    const unused = [...this.constants.keys()].filter((hash) => !used.has(hash));
    for (const hash of unused) this.constants.delete(hash);
    return unused.length;
  }

  /** The parts of the edited graph. The order of the nodes changes only where it must. */
  finish(): EditedGraph {
    const outputs = this.graph.outputs.map((output): Output => {
      const ref = this.resolve(output.ref);
      return ref === output.ref ? output : { ...output, ref };
    });
    const order = orderFrom(this.wantedOrder(), (id) => this.node(id));
    return {
      inputs: this.inputList(),
      nodes: this.nodes,
      order,
      outputs,
      constants: Object.fromEntries(this.constants),
      nextId: this.unused,
    };
  }

  private addInput(input: Input): void {
    this.inputs.set(input.id, input);
    this.inputNames.add(input.name);
    if (input.constant !== undefined) this.constantInputs.set(input.constant, input.id);
  }

  private *wantedOrder(): Iterable<NodeId> {
    for (const id of this.graph.order) {
      yield* this.placed.get(id) ?? [];
      yield id;
    }
    yield* this.nodes.keys();
  }

  private place(id: NodeId, rewritten: NodeId): void {
    const place = this.placeOf.get(rewritten) ?? rewritten;
    this.placeOf.set(id, place);
    const there = this.placed.get(place);
    if (there === undefined) this.placed.set(place, [id]);
    else there.push(id);
  }

  private isRead(node: Node): boolean {
    return node.types.some((_, out) => this.readers.count({ node: node.id, out }) > 0);
  }

  private checkTypes(node: Node, inputs: readonly Ref[], attrs: Attrs): void {
    const op = this.registry.get(node.op);
    checkCall(op, inputs.length, attrs);
    const types = op.infer(
      inputs.map((ref) => this.typeOf(ref)),
      attrs,
    );
    const same =
      types.length === node.types.length &&
      node.types.every((type, out) => equalTypes(type, types[out] ?? type));
    if (same) return;
    throw new GraphError({
      op: node.op,
      problem: `edit of %${node.id} changes its type`,
      received: types.map(formatType).join(", "),
      allowed: node.types.map(formatType).join(", "),
      site: node.site,
    });
  }

  private typeOf(ref: Ref): TensorType {
    const node = this.nodes.get(ref.node);
    const input = ref.out === 0 ? this.inputs.get(ref.node) : undefined;
    const type = node === undefined ? input?.type : node.types[ref.out];
    if (type === undefined) throw this.missing(`%${refKey(ref)}`);
    return type;
  }

  /** Where a value is now, after all replacements. */
  private resolve(ref: Ref): Ref {
    if (this.forwards.size === 0) return ref;
    let end = ref;
    const passed: string[] = [];
    for (;;) {
      const key = refKey(end);
      const next = this.forwards.get(key);
      if (next === undefined) break;
      passed.push(key);
      end = next;
    }
    // Shortened, so that a long chain of replacements is walked once.
    for (const key of passed) this.forwards.set(key, end);
    return end;
  }

  private refOf(value: Value | Ref): Ref {
    if ("emitter" in value && value.emitter !== this) {
      throw new GraphError({
        op: "edit",
        problem: `%${refKey(toRef(value))} is not a value of this editor`,
        allowed: `values of ${this.graph.name}`,
      });
    }
    const ref = this.resolve(toRef(value));
    this.typeOf(ref);
    return ref;
  }

  private missing(what: string): GraphError {
    return new GraphError({ op: "edit", problem: `graph ${this.graph.name} has no ${what}` });
  }
}
