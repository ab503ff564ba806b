import { gradient } from "@adjoint/autograd";
import {
  Builder,
  type Graph,
  hashGraph,
  lower,
  type Node,
  type NodeId,
  type Ref,
  type Registry,
  runPasses,
  type TensorType,
  toText,
} from "@adjoint/graph";
import { type HostFunctions, type Plan, plan, type Tensor } from "@adjoint/runtime";

/** Names of arguments in the gradient program of a single node. */
const letters = "abcdefghijklmnopqrstuvwxyz";

function nameOf(position: number): string {
  return letters[position] ?? `in${position}`;
}

/** Which gradients of a node are wanted, and from where they come. */
export interface RuleRequest {
  readonly node: Node;
  /** Types of the arguments. */
  readonly types: readonly TensorType[];
  /** Per argument: whether its gradient goes anywhere. */
  readonly active: readonly boolean[];
  /** Per result: whether anything depends on it. */
  readonly reached: readonly boolean[];
}

/** What a value of a node's gradient program is: an argument of the node, or a result. */
type Source =
  | { readonly kind: "head"; readonly out: number }
  | { readonly kind: "argument"; readonly position: number }
  | { readonly kind: "result"; readonly out: number };

/** The rule of an operator as one node applies it, ready to run. */
export interface NodeRule {
  /** The gradient program. */
  readonly text: string;
  readonly plan: Plan;
  readonly sources: readonly Source[];
  /** The arguments that something is sent to, in the order of the plan's results. */
  readonly targets: readonly { readonly position: number; readonly result: number }[];
}

/** A program of one node alone. */
function alone({ node, types }: RuleRequest, registry: Registry): Graph {
  const builder = new Builder(node.op);
  const ins = types.map((type, position) => builder.input(nameOf(position), type));
  const outs = builder.emit(registry.get(node.op), ins, node.attrs);
  outs.forEach((value, out) => {
    builder.output(outs.length === 1 ? "y" : `y${out}`, value);
  });
  return builder.finish();
}

/** Rows of a gradient that depend on a head: where none does, the rule sends nothing. */
function headed(backward: Graph): ReadonlySet<NodeId> {
  const rows = new Set(backward.inputs.filter(({ role }) => role === "head").map(({ id }) => id));
  for (const id of backward.order) {
    if (backward.nodes[id]?.inputs.some(({ node }) => rows.has(node))) rows.add(id);
  }
  return rows;
}

function sourceOf(single: Graph, of: Ref): Source {
  const position = single.inputs.findIndex(({ id }) => id === of.node);
  return position < 0 ? { kind: "result", out: of.out } : { kind: "argument", position };
}

/** Gradient programs of single nodes; nodes that apply a rule alike share one. */
export class NodeRules {
  private readonly known = new Map<string, { readonly rule: NodeRule; readonly index: number }>();

  constructor(private readonly registry: Registry) {}

  /** Texts of all rules so far. */
  get texts(): readonly string[] {
    return [...this.known.values()].map(({ rule }) => rule.text);
  }

  /** The rule, and its number among the texts. */
  of(request: RuleRequest): { readonly rule: NodeRule; readonly index: number } {
    const single = alone(request, this.registry);
    const key = `${hashGraph(single)} ${request.active.join()} ${request.reached.join()}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const made = { rule: this.derive(single, request), index: this.known.size };
    this.known.set(key, made);
    return made;
  }

  private derive(single: Graph, { active, reached }: RuleRequest): NodeRule {
    const { registry } = this;
    const positions = active.flatMap((isActive, position) => (isActive ? [position] : []));
    const { backward } = gradient(single, {
      wrt: positions.map(nameOf),
      heads: single.outputs.filter((_, out) => reached[out] === true).map(({ name }) => name),
      registry,
    });
    const lowered = (graph: Graph) => runPasses(graph, [lower], { registry }).graph;
    const sending = headed(backward);
    const sources = backward.inputs.flatMap(({ role, of }): Source[] => {
      if (of === undefined) return [];
      return [role === "head" ? { kind: "head", out: of.out } : sourceOf(single, of)];
    });
    const targets = positions
      .map((position, result) => ({ position, result }))
      .filter(({ result }) => sending.has(backward.outputs[result]?.ref.node ?? -1));
    return {
      text: toText(backward),
      plan: plan(lowered(backward), registry, { lower: lowered }),
      sources,
      targets,
    };
  }
}

/** What a rule sends to each of its targets. */
export function applyRule(
  rule: NodeRule,
  values: {
    readonly heads: readonly (Tensor | undefined)[];
    readonly ins: readonly (Tensor | undefined)[];
    readonly outs: readonly (Tensor | undefined)[];
  },
  hosts: HostFunctions,
): readonly { readonly position: number; readonly value: Tensor }[] {
  const inputs = rule.sources.map((source) => {
    const lists = { head: values.heads, argument: values.ins, result: values.outs };
    const at = source.kind === "argument" ? source.position : source.out;
    const value = lists[source.kind][at];
    if (value === undefined) throw new Error(`reverse walk: no ${source.kind} ${at}`);
    return value;
  });
  const results = rule.plan.run(inputs, { hosts });
  return rule.targets.flatMap(({ position, result }) => {
    const value = results[result];
    return value === undefined ? [] : [{ position, value }];
  });
}
