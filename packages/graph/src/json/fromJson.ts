import { dtypes, type DType, isDType } from "../dtype.js";
import { GraphError } from "../errors.js";
import type {
  Attrs,
  AttrValue,
  Constant,
  Graph,
  Input,
  InputRole,
  Node,
  NodeId,
  Output,
  Ref,
} from "../graph.js";
import { closeGraph } from "../print/closeGraph.js";
import { byteLengthOf, type Shape, type TensorType } from "../type.js";
import { checkStructure } from "../verify/checkStructure.js";
import { isNamedNumber, namedNumbers } from "./numbers.js";
import {
  malformed,
  type Path,
  readCount,
  readFields,
  readList,
  readObject,
  readOptional,
  readString,
} from "./reader.js";
import { jsonFormat, jsonVersion } from "./toJson.js";

/** How deep lists and graphs in attributes may nest. */
const maxDepth = 100;

const roles: { readonly [R in InputRole]: true } = {
  arg: true,
  const: true,
  head: true,
  saved: true,
};

function isRole(text: string): text is InputRole {
  return Object.hasOwn(roles, text);
}

function readRole(value: unknown, path: Path): InputRole {
  const text = readString(value, path);
  if (isRole(text)) return text;
  throw malformed(path, Object.keys(roles).join(", "), value);
}

function readDType(value: unknown, path: Path): DType {
  if (isDType(value)) return value;
  throw malformed(path, dtypes.join(", "), value);
}

function readShape(value: unknown, path: Path): Shape {
  return readList(value, path, readCount);
}

function readType(value: unknown, path: Path): TensorType {
  const fields = readFields(value, path, ["dtype", "shape"]);
  return {
    dtype: readDType(fields.dtype, { parent: path, key: "dtype" }),
    shape: readShape(fields.shape, { parent: path, key: "shape" }),
  };
}

function readRef(value: unknown, path: Path): Ref {
  const fields = readFields(value, path, ["node", "out"]);
  return {
    node: readCount(fields.node, { parent: path, key: "node" }),
    out: readCount(fields.out, { parent: path, key: "out" }),
  };
}

/** Without the fields that are undefined. */
function present<T extends object>(fields: T): T {
  const kept = { ...fields };
  for (const name in kept) if (kept[name] === undefined) delete kept[name];
  return kept;
}

function readInput(value: unknown, path: Path): Input {
  const fields = readFields(
    value,
    path,
    ["id", "name", "role", "type"],
    ["of", "constant", "site"],
  );
  return present({
    id: readCount(fields.id, { parent: path, key: "id" }),
    name: readString(fields.name, { parent: path, key: "name" }),
    role: readRole(fields.role, { parent: path, key: "role" }),
    type: readType(fields.type, { parent: path, key: "type" }),
    of: readOptional(fields, "of", path, readRef),
    constant: readOptional(fields, "constant", path, readString),
    site: readOptional(fields, "site", path, readString),
  });
}

function readOutput(value: unknown, path: Path): Output {
  const fields = readFields(value, path, ["name", "ref"]);
  return {
    name: readString(fields.name, { parent: path, key: "name" }),
    ref: readRef(fields.ref, { parent: path, key: "ref" }),
  };
}

function readNamedNumber(value: unknown, path: Path): number {
  const { $number: name } = readFields(value, path, ["$number"]);
  if (typeof name === "string" && isNamedNumber(name)) return namedNumbers[name];
  throw malformed({ parent: path, key: "$number" }, Object.keys(namedNumbers).join(", "), name);
}

function readAttr(value: unknown, path: Path, depth: number): AttrValue {
  if (depth > maxDepth) throw malformed(path, `at most ${maxDepth} levels`, value);
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  // JSON can say 1e999, which JavaScript reads as infinity, and -0; both have a name of their own.
  if (typeof value === "number") return value;
  if (Array.isArray(value)) return readList(value, path, (one, at) => readAttr(one, at, depth + 1));
  const fields = readObject(value, path);
  if (Object.hasOwn(fields, "$number")) return readNamedNumber(fields, path);
  return readGraph(fields, path, depth + 1);
}

