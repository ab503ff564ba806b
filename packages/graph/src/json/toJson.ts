import { isAttrGraph, isAttrList } from "../attrs.js";
import type { Attrs, AttrValue, Graph, Input, Node, Ref } from "../graph.js";
import type { TensorType } from "../type.js";

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

// Fields are listed one by one, so that equal graphs give equal files however they were made.

function encodeType({ dtype, shape }: TensorType): unknown {
  return { dtype, shape };
}

function encodeRef({ node, out }: Ref): unknown {
  return { node, out };
}

function encodeInput({ id, name, role, type, of, constant, site }: Input): unknown {
  const source = of === undefined ? undefined : encodeRef(of);
  return { id, name, role, type: encodeType(type), of: source, constant, site };
}

function encodeNode({ id, op, inputs, attrs, types, site, scope, origin }: Node): unknown {
  return {
    id,
    op,
    inputs: inputs.map(encodeRef),
    attrs: encodeAttrs(attrs),
    types: types.map(encodeType),
    site,
    scope,
    origin,
  };
}

function encodeConstants(constants: Graph["constants"]): unknown {
  // Passes add constants in any order.
  const entries = Object.entries(constants).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([key, { dtype, shape, bytes }]) => [key, { dtype, shape, bytes }]),
  );
}

function encodeGraph({ name, inputs, nodes, order, outputs, constants, nextId }: Graph): unknown {
  const rows = Object.entries(nodes).map(([id, node]) => [id, encodeNode(node)]);
  return {
    name,
    inputs: inputs.map(encodeInput),
    nodes: Object.fromEntries(rows),
    order,
    outputs: outputs.map((output) => ({ name: output.name, ref: encodeRef(output.ref) })),
    constants: encodeConstants(constants),
    nextId,
  };
}

/**
 * A graph as JSON text, to be read by `fromJson`: `{"format": "adjoint.graph", "version": 1, "graph": …}`. Not-a-number,
 * infinities and -0 among the attributes are written `{"$number": "NaN"}`; nothing is lost.
 */
export function toJson(graph: Graph): string {
  return JSON.stringify({ format: jsonFormat, version: jsonVersion, graph: encodeGraph(graph) });
}
