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
import { Forwards } from "./forwards.js";
import { idRange } from "./idRange.js";
import { Places } from "./places.js";
import { outputReader, Readers } from "./readers.js";
import { type NodeView, type RewriteTools, toRef } from "./rewriteTools.js";
import { orderFrom } from "./topologicalOrder.js";

/** A value that stands for another since an edit, and the rule that said so. Plain data. */
export interface Replaced {
  readonly rule: string;
  readonly from: Ref;
  readonly to: Ref;
}

/** The parts of a graph after editing, before they are committed. */
export type EditedGraph = Omit<Graph, "nodes" | "name"> & {
  /** The node as it is now; undefined where it was removed. */
  nodeAt(id: NodeId): Node | undefined;
};

class EditorValue implements Value {
  constructor(
    readonly emitter: GraphEditor,
    readonly id: NodeId,
    readonly out: number,
    readonly type: TensorType,
  ) {}
}

/** Looks at arguments only when asked, and once: a node may have thousands. */
class EditorNode implements NodeView {
  private arguments: readonly Value[] | undefined;

  constructor(
    private readonly editor: GraphEditor,
    readonly node: Node,
    readonly op: OpDef,
  ) {}

  get attrs(): Attrs {
    return this.node.attrs;
  }

  get ins(): readonly Value[] {
    this.arguments ??= this.node.inputs.map((ref) => this.editor.value(ref));
    return this.arguments;
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
  /** Present nodes by id. */
  private readonly nodes: (Node | undefined)[] = [];
  private readonly inputs = new Map<NodeId, Input>();
  private readonly inputNames = new Set<string>();
  private readonly constantInputs = new Map<string, NodeId>();
  private readonly constants: Map<string, Constant>;
  private readonly forwards = new Forwards();
  /** Made when first asked for: a pass that only removes needs none. */
  private readerTable: Readers | undefined;
  /** Nodes that read a value that was replaced since they were last looked at. */
  private readonly outdated = new Set<NodeId>();
  private readonly places = new Places();
  /** True once a node was added or reads something else, so that the order may no longer be valid. */
  private relinked = false;
  private unused: NodeId;
  private rewritten: Node | undefined;
  private rule = "";
  private readonly replacements: Replaced[] = [];

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
      this.nodes[id] = node;
    }
  }

  /** What was replaced so far, in order. */
  get replaced(): readonly Replaced[] {
    return this.replacements;
  }

  /** The id that the next new row gets. */
  get nextId(): NodeId {
    return this.unused;
  }

  /** Ids of the present nodes: those of the frozen graph in its order, then the new ones. */
  ids(): NodeId[] {
    return [...this.graph.order, ...this.newIds()].filter((id) => this.nodes[id] !== undefined);
  }

  /** The node as it is now; undefined once it is removed. */
  node(id: NodeId): Node | undefined {
    const node = this.nodes[id];
    if (node === undefined || !this.outdated.delete(id)) return node;
    const current = { ...node, inputs: node.inputs.map((ref) => this.forwards.resolve(ref)) };
    this.nodes[id] = current;
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
    const now = this.forwards.resolve(ref);
    return new EditorValue(this, now.node, now.out, this.typeOf(now));
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
    this.nodes[id] = { id, op: op.name, inputs, attrs, types, site, scope, origin };
    for (const ref of inputs) this.readerTable?.add(ref, id);
    this.relinked = true;
    if (this.rewritten !== undefined) this.places.add(id, this.rewritten.id);
    return types.map((type, out) => new EditorValue(this, id, out, type));
  }

  /** Runs `make`; nodes made in it stand in the place of node `id` and take over its site, scope and origin. */
  within<R>(id: NodeId, make: () => R): R {
    const outer = this.rewritten;
    this.rewritten = this.nodes[id];
    if (this.rewritten === undefined) throw this.missing(`%${id}`);
    try {
      return make();
    } finally {
      this.rewritten = outer;
    }
  }

  /** Runs `edit`; what it replaces is put down to `rule`. */
  because(rule: string, edit: () => void): void {
    const outer = this.rule;
    this.rule = rule;
    try {
      edit();
    } finally {
      this.rule = outer;
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
        op: this.nodes[from.node]?.op ?? "input",
        problem: `replacement of %${refKey(from)} has another type`,
        received: formatType(fresh),
        allowed: formatType(old),
        site: this.nodes[from.node]?.site,
      });
    }
    // In this order: the readers are those from before the replacement.
    for (const reader of this.readers.move(from, to)) this.outdated.add(reader);
    this.forwards.set(from, to);
    this.replacements.push({ rule: this.rule, from, to });
    this.relinked = true;
  }

  /** Replaces the results of a node, one by one; undefined leaves a result as it is. */
  replaceAll(id: NodeId, results: readonly (Value | Ref | undefined)[]): void {
    const node = this.nodes[id];
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
    for (const ref of node.inputs) this.readerTable?.delete(ref, id);
    for (const ref of inputs) this.readerTable?.add(ref, id);
    this.nodes[id] = { ...node, inputs };
    this.relinked = true;
  }

  /** Gives a node other attributes; its result types are inferred again and must stay. */
  setAttrs(id: NodeId, attrs: Attrs): void {
    const node = this.node(id);
    if (node === undefined) throw this.missing(`%${id}`);
    if (attrs === node.attrs) return;
    this.checkTypes(node, node.inputs, attrs);
    this.nodes[id] = { ...node, attrs };
  }

  /** Removes a node that nobody reads. */
  remove(id: NodeId): void {
    const node = this.node(id);
    if (node === undefined) throw this.missing(`%${id}`);
    if (this.isRead(node)) {
      throw new GraphError({ op: node.op, problem: `%${id} is still read`, site: node.site });
    }
    this.detach(node);
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
    this.detachInput(input);
  }

  /** Removes the nodes that no output depends on, and such inputs as well where `isOptional`. Gives how many. */
  removeUnreached(isOptional: (input: Input) => boolean): { nodes: number; inputs: number } {
    const reached = this.reachedRows();
    let nodes = 0;
    for (const id of this.ids()) {
      const node = reached[id] ? undefined : this.node(id);
      if (node === undefined) continue;
      this.detach(node);
      nodes++;
    }
    const inputs = this.inputList().filter((input) => !reached[input.id] && isOptional(input));
    for (const input of inputs) this.detachInput(input);
    return { nodes, inputs: inputs.length };
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
      const ref = this.forwards.resolve(output.ref);
      return ref === output.ref ? output : { ...output, ref };
    });
    const nodeAt = (id: NodeId) => this.node(id);
    const order = this.relinked ? orderFrom(this.wantedOrder(), nodeAt) : this.ids();
    return {
      inputs: this.inputList(),
      nodeAt,
      order,
      outputs,
      constants: Object.fromEntries(this.constants),
      nextId: this.unused,
    };
  }

  /** Ids of the rows that were added, those removed again included. */
  private newIds(): NodeId[] {
    return idRange(this.graph.nextId, this.unused);
  }

  private wantedOrder(): NodeId[] {
    return [...this.places.order(this.graph.order), ...this.newIds()];
  }

  private get readers(): Readers {
    if (this.readerTable !== undefined) return this.readerTable;
    const readers = new Readers();
    for (const id of this.ids()) {
      for (const ref of this.nodes[id]?.inputs ?? []) readers.add(ref, id);
    }
    for (const { ref } of this.graph.outputs) readers.add(ref, outputReader);
    this.readerTable = readers;
    return readers;
  }

  /** By id: true for rows that the graph's outputs depend on, inputs included. */
  private reachedRows(): readonly (true | undefined)[] {
    const reached: (true | undefined)[] = [];
    const pending = this.graph.outputs.map(({ ref }) => this.forwards.resolve(ref).node);
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      if (reached[id]) continue;
      reached[id] = true;
      for (const ref of this.node(id)?.inputs ?? []) pending.push(ref.node);
    }
    return reached;
  }

  private detach({ id, inputs }: Node): void {
    this.nodes[id] = undefined;
    for (const ref of inputs) this.readerTable?.delete(ref, id);
  }

  private detachInput({ id, name, constant }: Input): void {
    this.inputs.delete(id);
    this.inputNames.delete(name);
    if (constant !== undefined) this.constantInputs.delete(constant);
  }

  private addInput(input: Input): void {
    this.inputs.set(input.id, input);
    this.inputNames.add(input.name);
    if (input.constant !== undefined) this.constantInputs.set(input.constant, input.id);
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
    const node = this.nodes[ref.node];
    const input = node === undefined && ref.out === 0 ? this.inputs.get(ref.node) : undefined;
    const type = node === undefined ? input?.type : node.types[ref.out];
    if (type === undefined) throw this.missing(`%${refKey(ref)}`);
    return type;
  }

  private refOf(value: Value | Ref): Ref {
    if ("emitter" in value && value.emitter !== this) {
      throw new GraphError({
        op: "edit",
        problem: `%${refKey(toRef(value))} is not a value of this editor`,
        allowed: `values of ${this.graph.name}`,
      });
    }
    const ref = this.forwards.resolve(toRef(value));
    this.typeOf(ref);
    return ref;
  }

  private missing(what: string): GraphError {
    return new GraphError({ op: "edit", problem: `graph ${this.graph.name} has no ${what}` });
  }
}