function readAttrs(value: unknown, path: Path, depth: number): Attrs {
  const entries = Object.entries(readObject(value, path)).map(
    ([name, one]): [string, AttrValue] => {
      const at = { parent: path, key: name };
      // Also keeps `__proto__` out.
      if (!/^[A-Za-z]\w*$/.test(name)) throw malformed(at, "a name of letters and digits", one);
      return [name, readAttr(one, at, depth)];
    },
  );
  return Object.fromEntries(entries);
}

function readNode(value: unknown, path: Path, depth: number): Node {
  const required = ["id", "op", "inputs", "attrs", "types"];
  const fields = readFields(value, path, required, ["site", "scope", "origin"]);
  return present({
    id: readCount(fields.id, { parent: path, key: "id" }),
    op: readString(fields.op, { parent: path, key: "op" }),
    inputs: readList(fields.inputs, { parent: path, key: "inputs" }, readRef),
    attrs: readAttrs(fields.attrs, { parent: path, key: "attrs" }, depth),
    types: readList(fields.types, { parent: path, key: "types" }, readType),
    site: readOptional(fields, "site", path, readString),
    scope: readOptional(fields, "scope", path, readString),
    origin: readOptional(fields, "origin", path, readCount),
  });
}

function readNodes(value: unknown, path: Path, depth: number): Graph["nodes"] {
  const nodes: Record<NodeId, Node> = {};
  for (const [key, one] of Object.entries(readObject(value, path))) {
    const at = { parent: path, key };
    const node = readNode(one, at, depth);
    if (String(node.id) !== key) throw malformed({ parent: at, key: "id" }, key, node.id);
    nodes[node.id] = node;
  }
  return nodes;
}

function readConstant(value: unknown, path: Path): Constant {
  const fields = readFields(value, path, ["dtype", "shape", "bytes"]);
  const { bytes, ...type } = fields;
  const { dtype, shape } = readType(type, path);
  const at = { parent: path, key: "bytes" };
  const text = readString(bytes, at);
  const length = byteLengthOf({ dtype, shape });
  const isBase64 = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  if (isBase64 && (text.length / 4) * 3 - padding === length) return { dtype, shape, bytes: text };
  throw malformed(at, `base64 of ${length} bytes`, text);
}

function readConstants(value: unknown, path: Path): Graph["constants"] {
  const entries = Object.entries(readObject(value, path)).map(([key, one]): [string, Constant] => {
    const at = { parent: path, key };
    if (!/^[0-9a-f]{32}$/.test(key)) throw malformed(at, "a content hash as key", one);
    return [key, readConstant(one, at)];
  });
  return Object.fromEntries(entries);
}

const graphFields = ["name", "inputs", "nodes", "order", "outputs", "constants", "nextId"] as const;

function readGraph(value: unknown, path: Path, depth: number): Graph {
  const fields = readFields(value, path, graphFields);
  const at = (key: (typeof graphFields)[number]): Path => ({ parent: path, key });
  const graph: Graph = {
    name: readString(fields.name, at("name")),
    inputs: readList(fields.inputs, at("inputs"), readInput),
    nodes: readNodes(fields.nodes, at("nodes"), depth),
    order: readList(fields.order, at("order"), readCount),
    outputs: readList(fields.outputs, at("outputs"), readOutput),
    constants: readConstants(fields.constants, at("constants")),
    nextId: readCount(fields.nextId, at("nextId")),
  };
  checkStructure("fromJson", graph);
  return closeGraph(graph);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const received = error instanceof Error ? error.message : String(error);
    throw new GraphError({ op: "fromJson", problem: "text is not JSON", received });
  }
}

/**
 * Reads what `toJson` wrote. The text may come from anywhere: everything is checked but operators and their types,
 * which `verify` checks against a registry. The graph is frozen.
 *
 * @throws GraphError that names the path of what is wrong, as `graph.nodes["3"].inputs[0].node`
 * @example
 * ```ts
 * const graph = fromJson(await readFile("model.json", "utf8"));
 * verify(graph, registry);
 * ```
 */
export function fromJson(text: string): Graph {
  const root: Path = { parent: undefined, key: "file" };
  const fields = readFields(parse(text), root, ["format", "version", "graph"]);
  if (fields.format !== jsonFormat) {
    throw malformed({ parent: root, key: "format" }, jsonFormat, fields.format);
  }
  if (fields.version !== jsonVersion) {
    throw malformed({ parent: root, key: "version" }, String(jsonVersion), fields.version);
  }
  return readGraph(fields.graph, { parent: undefined, key: "graph" }, 0);
}
