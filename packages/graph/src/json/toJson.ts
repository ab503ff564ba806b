import { isAttrGraph, isAttrList } from "../attrs.js";
import type { Attrs, AttrValue, Graph, Node } from "../graph.js";

/** Names the format in files. */
export const jsonFormat = "adjoint.graph";
/** Version of the format; raised when files of the old one can no longer be read as they are. */
export const jsonVersion = 1;

function encodeNumber(value: number): unknown {
  if (Number.isFinite(value) && !Object.is(value, -0)) return value;
  return { $number: Object.is(value, -0) ? "-0" : String(value) };
}

function encodeAttr(value: AttrValue): unknown {
  if (typeof value === "number") return encodeNumber(value);
  if (isAttrList(value)) return value.map(encodeAttr);
  return isAttrGraph(value) ? encodeGraph(value) : value;
}

function encodeAttrs(attrs: Attrs): unknown {
  return Object.fromEntries(Object.entries(attrs).map(([name, one]) => [name, encodeAttr(one)]));
}

function encodeNode(node: Node): unknown {
  return { ...node, attrs: encodeAttrs(node.attrs) };
}

function encodeGraph(graph: Graph): unknown {
  const nodes = Object.entries(graph.nodes).map(([id, node]) => [id, encodeNode(node)]);
  // Passes add constants in any order; sorted, equal graphs give equal files.
  const constants = Object.entries(graph.constants).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...graph, nodes: Object.fromEntries(nodes), constants: Object.fromEntries(constants) };
}

/**
 * A graph as JSON text, to be read by `fromJson`: `{"format": "adjoint.graph", "version": 1, "graph": …}`. Not-a-number,
 * infinities and -0 among the attributes are written `{"$number": "NaN"}`; nothing is lost.
 */
export function toJson(graph: Graph): string {
  return JSON.stringify({ format: jsonFormat, version: jsonVersion, graph: encodeGraph(graph) });
}
