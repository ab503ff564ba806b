import {
  Builder,
  decodeConstant,
  type Graph,
  type Node,
  nodesOf,
  type Output,
  type Ref,
  refKey,
  type Registry,
  type Value,
} from "@adjoint/graph";

/** How a graph is built again. */
export interface Changes {
  /** Results to keep; all unless given. */
  readonly outputs?: readonly Output[];
  /** What stands for a value; undefined for itself. The builder may take new inputs. */
  replace?(ref: Ref, builder: Builder, resolve: (other: Ref) => Value): Value | undefined;
  /** What stands for each result of a node that stays. */
  follow?(value: Value): Value;
}

/** A graph with changes; nodes and inputs that nothing reads any more are left out. */
export function rebuild(graph: Graph, registry: Registry, changes: Changes): Graph {
  const { outputs = graph.outputs, follow = (value: Value) => value } = changes;
  const builder = new Builder(graph.name);
  const values = new Map<string, Value>();
  const nodes = new Map(nodesOf(graph).map((node) => [node.id, node]));
  const emitNode = (node: Node, ref: Ref): Value => {
    const ins = node.inputs.map(resolve);
    builder.emit(registry.get(node.op), ins, node.attrs).forEach((value, out) => {
      values.set(refKey({ node: node.id, out }), follow(value));
    });
    return found(ref);
  };
  const found = (ref: Ref): Value => {
    const value = values.get(refKey(ref));
    if (value === undefined) throw new Error(`rebuild: no value %${refKey(ref)}`);
    return value;
  };
  const resolve = (ref: Ref): Value => {
    const known = values.get(refKey(ref));
    if (known !== undefined) return known;
    const replaced = changes.replace?.(ref, builder, resolve);
    if (replaced !== undefined) values.set(refKey(ref), replaced);
    if (replaced !== undefined) return replaced;
    const node = nodes.get(ref.node);
    if (node !== undefined) return emitNode(node, ref);
    const value = inputOf(graph, ref, builder);
    values.set(refKey(ref), value);
    return value;
  };
  for (const { name, ref } of outputs) builder.output(name, resolve(ref));
  return builder.finish();
}

function inputOf(graph: Graph, { node }: Ref, builder: Builder): Value {
  const input = graph.inputs.find(({ id }) => id === node);
  if (input === undefined) throw new Error(`rebuild: no row %${node}`);
  const { name, type, role, constant } = input;
  const data = constant === undefined ? undefined : graph.constants[constant];
  return data === undefined
    ? builder.input(name, type, role === "const" ? "arg" : role)
    : builder.constant(decodeConstant(data), type);
}
