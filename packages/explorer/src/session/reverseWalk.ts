import {
  Builder,
  type Graph,
  isFloat,
  type Node,
  nodesOf,
  type Ref,
  RefTable,
  type Registry,
  refKey,
  sizeOf,
} from "@adjoint/graph";
import { add } from "@adjoint/ops";
import { createTensor, execute, type HostFunctions, type Tensor } from "@adjoint/runtime";
import { applyRule, NodeRules } from "./nodeRule.js";
import { placeOf } from "./rowPool.js";
import type { Contribution, ReverseStep, ReverseWalk, ValueData } from "./session.js";
import { describeValue } from "./valueData.js";

export interface WalkOptions {
  /** The program: its results are the heads. */
  readonly program: Graph;
  readonly backward: Graph;
  /** Values of the program's rows. */
  readonly values: RefTable<Tensor>;
  readonly hosts: HostFunctions;
  readonly registry: Registry;
  /** Most elements of an array that are shown. */
  readonly most: number;
}

/** The values that are differentiated by, which outputs of the gradient are named after. */
function sourcesOf({ program, backward }: WalkOptions): Ref[] {
  const names = new Set(backward.outputs.map(({ name }) => name));
  const inputs = program.inputs
    .filter(({ name, type }) => isFloat(type.dtype) && names.has(`grad.${name}`))
    .map(({ id }) => ({ node: id, out: 0 }));
  const inner = nodesOf(program).flatMap(({ id, types }) =>
    types.map((_, out) => ({ node: id, out })),
  );
  const named = (ref: Ref) => `grad.${ref.out === 0 ? ref.node : refKey(ref)}`;
  return [...inputs, ...inner.filter((ref) => names.has(named(ref)))];
}

/** Reverse mode as a textbook does it: one node at a time, with numbers. */
class Walker {
  readonly steps: ReverseStep[] = [];
  readonly rules: NodeRules;
  private readonly totals = new RefTable<Tensor>();
  private readonly touched: Ref[] = [];
  private readonly active = new Set<string>();

  constructor(private readonly options: WalkOptions) {
    this.rules = new NodeRules(options.registry);
    for (const ref of sourcesOf(options)) this.active.add(refKey(ref));
    for (const { id, inputs, types } of nodesOf(options.program)) {
      if (!inputs.some((ref) => this.active.has(refKey(ref)))) continue;
      types.forEach((_, out) => {
        this.active.add(refKey({ node: id, out }));
      });
    }
  }

  seed(): ReverseWalk["seeds"] {
    return this.options.backward.inputs.flatMap(({ role, of, type }) => {
      if (role !== "head" || of === undefined) return [];
      const ones = createTensor(type, new Array<number>(sizeOf(type.shape)).fill(1));
      return [{ to: placeOf(of), value: this.describe(this.arrive(of, ones)) }];
    });
  }

  /** Adjoints of all values reached. */
  adjoints(): Record<string, ValueData> {
    const table: Record<string, ValueData> = {};
    for (const ref of this.touched) {
      const total = this.totals.get(ref);
      if (total !== undefined) table[refKey(ref)] = this.describe(total);
    }
    return table;
  }

  visit(node: Node): void {
    const { values, hosts, registry } = this.options;
    const heads = node.types.map((_, out) => this.totals.get({ node: node.id, out }));
    const active = node.inputs.map((ref) => this.active.has(refKey(ref)));
    const reached = heads.map((head) => head !== undefined);
    const { vjp } = registry.get(node.op);
    if (!reached.includes(true) || !active.includes(true)) return;
    if (vjp !== undefined && "none" in vjp) return;
    const ins = node.inputs.map((ref) => values.get(ref));
    const outs = node.types.map((_, out) => values.get({ node: node.id, out }));
    const types = ins.flatMap((tensor) => (tensor === undefined ? [] : [tensor.type]));
    const { rule, index } = this.rules.of({ node, types, active, reached });
    const contributions: Contribution[] = [];
    for (const { position, value } of applyRule(rule, { heads, ins, outs }, hosts)) {
      const to = node.inputs[position];
      if (to === undefined) continue;
      const total = this.arrive(to, value);
      contributions.push({
        to: placeOf(to),
        argument: position,
        value: this.describe(value),
        total: this.describe(total),
      });
    }
    const adjoints = heads.map((head) => (head === undefined ? null : this.describe(head)));
    this.steps.push({ row: node.id, adjoints, rule: index, contributions });
  }

  private describe(tensor: Tensor): ValueData {
    return describeValue(tensor, this.options.most);
  }

  /** Adds to the adjoint of a value; gives the sum. */
  private arrive(to: Ref, value: Tensor): Tensor {
    const before = this.totals.get(to);
    if (before === undefined) this.touched.push(to);
    const total = before === undefined ? value : sumOf(before, value, this.options.registry);
    this.totals.set(to, total);
    return total;
  }
}

function sumOf(a: Tensor, b: Tensor, registry: Registry): Tensor {
  const builder = new Builder("accumulate");
  builder.output("sum", add(builder.input("a", a.type), builder.input("b", b.type)));
  const [sum] = execute(builder.finish(), [a, b], registry);
  if (sum === undefined) throw new Error("accumulate: no result");
  return sum;
}

/**
 * The reverse pass over a program with the numbers of a run: from head gradients of one, each node's rule is applied to
 * the complete adjoint of its results, and what it sends is added to the adjoints of its arguments.
 */
export function walkBackward(options: WalkOptions): ReverseWalk {
  const walker = new Walker(options);
  const seeds = walker.seed();
  for (const node of nodesOf(options.program).reverse()) walker.visit(node);
  const { steps, rules } = walker;
  return { seeds, rules: rules.texts, steps, adjoints: walker.adjoints() };
}
