import {
  type Attrs,
  type AttrValue,
  formatType,
  type Graph,
  type Input,
  isAttrGraph,
  isAttrList,
  type Node,
  nodesOf,
  type Ref,
} from "@adjoint/graph";
import type { Place, Row, StageGraph } from "./session.js";

export function placeOf({ node, out }: Ref): Place {
  return [node, out];
}

/** `3`, `nan`, `inf`. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (Object.is(value, -0)) return "-0";
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "inf" : "-inf";
}

function formatAttr(value: AttrValue): string {
  if (typeof value === "number") return formatNumber(value);
  if (isAttrList(value)) return `[${value.map(formatAttr).join(", ")}]`;
  if (isAttrGraph(value)) return `graph ${value.name} of ${value.order.length} nodes`;
  return JSON.stringify(value);
}

/** `axis=0, mode="clip"`; flags that are off are left out. */
function formatAttrs(attrs: Attrs): string {
  return Object.entries(attrs)
    .filter(([, value]) => value !== false)
    .map(([name, value]) => `${name}=${formatAttr(value)}`)
    .join(", ");
}

/** The number that a node is; undefined for other nodes. */
function literalOf({ op, inputs, attrs, types }: Node): string | undefined {
  const isNumber = op === "full" && inputs.length === 0 && types[0]?.shape.length === 0;
  return isNumber && typeof attrs.value === "number" ? formatNumber(attrs.value) : undefined;
}

function inputRow({ id, role, name, type, of, site }: Input): Row {
  return {
    id,
    kind: role,
    name,
    inputs: [],
    attrs: "",
    types: [formatType(type)],
    site,
    of: of === undefined ? undefined : placeOf(of),
  };
}

function nodeRow(node: Node): Row {
  const { id, op, inputs, attrs, types, site, scope, origin } = node;
  return {
    id,
    kind: "node",
    name: op,
    inputs: inputs.map(placeOf),
    attrs: formatAttrs(attrs),
    types: types.map(formatType),
    literal: literalOf(node),
    site,
    scope,
    origin,
  };
}

/** Rows of many graphs. Passes leave what they don't change as the same object, and that is kept once. */
export class RowPool {
  readonly rows: Row[] = [];
  private readonly known = new Map<Input | Node, number>();

  /** `results`: how many of the outputs are results; the others are saved values. */
  add(graph: Graph, results: number): StageGraph {
    return {
      name: graph.name,
      rows: [
        ...graph.inputs.map((input) => this.position(input, () => inputRow(input))),
        ...nodesOf(graph).map((node) => this.position(node, () => nodeRow(node))),
      ],
      outputs: graph.outputs.map(({ name, ref }, at) => ({
        name,
        place: placeOf(ref),
        saved: at >= results,
      })),
    };
  }

  private position(key: Input | Node, make: () => Row): number {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const position = this.rows.length;
    this.rows.push(make());
    this.known.set(key, position);
    return position;
  }
}
