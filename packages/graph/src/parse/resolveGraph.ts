import type { Attrs, Constant, Graph, Input, Node, NodeId, Output, Ref } from "../graph.js";
import { nearestName } from "../nearestName.js";
import type { Registry } from "../op.js";
import { literalId } from "../print/literals.js";
import { equalTypes, formatType } from "../type.js";
import type { Scanner } from "./scanner.js";
import type { GraphSyntax, InputSyntax, OperandSyntax, RowSyntax } from "./syntax.js";

interface Provenance {
  site?: string;
  scope?: string;
  origin?: NodeId;
}

/** Where a row comes from; what the text does not say is no field. */
function provenanceOf({ site, scope, origin }: RowSyntax): Provenance {
  const found: Provenance = {};
  if (site !== undefined) found.site = site;
  if (scope !== undefined) found.scope = scope;
  if (origin !== undefined) found.origin = origin;
  return found;
}

/** What may stand where a number is read, or is made a row for. */
interface Reader {
  /** The row that reads the number; undefined for an output. */
  readonly row: RowSyntax | undefined;
  /** The id that a number has by its place, where that is free. */
  readonly literalId: NodeId | undefined;
}

/** Makes the rows of one graph: names become ids, numbers become rows of their own. */
class Resolution {
  private readonly inputs: Input[] = [];
  private readonly nodes: Record<NodeId, Node> = {};
  private readonly order: NodeId[] = [];
  private readonly constants: Record<string, Constant> = {};
  private readonly idsByName = new Map<string, NodeId>();
  /** Results of the rows so far. */
  private readonly results = new Map<NodeId, number>();
  /** All ids that the text gives, also to later rows. */
  private readonly taken = new Set<NodeId>();
  private nextId = 0;

  constructor(
    private readonly scanner: Scanner,
    private readonly syntax: GraphSyntax,
    private readonly registry: Registry | undefined,
  ) {}

  graph(): Graph {
    const { name, inputs, outputs, rows, table, next, at } = this.syntax;
    for (const row of inputs) this.takeId(row.at, row.id);
    for (const row of rows) this.takeId(row.at, row.id);
    for (const { at: place, key, constant } of table) {
      if (Object.hasOwn(this.constants, key)) this.repeated(place, "constant is given twice", key);
      this.constants[key] = constant;
    }
    for (const input of inputs) this.input(input);
    for (const row of rows) this.row(row);
    const results = this.outputs(outputs);
    if (next !== undefined && next < this.nextId) {
      const allowed = `%${this.nextId} or more`;
      this.scanner.fail(at, {
        problem: "next is not above all ids",
        received: `%${next}`,
        allowed,
      });
    }
    return {
      name,
      inputs: this.inputs,
      nodes: this.nodes,
      order: this.order,
      outputs: results,
      constants: this.constants,
      nextId: next ?? this.nextId,
    };
  }

  private takeId(at: number, id: NodeId): void {
    if (this.taken.has(id)) this.repeated(at, "id is taken", `%${id}`);
    this.taken.add(id);
    this.nextId = Math.max(this.nextId, id + 1);
  }

  private repeated(at: number, problem: string, received: string): never {
    return this.scanner.fail(at, { problem, received });
  }

  private input(input: InputSyntax): void {
    const { at, id, name, role, type, of, site } = input;
    if (this.idsByName.has(name)) this.repeated(at, "name is taken", name);
    this.idsByName.set(name, id);
    this.results.set(id, 1);
    if ((role === "head" || role === "saved") && of === undefined) {
      const problem = `a ${role} input does not say what it stands for`;
      this.scanner.fail(at, { problem, received: name, allowed: "of and a row" });
    }
    const constant = this.content(input);
    const fields: { -readonly [K in keyof Input]: Input[K] } = { id, name, role, type };
    if (of !== undefined) fields.of = of;
    if (constant !== undefined) fields.constant = constant;
    if (site !== undefined) fields.site = site;
    this.inputs.push(fields);
  }

  /** The key of what a `const` input holds. */
  private content({ at, name, role, type, content }: InputSyntax): string | undefined {
    const { scanner } = this;
    if ((role === "const") !== (content !== undefined)) {
      const problem = "a const input, and no other, has a content";
      return scanner.fail(at, { problem, received: name, allowed: "const %name: type = content" });
    }
    if (content?.kind === "elements") this.constants[content.key] ??= content.constant;
    const entry = content === undefined ? undefined : this.constants[content.key];
    if (content !== undefined && entry === undefined) {
      const allowed = "a text written in full, with its constants at the end";
      const problem = "the constant is not in the table";
      return scanner.fail(at, { problem, received: `#${content.key}`, allowed });
    }
    if (entry !== undefined && !equalTypes(entry, type)) {
      const received = formatType(type);
      const problem = "type is not its constant's";
      return scanner.fail(at, { problem, received, allowed: formatType(entry) });
    }
    return content?.key;
  }

