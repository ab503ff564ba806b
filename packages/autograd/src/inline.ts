import {
  type Builder,
  decodeConstant,
  type Graph,
  type Node,
  nodesOf,
  type Origin,
  type Ref,
  type Registry,
  refKey,
  type Value,
} from "@adjoint/graph";

/** Values that stand for those of a graph, by `refKey`. */
export type ValueTable = Map<string, Value>;

/** The value that stands for `ref`; it is an internal error if there is none. */
export function lookUp(values: ReadonlyMap<string, Value>, ref: Ref): Value {
  const value = values.get(refKey(ref));
  if (value === undefined) throw new Error(`no value stands for %${refKey(ref)}`);
  return value;
}

/** Adds the constants of a graph to a builder, and what stands for them to `values`. */
export function addConstants(builder: Builder, graph: Graph, values: ValueTable): void {
  for (const { id, constant } of graph.inputs) {
    const data = constant === undefined ? undefined : graph.constants[constant];
    if (data === undefined) continue;
    values.set(refKey({ node: id, out: 0 }), builder.constant(decodeConstant(data), data));
  }
}

/** Adds an input for each input of a graph, constants included. Roles of values between two graphs end here. */
export function addInputs(builder: Builder, graph: Graph): ValueTable {
  const values: ValueTable = new Map();
  for (const { name, type, id, role, site } of graph.inputs) {
    if (role === "const") continue;
    values.set(refKey({ node: id, out: 0 }), builder.input(name, type, "arg", { site }));
  }
  addConstants(builder, graph, values);
  return values;
}

/** Emits a node again in a builder; `values` holds what stands for its arguments, and then for its results. */
export function repeatNode(
  builder: Builder,
  node: Node,
  values: ValueTable,
  registry: Registry,
): void {
  const ins = node.inputs.map((ref) => lookUp(values, ref));
  const outs = builder.within(provenance(node), () =>
    builder.emit(registry.get(node.op), ins, node.attrs),
  );
  for (const [out, value] of outs.entries()) values.set(refKey({ node: node.id, out }), value);
}

/** Repeats the nodes of a graph in a builder; `instead` holds what stands for results in place of the repeated ones. */
export function inlineNodes(
  builder: Builder,
  graph: Graph,
  values: ValueTable,
  registry: Registry,
  instead: ReadonlyMap<string, Value> = new Map(),
): ValueTable {
  for (const node of nodesOf(graph)) {
    repeatNode(builder, node, values, registry);
    if (instead.size === 0) continue;
    for (const out of node.types.keys()) {
      const key = refKey({ node: node.id, out });
      const value = instead.get(key);
      if (value !== undefined) values.set(key, value);
    }
  }
  return values;
}

/** Adds an input for each input of a graph but constants; gives them by name. */
export function addArguments(builder: Builder, graph: Graph): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>();
  for (const { name, type, role, site } of graph.inputs) {
    if (role !== "const") values.set(name, builder.input(name, type, "arg", { site }));
  }
  return values;
}

/** What the node says of where it comes from, without its origin: that names a row of yet another graph. */
export function provenance({ site, scope }: Node): Origin {
  return {
    ...(site === undefined ? {} : { site }),
    ...(scope === undefined ? {} : { scope }),
  };
}

/**
 * Applies a graph to values of a builder: `given` has one for each of its inputs but constants, by name. Results by
 * name.
 */
export function applyGraph(
  builder: Builder,
  graph: Graph,
  given: ReadonlyMap<string, Value>,
  registry: Registry,
): ReadonlyMap<string, Value> {
  const values: ValueTable = new Map();
  for (const { id, name, role } of graph.inputs) {
    if (role === "const") continue;
    values.set(refKey({ node: id, out: 0 }), named(given, name));
  }
  addConstants(builder, graph, values);
  inlineNodes(builder, graph, values, registry);
  return new Map(graph.outputs.map(({ name, ref }) => [name, lookUp(values, ref)]));
}

/** The value of this name; it is an internal error if there is none. */
export function named(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name);
  if (value === undefined) throw new Error(`no value named ${name}`);
  return value;
}
