import {
  type Constant,
  decodeConstant,
  type Graph,
  type Node,
  nodesOf,
  refKey,
  tensorType,
} from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import { type ArrayHost, NDArray } from "../array/ndarray.js";
import { Storage } from "../recording/storage.js";

/** What a node gives, where it is not its operator applied as it stands. */
export type Instead = (node: Node, ins: readonly NDArray[]) => readonly NDArray[] | undefined;

/**
 * Applies the nodes of a graph to arrays, one after the other, as if the user had written them. `inputs` has one array
 * for each of its inputs but for constants, in order.
 */
export function applyGraph(
  host: ArrayHost,
  graph: Graph,
  inputs: readonly NDArray[],
  instead: Instead = () => undefined,
): readonly NDArray[] {
  const values = new Map<string, NDArray>();
  const lookUp = (key: string): NDArray => {
    const value = values.get(key);
    if (value === undefined) throw new Error(`${graph.name}: no value %${key}`);
    return value;
  };
  const rest = inputs.values();
  for (const { id, constant } of graph.inputs) {
    const data = constant === undefined ? undefined : graph.constants[constant];
    const value = data === undefined ? rest.next().value : constantArray(host, data);
    if (value !== undefined) values.set(refKey({ node: id, out: 0 }), value);
  }
  for (const node of nodesOf(graph)) {
    const ins = node.inputs.map((ref) => lookUp(refKey(ref)));
    const results = instead(node, ins) ?? host.emit(registry.get(node.op), ins, node.attrs);
    results.forEach((result, out) => {
      values.set(refKey({ node: node.id, out }), result);
    });
  }
  return graph.outputs.map(({ ref }) => lookUp(refKey(ref)));
}

function constantArray(host: ArrayHost, constant: Constant): NDArray {
  const type = tensorType(constant.dtype, constant.shape);
  return NDArray.of(host, type, new Storage({ type, data: decodeConstant(constant) }, "shared"));
}
