import type { Graph, Input, Node } from "./graph.js";
import type { TensorType } from "./type.js";

function freezeType(type: TensorType): void {
  if (Object.isFrozen(type)) return;
  Object.freeze(type.shape);
  Object.freeze(type);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Freezes plain data at every depth. What is frozen already counts as frozen throughout. */
export function freezeData<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  if (!Array.isArray(value) && !isPlain(value)) return value;
  Object.freeze(value);
  for (const part of Array.isArray(value) ? value : Object.values(value)) freezeData(part);
  return value;
}

/** Freezes a node at every depth. */
export function freezeNode(node: Node): Node {
  if (Object.isFrozen(node)) return node;
  for (const ref of node.inputs) Object.freeze(ref);
  Object.freeze(node.inputs);
  freezeData(node.attrs);
  for (const type of node.types) freezeType(type);
  Object.freeze(node.types);
  return Object.freeze(node);
}

/** Freezes an input at every depth. */
export function freezeInput(input: Input): Input {
  if (input.of !== undefined) Object.freeze(input.of);
  freezeType(input.type);
  return Object.freeze(input);
}

/** Freezes a graph at every depth. Knows what rows are made of, so that it need not search. */
export function freezeGraph(graph: Graph): Graph {
  if (!Object.isFrozen(graph.nodes)) {
    for (const node of Object.values(graph.nodes)) freezeNode(node);
    Object.freeze(graph.nodes);
  }
  if (!Object.isFrozen(graph.inputs)) {
    graph.inputs.forEach(freezeInput);
    Object.freeze(graph.inputs);
  }
  Object.freeze(graph.order);
  return freezeData(graph);
}
