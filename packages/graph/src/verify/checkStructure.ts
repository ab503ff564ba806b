import { GraphError } from "../errors.js";
import {
  type Graph,
  type Input,
  type Node,
  type NodeId,
  type Output,
  type Ref,
  refKey,
} from "../graph.js";
import { equalTypes, formatType } from "../type.js";

/** `%5 dot`, as error messages name a node. */
export function nameOf(node: Node): string {
  return `%${node.id} ${node.op}`;
}

/** Checks one graph; the rules that need no operators. Keeps how many results each row seen so far has. */
class StructureCheck {
  private readonly results = new Map<NodeId, number>();
  private largest = -1;

  constructor(
    private readonly op: string,
    private readonly graph: Graph,
  ) {}

  run(): void {
    const { inputs, outputs, nextId } = this.graph;
    const names = new Set<string>();
    for (const input of inputs) this.input(input, names);
    this.order();
    const results = new Set<string>();
    for (const output of outputs) this.output(output, results);
    if (Number.isSafeInteger(nextId) && nextId > this.largest) return;
    throw this.broken("nextId is not above all ids", String(nextId), `${this.largest + 1} or more`);
  }

  private input(input: Input, names: Set<string>): void {
    const { id, name, role, of } = input;
    const where = `input ${name}`;
    this.add(id, 1, where);
    if (names.has(name)) throw this.broken(`${where}: name is taken`, name);
    names.add(name);
    if ((role === "head" || role === "saved") && of === undefined) {
      throw this.broken(`${where}: a ${role} input does not say what it stands for`);
    }
    this.constant(input, where);
  }

  private constant({ role, constant: key, type }: Input, where: string): void {
    if (role !== "const") {
      if (key === undefined) return;
      throw this.broken(`${where}: only a const input has a constant`, key);
    }
    const { constants } = this.graph;
    const entry = key !== undefined && Object.hasOwn(constants, key) ? constants[key] : undefined;
    if (entry === undefined) {
      throw this.broken(`${where}: constant is not in the table`, key ?? "none");
    }
    if (equalTypes(entry, type)) return;
    throw this.broken(`${where}: type is not its constant's`, formatType(type), formatType(entry));
  }

  private order(): void {
    const { nodes, order } = this.graph;
    for (const id of order) {
      const node = Object.hasOwn(nodes, id) ? nodes[id] : undefined;
      if (node === undefined) throw this.broken(`order names %${id}, which is no node`);
      if (node.id !== id) throw this.broken(`node ${id} has another id`, `%${node.id}`);
      for (const ref of node.inputs) this.read(ref, nameOf(node), node.site);
      if (node.types.length === 0) throw this.broken(`${nameOf(node)}: no results`);
      this.add(id, node.types.length, nameOf(node));
    }
    const count = Object.keys(nodes).length;
    if (count === order.length) return;
    const listed = new Set(order.map(String));
    const missing = Object.keys(nodes).find((id) => !listed.has(id));
    throw this.broken(`order does not name node %${missing}`);
  }

  private output({ name, ref }: Output, names: Set<string>): void {
    if (names.has(name)) throw this.broken(`output ${name}: name is taken`, name);
    names.add(name);
    this.read(ref, `output ${name}`);
  }

  private add(id: NodeId, count: number, where: string): void {
    if (!Number.isSafeInteger(id) || id < 0)
      throw this.broken(`${where}: id is not valid`, String(id));
    if (this.results.has(id)) throw this.broken(`${where}: id %${id} is taken`);
    this.results.set(id, count);
    this.largest = Math.max(this.largest, id);
  }

  private read(ref: Ref, reader: string, site?: string): void {
    const count = this.results.get(ref.node);
    if (count === undefined) {
      const later = Object.hasOwn(this.graph.nodes, ref.node);
      const why = later ? "which does not stand before it" : "which does not exist";
      throw this.broken(`${reader} reads %${refKey(ref)}, ${why}`, undefined, undefined, site);
    }
    if (Number.isInteger(ref.out) && ref.out >= 0 && ref.out < count) return;
    const problem = `${reader} reads a result that %${ref.node} does not have`;
    throw this.broken(problem, String(ref.out), `0 to ${count - 1}`, site);
  }

  private broken(problem: string, received?: string, allowed?: string, site?: string): GraphError {
    const { name } = this.graph;
    return new GraphError({
      op: this.op,
      problem: `graph ${name}: ${problem}`,
      received,
      allowed,
      site,
    });
  }
}

/**
 * Checks what holds for any graph, whatever its operators: unique ids and names, complete order, no reading of what
 * comes later, results in range, constants present. Linear time, no recursion.
 *
 * @throws GraphError that names `op`, and the row
 */
export function checkStructure(op: string, graph: Graph): void {
  new StructureCheck(op, graph).run();
}
