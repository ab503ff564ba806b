import { isAttrGraph, isAttrList } from "../attrs.js";
import type { Attrs, AttrValue, Graph, NodeId, Ref } from "../graph.js";
import { nodesOf } from "../graph.js";
import { formatType } from "../type.js";

function valueKey(value: AttrValue): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "boolean") return String(value);
  if (isAttrList(value)) return `[${value.map(valueKey).join()}]`;
  if (isAttrGraph(value)) return `{${graphKey(value)}}`;
  return JSON.stringify(value);
}

/** Equal for equal attributes, whatever the order of their names. Tells 0 from -0; all NaN are one. */
export function attrsKey(attrs: Attrs): string {
  let text = "";
  for (const name of Object.keys(attrs).sort()) {
    const separator = text === "" ? "" : ",";
    text += `${separator}${name}=${valueKey(attrs[name] ?? null)}`;
  }
  return `{${text}}`;
}

/**
 * Equal for graphs that compute the same in the same way: operators, inputs, attributes, types, roles and constants
 * count, and the order of inputs, nodes and outputs. Ids, names, sites, scopes and origins don't: rows are named by
 * position.
 */
export function graphKey(graph: Graph): string {
  const positions = new Map<NodeId, number>();
  const read = ({ node, out }: Ref) => `${positions.get(node) ?? "?"}.${out}`;
  const lines: string[] = [];
  for (const { id, role, type, constant } of graph.inputs) {
    positions.set(id, positions.size);
    lines.push(`${role} ${formatType(type)} ${constant ?? ""}`);
  }
  for (const { id, op, inputs, attrs, types } of nodesOf(graph)) {
    const result = types.map(formatType).join();
    lines.push(`${JSON.stringify(op)}(${inputs.map(read).join()})${attrsKey(attrs)}:${result}`);
    positions.set(id, positions.size);
  }
  lines.push(`return ${graph.outputs.map(({ ref }) => read(ref)).join()}`);
  return lines.join("\n");
}