  private row(row: RowSyntax): void {
    const { at, id, op, operands, types } = row;
    const count = operands.filter(({ kind }) => kind === "number").length;
    let position = 0;
    const inputs = operands.map((operand) => {
      if (operand.kind !== "number") return this.read(operand, { row, literalId: undefined });
      return this.read(operand, { row, literalId: literalId(id, position++, count) });
    });
    const attrs = this.withFlags(at, op, row.attrs);
    this.add({ id, op, inputs, attrs, types, ...provenanceOf(row) });
  }

  /** The attributes with the flags that are off, which short texts leave out. */
  private withFlags(at: number, op: string, attrs: Attrs): Attrs {
    const { registry } = this;
    if (registry === undefined) return attrs;
    if (!registry.has(op)) {
      const allowed = nearestName(op, registry.names) ?? `${registry.names.length} operators`;
      return this.scanner.fail(at, { problem: "unknown operator", received: op, allowed });
    }
    const kinds = Object.entries(registry.get(op).attrs);
    const isOff = ([name, kind]: readonly [string, string]) =>
      !Object.hasOwn(attrs, name) && (kind === "bool" || kind === "any");
    if (!kinds.some(isOff)) return attrs;
    const off = kinds.filter(isOff).map(([name]): [string, boolean] => [name, false]);
    return { ...Object.fromEntries(off), ...attrs };
  }

  private outputs(outputs: GraphSyntax["outputs"]): Output[] {
    const names = new Set<string>();
    return outputs.map(({ at, name, operand }) => {
      if (names.has(name)) this.repeated(at, "name is taken", name);
      names.add(name);
      return { name, ref: this.read(operand, { row: undefined, literalId: undefined }) };
    });
  }

  private read(operand: OperandSyntax, reader: Reader): Ref {
    switch (operand.kind) {
      case "name":
        return { node: this.idOf(operand.at, operand.name), out: 0 };
      case "row":
        this.checkRead(operand.at, operand.ref);
        return operand.ref;
      case "number":
        return { node: this.literal(operand, reader), out: 0 };
      default:
        return operand satisfies never;
    }
  }

  private idOf(at: number, name: string): NodeId {
    const id = this.idsByName.get(name);
    if (id !== undefined) return id;
    const names = [...this.idsByName.keys()];
    const allowed = nearestName(name, names) ?? (names.slice(0, 8).join(", ") || "none");
    return this.scanner.fail(at, { problem: "no input of this name", received: name, allowed });
  }

  private checkRead(at: number, ref: Ref): void {
    const count = this.results.get(ref.node);
    const received = `%${ref.node}`;
    if (count === undefined) {
      const problem = this.taken.has(ref.node)
        ? "the row does not stand before its reader"
        : "no row of this id";
      this.scanner.fail(at, { problem, received });
    }
    if (ref.out < count) return;
    const allowed = `0 to ${count - 1}`;
    const problem = "the row does not have this result";
    this.scanner.fail(at, { problem, received: `${received}.${ref.out}`, allowed });
  }

  /** A row for a number, before its reader and from the same place. */
  private literal(operand: OperandSyntax & { readonly kind: "number" }, reader: Reader): NodeId {
    const { at, value, dtype = reader.row?.types[0]?.dtype } = operand;
    if (dtype === undefined) {
      const allowed = "a number with its dtype, as 1:float32";
      return this.scanner.fail(at, { problem: "an output has no dtype", allowed });
    }
    const wanted = reader.literalId ?? -1;
    const id = wanted < 0 || this.taken.has(wanted) ? this.nextId : wanted;
    this.takeId(at, id);
    const attrs = { shape: [], dtype, value };
    const source = reader.row === undefined ? {} : provenanceOf(reader.row);
    this.add({ id, op: "full", inputs: [], attrs, types: [{ dtype, shape: [] }], ...source });
    return id;
  }

  private add(node: Node): void {
    this.nodes[node.id] = node;
    this.order.push(node.id);
    this.results.set(node.id, node.types.length);
  }
}

/**
 * The graph that a text describes. Known operators get the flags that are off.
 *
 * @throws TextError at the place of what breaks the rules
 */
export function resolveGraph(
  scanner: Scanner,
  syntax: GraphSyntax,
  registry: Registry | undefined,
): Graph {
  return new Resolution(scanner, syntax, registry).graph();
}
