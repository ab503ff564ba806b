import {
  type BodyGradientRequest,
  type Builder,
  equalTypes,
  formatType,
  type Graph,
  type Node,
  nodesOf,
  type OpDef,
  type Origin,
  type Ref,
  RefTable,
  type Registry,
  refKey,
  type Value,
} from "@adjoint/graph";
import { add, addN, barrier, zerosOf } from "@adjoint/ops";
import { expand } from "./expand.js";
import { addConstants, inlineNodes, lookUp, type ValueTable } from "./inline.js";

/** Gradient contributions per value of the forward graph. */
export class Cotangents {
  private readonly parts = new RefTable<Value[]>();

  add(ref: Ref, value: Value): void {
    const known = this.parts.get(ref);
    if (known === undefined) this.parts.set(ref, [value]);
    else known.push(value);
  }

  /** The sum of all contributions, made once; undefined where there is none. */
  total(ref: Ref): Value | undefined {
    const parts = this.parts.get(ref);
    if (parts === undefined) return undefined;
    const sum = balancedSum(parts);
    if (sum !== undefined) this.parts.set(ref, [sum]);
    return sum;
  }
}

/** How many values one `addN` adds: a value that is used thousands of times gets a tree of them. */
const fanIn = 8;

function balancedSum(parts: readonly Value[]): Value | undefined {
  let level = parts;
  while (level.length > 1) {
    const sums: Value[] = [];
    for (let start = 0; start < level.length; start += fanIn) {
      const [first, second, ...rest] = level.slice(start, start + fanIn);
      if (first === undefined) continue;
      if (second === undefined) sums.push(first);
      else sums.push(rest.length === 0 ? add(first, second) : addN(first, second, ...rest));
    }
    level = sums;
  }
  return level[0];
}

/** What the reverse pass needs to know of the program that it differentiates. */
export interface ReverseContext {
  readonly registry: Registry;
  readonly builder: Builder;
  /** A value of the forward program, as the gradient graph sees it. */
  valueOf(ref: Ref): Value;
  /** The gradient of a body, for the rules of operators that have one: `bodyGradient`. */
  readonly differentiate: (body: Graph, request: BodyGradientRequest) => Graph;
  /** Where what is made for a node comes from: the node itself, unless given. */
  placeOf?(node: Node): Origin;
}

/**
 * Rows that depend on `wrt`: only through them does anything flow back.
 */
function activeRows(nodes: readonly Node[], wrt: readonly Ref[]): (ref: Ref) => boolean {
  const sources = new RefTable<true>();
  for (const ref of wrt) sources.set(ref, true);
  const active = new Set<number>();
  const isActive = (ref: Ref) => active.has(ref.node) || sources.has(ref);
  for (const node of nodes) if (node.inputs.some(isActive)) active.add(node.id);
  return isActive;
}

/**
 * Reverse-mode differentiation by symbols: visits nodes from last to first, hands the summed head gradients of a node
 * to its operator's rule, and adds what comes back to the node's arguments (Griewank & Walther, Evaluating
 * Derivatives, section 3.2). Heads are in `cotangents` at the start, gradients of `wrt` at the end.
 */
export function reversePass(
  nodes: readonly Node[],
  wrt: readonly Ref[],
  cotangents: Cotangents,
  context: ReverseContext,
): void {
  const isActive = activeRows(nodes, wrt);
  for (let position = nodes.length - 1; position >= 0; position--) {
    const node = nodes[position];
    if (node === undefined || !node.inputs.some(isActive)) continue;
    const { id: origin, site, scope } = node;
    const place = context.placeOf?.(node) ?? { origin, site, scope };
    context.builder.within(place, () => reverseNode(node, isActive, cotangents, context));
  }
}

