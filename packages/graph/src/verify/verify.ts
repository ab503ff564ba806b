import { checkCall } from "../checkCall.js";
import { decodeConstant, encodeConstant } from "../constant.js";
import { AdjointError, type Complaint, GraphError } from "../errors.js";
import { type Graph, type Node, type NodeId, nodesOf } from "../graph.js";
import type { OpDef, Registry } from "../op.js";
import { equalTypes, formatType, type TensorType } from "../type.js";
import { checkStructure, nameOf } from "./checkStructure.js";

/** A graph to check, and the node whose attribute it is. */
interface Task {
  readonly graph: Graph;
  readonly path: string;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

type Details = Pick<Complaint, "received" | "allowed">;

function broken({ path }: Task, node: Node, problem: string, details: Details = {}): GraphError {
  return new GraphError({
    op: "verify",
    problem: `graph ${path}: ${nameOf(node)}: ${problem}`,
    ...details,
    site: node.site,
  });
}

/** What an operator or the registry refuses, said of the node. The site is the node's, not where `verify` was called. */
function refused(task: Task, node: Node, error: unknown): GraphError {
  if (!(error instanceof AdjointError)) return broken(task, node, reasonOf(error));
  const { op, problem, received, allowed } = error;
  const said = op === node.op ? problem : `${op}: ${problem}`;
  return broken(task, node, said, { received, allowed });
}

function isPlainRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function isGraphLike(value: object): value is Graph {
  return isPlainRecord(value) && "order" in value && "nodes" in value && "inputs" in value;
}

/** Refuses attributes that are not plain data; gives the sub-graphs among them. */
function checkAttrs(task: Task, node: Node): Task[] {
  const found: Task[] = [];
  const pending: unknown[] = Object.values(node.attrs);
  const seen = new Set<object>();
  while (pending.length > 0) {
    const value = pending.pop();
    if (value === null || ["number", "string", "boolean"].includes(typeof value)) continue;
    const isObject = typeof value === "object";
    if (isObject && seen.has(value)) continue;
    if (isObject) seen.add(value);
    if (Array.isArray(value)) for (const item of value) pending.push(item);
    else if (isObject && isGraphLike(value))
      found.push({ graph: value, path: `${task.path}/${value.name}` });
    else {
      const received = isObject ? (value.constructor?.name ?? "object") : typeof value;
      const allowed = "numbers, strings, booleans, null, lists, graphs";
      throw broken(task, node, "an attribute is not plain data", { received, allowed });
    }
  }
  return found;
}

function inferAgain(task: Task, node: Node, op: OpDef, ins: readonly TensorType[]): void {
  let types: readonly TensorType[];
  try {
    checkCall(op, ins.length, node.attrs);
    types = op.infer(ins, node.attrs);
  } catch (error) {
    throw refused(task, node, error);
  }
  const same =
    types.length === node.types.length &&
    types.every((type, out) => equalTypes(type, node.types[out] ?? { dtype: "bool", shape: [-1] }));
  if (same) return;
  const received = node.types.map(formatType).join(", ");
  const allowed = types.map(formatType).join(", ");
  throw broken(task, node, "types are not what the operator infers", { received, allowed });
}

function checkNodes(task: Task, registry: Registry): Task[] {
  const types = new Map<NodeId, readonly TensorType[]>();
  for (const { id, type } of task.graph.inputs) types.set(id, [type]);
  return nodesOf(task.graph).flatMap((node) => {
    const op = operatorOf(task, node, registry);
    const bodies = checkAttrs(task, node);
    const ins = node.inputs.flatMap(({ node: id, out }) => types.get(id)?.[out] ?? []);
    inferAgain(task, node, op, ins);
    types.set(node.id, node.types);
    return bodies;
  });
}

function operatorOf(task: Task, node: Node, registry: Registry): OpDef {
  try {
    return registry.get(node.op);
  } catch (error) {
    throw refused(task, node, error);
  }
}

function checkConstants({ graph, path }: Task): void {
  for (const [key, constant] of Object.entries(graph.constants)) {
    let hash: string;
    try {
      [hash] = encodeConstant(decodeConstant(constant), constant);
    } catch (error) {
      hash = reasonOf(error);
    }
    if (hash === key) continue;
    throw new GraphError({
      op: "verify",
      problem: `graph ${path}: constant does not have the content that its key says`,
      received: hash,
      allowed: key,
    });
  }
}

/**
 * Checks every rule of the IR: structure (see `checkStructure`), known operators, arity and attributes, types as the
 * operators infer them, plain attributes, constants; also of sub-graphs in attributes. Linear time, no recursion.
 *
 * @throws GraphError that names the graph and the node
 */
export function verify(graph: Graph, registry: Registry): void {
  const tasks: Task[] = [{ graph, path: graph.name }];
  const seen = new Set<Graph>();
  for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
    if (seen.has(task.graph)) continue;
    seen.add(task.graph);
    checkStructure("verify", task.graph);
    checkConstants(task);
    // One by one: spreading a long list would fill the stack.
    for (const body of checkNodes(task, registry)) tasks.push(body);
  }
}
