import { GraphError } from "../errors.js";
import type { NodeId, Ref } from "../graph.js";
import type { Value } from "../op.js";
import type { GraphEditor } from "./graphEditor.js";
import { idRange } from "./idRange.js";
import { type NodeView, type RewriteTools, sameValue } from "./rewriteTools.js";
import type { Fired, Pass } from "./runPasses.js";

/** A value for the only result, or a list with one entry per result; undefined changes nothing. */
export type Replacement = Value | Ref | readonly (Value | Ref | undefined)[] | undefined;

/** Turns nodes of some operators into something equal. */
export interface Rule {
  readonly name: string;
  /** Names of operators; `*` for all. */
  readonly ops: readonly string[] | "*";
  /** What stands for the node from now on. New nodes take over its site, scope and origin. */
  apply(node: NodeView, tools: RewriteTools): Replacement;
}

export interface RewriteOptions {
  /** How often the pass may go over the graph; default 100. */
  readonly maxSweeps?: number;
}

/** Rules by operator, in the order in which they are tried. */
class RuleTable {
  private readonly byOp = new Map<string, readonly Rule[]>();

  constructor(private readonly rules: readonly Rule[]) {}

  of(op: string): readonly Rule[] {
    const known = this.byOp.get(op);
    if (known !== undefined) return known;
    const found = this.rules.filter(({ ops }) => ops === "*" || ops.includes(op));
    this.byOp.set(op, found);
    return found;
  }
}

function asList(
  replacement: Exclude<Replacement, undefined>,
): readonly (Value | Ref | undefined)[] {
  return "length" in replacement ? replacement : [replacement];
}

/** One run of a rewrite pass: which rows to look at next, and how often each rule fired. */
class Rewriting {
  readonly fired = new Map<string, number>();
  /** Rows to look at in the next sweep. */
  pending = new Set<NodeId>();
  private readonly budget: number;
  private total = 0;

  constructor(
    private readonly pass: string,
    private readonly editor: GraphEditor,
    private readonly table: RuleTable,
    private readonly maxSweeps: number,
  ) {
    // Also bounds rules whose results grow within few sweeps.
    this.budget = maxSweeps * Math.max(100, editor.ids().length);
  }

  run(): void {
    let rows: Iterable<NodeId> = this.editor.ids();
    for (let sweep = 0; ; sweep++) {
      this.pending = new Set();
      const before = new Map(this.fired);
      for (const id of rows) this.visit(id);
      if (this.fired.size === 0 || sameCounts(before, this.fired)) return;
      if (sweep >= this.maxSweeps) throw this.noFixpoint(`${sweep} sweeps`, before);
      rows = this.pending;
    }
  }

  private visit(id: NodeId): void {
    this.pending.delete(id);
    const op = this.editor.node(id)?.op;
    const rules = op === undefined ? [] : this.table.of(op);
    const node = rules.length === 0 ? undefined : this.editor.view(id);
    if (node === undefined) return;
    for (const rule of rules) if (this.apply(rule, node)) return;
  }

  /** False where the rule changed nothing. */
  private apply(rule: Rule, view: NodeView): boolean {
    const { id } = view.node;
    const first = this.editor.nextId;
    const results = this.editor.within(id, () => rule.apply(view, this.editor));
    const fired = results !== undefined && this.replace(rule, view, asList(results));
    const fresh = idRange(first, this.editor.nextId);
    if (fired) this.count(rule, fresh);
    // Where the rule gave nothing, the node stays as it is, read or not: later rules still look at it.
    this.editor.sweep(fired ? [...fresh, id] : fresh);
    return fired;
  }

  /** False where the results are what they were. */
  private replace(
    rule: Rule,
    { node, outs }: NodeView,
    results: readonly (Value | Ref | undefined)[],
  ): boolean {
    const values = results.map((by) =>
      by === undefined || !("node" in by) ? by : this.editor.value(by),
    );
    const changes = values.some((by, out) => {
      const old = outs[out];
      return old === undefined || (by !== undefined && !sameValue(by, old));
    });
    if (!changes) return false;
    for (const old of outs) {
      for (const reader of this.editor.readersOf(old)) this.pending.add(reader);
    }
    this.editor.because(rule.name, () => this.editor.replaceAll(node.id, values));
    return true;
  }

  private count(rule: Rule, fresh: readonly NodeId[]): void {
    for (const id of fresh) this.pending.add(id);
    this.fired.set(rule.name, (this.fired.get(rule.name) ?? 0) + 1);
    this.total++;
    if (this.total > this.budget) throw this.noFixpoint(`${this.total} changes`, new Map());
  }

  private noFixpoint(after: string, before: ReadonlyMap<string, number>): GraphError {
    const busy = [...this.fired].filter(([name, count]) => count > (before.get(name) ?? 0));
    return new GraphError({
      op: this.pass,
      problem: `no fixpoint after ${after} of graph ${this.editor.graph.name}; rules kept firing`,
      received: busy.map(([name, count]) => `${name} (${count} times)`).join(", "),
    });
  }
}

function sameCounts(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return [...b].every(([name, count]) => a.get(name) === count);
}

/**
 * A pass that applies rules until none fires any more. Each sweep looks at rows in order; the first rule that gives
 * something wins. After the first sweep only new nodes and readers of replaced values are looked at again.
 *
 * The pass throws a GraphError that names the rules that kept firing where there is no fixpoint within bounds.
 *
 * @example
 * ```ts
 * const simplify = rewritePass("simplify", [
 *   { name: "double negation", ops: ["negative"], apply: ({ ins }, tools) => {
 *       const inner = tools.producer(ins[0]);
 *       return inner?.node.op === "negative" ? inner.ins[0] : undefined;
 *   } },
 * ]);
 * ```
 */
export function rewritePass(
  name: string,
  rules: readonly Rule[],
  { maxSweeps = 100 }: RewriteOptions = {},
): Pass {
  const table = new RuleTable(rules);
  return {
    name,
    run(editor): Fired {
      const rewriting = new Rewriting(name, editor, table, maxSweeps);
      rewriting.run();
      return Object.fromEntries(rewriting.fired);
    },
  };
}