function reverseNode(
  node: Node,
  isActive: (ref: Ref) => boolean,
  cotangents: Cotangents,
  context: ReverseContext,
): void {
  const heads = node.types.map((_, out) => cotangents.total({ node: node.id, out }));
  if (heads.every((head) => head === undefined)) return;
  const op = context.registry.get(node.op);
  const gradients = gradientsOf(op, node, heads, isActive, context);
  node.inputs.forEach((ref, position) => {
    const gradient = gradients[position];
    if (gradient === undefined || !isActive(ref)) return;
    checkType(op, position, gradient, context.valueOf(ref));
    cotangents.add(ref, gradient);
  });
}

/** A rule that gives a gradient of another type than its argument is wrong; better found here than in a number. */
function checkType(op: OpDef, position: number, gradient: Value, argument: Value): void {
  if (equalTypes(gradient.type, argument.type)) return;
  throw new Error(
    `${op.name}: the gradient of argument ${position + 1} is ${formatType(gradient.type)}, ` +
      `the argument ${formatType(argument.type)}`,
  );
}

function gradientsOf(
  op: OpDef,
  node: Node,
  heads: readonly (Value | undefined)[],
  isActive: (ref: Ref) => boolean,
  context: ReverseContext,
): readonly (Value | undefined)[] {
  const ins = node.inputs.map((ref) => context.valueOf(ref));
  const outs = node.types.map((_, out) => context.valueOf({ node: node.id, out }));
  if (op.vjp === undefined) return throughExpansion(op, node, ins, outs, heads, isActive, context);
  if ("none" in op.vjp) return [];
  const active = node.inputs.map(isActive);
  const { differentiate } = context;
  return op.vjp.rule({ ins, outs, heads, attrs: node.attrs, active, differentiate });
}

/**
 * Differentiates a composite through what it is made of: its parts are computed again in the gradient graph (unused
 * ones vanish there), except its results, which the forward graph hands over unless the composite is a `call`.
 */
function throughExpansion(
  op: OpDef,
  node: Node,
  ins: readonly Value[],
  outs: readonly Value[],
  heads: readonly (Value | undefined)[],
  isActive: (ref: Ref) => boolean,
  context: ReverseContext,
): readonly (Value | undefined)[] {
  const body = expand(
    op,
    node,
    ins.map(({ type }) => type),
  );
  const recomputes = recomputesAll(op);
  const values: ValueTable = new Map();
  const parameters = body.inputs.filter(({ role }) => role !== "const");
  parameters.forEach(({ id }, position) => {
    const value = ins[position];
    if (value === undefined) return;
    values.set(refKey({ node: id, out: 0 }), recomputes ? barrier(value) : value);
  });
  addConstants(context.builder, body, values);
  const instead = recomputes ? new Map<string, Value>() : resultsOf(body, outs);
  inlineNodes(context.builder, body, values, context.registry, instead);
  const cotangents = new Cotangents();
  body.outputs.forEach(({ ref }, out) => {
    const head = heads[out];
    if (head !== undefined) cotangents.add(ref, head);
  });
  const wrt = parameters
    .filter((_, position) => isActive(node.inputs[position] ?? { node: -1, out: 0 }))
    .map(({ id }) => ({ node: id, out: 0 }));
  const inner = {
    ...context,
    valueOf: (ref: Ref) => lookUp(values, ref),
    // The parts of a node come from where it does.
    placeOf: () => ({}),
  };
  reversePass(nodesOf(body), wrt, cotangents, inner);
  return parameters.map(({ id }) => cotangents.total({ node: id, out: 0 }));
}

/**
 * A `call` hands over its arguments alone: that is what checkpoints are made of. They stand behind a barrier, so that
 * its inside is not merged with what the forward program computed.
 */
function recomputesAll({ name }: OpDef): boolean {
  return name === "call";
}

function resultsOf(body: Graph, outs: readonly Value[]): ReadonlyMap<string, Value> {
  return new Map(
    body.outputs.flatMap(({ ref }, out) => {
      const value = outs[out];
      return value === undefined ? [] : [[refKey(ref), value] as const];
    }),
  );
}

/** The gradient of `ref`, zero where nothing came back. */
export function gradientOrZero(cotangents: Cotangents, ref: Ref, like: Value): Value {
  return cotangents.total(ref) ?? zerosOf(like);
}
