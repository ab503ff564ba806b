import type { Attrs, AttrValue, Graph } from "./graph.js";

export function isAttrList(value: AttrValue): value is readonly AttrValue[] {
  return Array.isArray(value);
}

/** True for a sub-graph, the body of a `call`. */
export function isAttrGraph(value: AttrValue): value is Graph {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The sub-graphs directly in these attributes, in the order of the attributes. */
export function graphsIn(attrs: Attrs): Graph[] {
  const found: Graph[] = [];
  const collect = (value: AttrValue): void => {
    if (isAttrList(value)) value.forEach(collect);
    else if (isAttrGraph(value)) found.push(value);
  };
  Object.values(attrs).forEach(collect);
  return found;
}

/** The attributes with each direct sub-graph replaced; the same object where nothing changes. */
export function mapGraphs(attrs: Attrs, change: (graph: Graph) => Graph): Attrs {
  const convert = (value: AttrValue): AttrValue => {
    if (isAttrGraph(value)) return change(value);
    if (!isAttrList(value)) return value;
    const items = value.map(convert);
    return items.every((item, at) => Object.is(item, value[at])) ? value : items;
  };
  let changed = false;
  const entries = Object.entries(attrs).map(([name, value]): [string, AttrValue] => {
    const next = convert(value);
    changed ||= !Object.is(next, value);
    return [name, next];
  });
  return changed ? Object.fromEntries(entries) : attrs;
}
