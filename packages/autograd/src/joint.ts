import {
  Builder,
  decodeConstant,
  type Graph,
  nodesOf,
  type Registry,
  refKey,
  type Value,
} from "@adjoint/graph";
import { registry as allOperators } from "@adjoint/ops";
import type { GradientGraphs } from "./gradient.js";

/**
 * A program and its gradient in one graph: arguments and head gradients in, results and gradients out, without saved
 * values between them. Differentiating it again gives second derivatives. A name that is taken gets a prime.
 *
 * @example
 * ```ts
 * const second = gradient(joint(gradient(graph)), { heads: ["grad.x"], wrt: ["x"] });
 * ```
 */
export function joint(
  { forward, backward }: GradientGraphs,
  registry: Registry = allOperators,
): Graph {
  const builder = new Builder(`${forward.name}.joint`);
  const outside = new Map<string, Value>();
  for (const { name, type, id, role, site, constant } of forward.inputs) {
    const data = constant === undefined ? undefined : forward.constants[constant];
    const value =
      data === undefined
        ? builder.input(name, type, role === "saved" || role === "head" ? "arg" : role, { site })
        : builder.constant(decodeConstant(data), type);
    outside.set(refKey({ node: id, out: 0 }), value);
  }
  const inner = inlined(builder, forward, outside, registry);
  const values = new Map<string, Value>();
  for (const { name, type, id, role, of } of backward.inputs) {
    const known = role === "saved" && of !== undefined ? inner.get(refKey(of)) : undefined;
    const taken = builder.inputNames;
    values.set(refKey({ node: id, out: 0 }), known ?? builder.input(unused(name, taken), type));
  }
  const gradients = inlined(builder, backward, values, registry);
  const own = forward.outputs.filter(({ name }) => !name.startsWith("saved."));
  const taken = new Set<string>();
  const addOutput = (name: string, value: Value) => {
    const free = unused(name, taken);
    taken.add(free);
    builder.output(free, value);
  };
  for (const { name, ref } of own) addOutput(name, found(inner, refKey(ref)));
  for (const { name, ref } of backward.outputs) addOutput(name, found(gradients, refKey(ref)));
  return builder.finish();
}

/** The name, with as many primes as it takes to differ from the others. */
function unused(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  while (taken.has(free)) free += "'";
  return free;
}

/** Repeats the nodes of a graph in a builder; `values` holds its inputs, and in the end all its values. */
function inlined(
  builder: Builder,
  graph: Graph,
  values: Map<string, Value>,
  registry: Registry,
): ReadonlyMap<string, Value> {
  for (const { id, op, inputs, attrs, site, scope } of nodesOf(graph)) {
    const ins = inputs.map((ref) => found(values, refKey(ref)));
    const outs = builder.within({ site, scope }, () => builder.emit(registry.get(op), ins, attrs));
    outs.forEach((value, out) => {
      values.set(refKey({ node: id, out }), value);
    });
  }
  return values;
}

function found(values: ReadonlyMap<string, Value>, key: string): Value {
  const value = values.get(key);
  if (value === undefined) throw new Error(`joint: no value %${key}`);
  return value;
}
