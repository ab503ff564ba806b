import {
  type Builder,
  byteLengthOf,
  type Graph,
  type Input,
  type Node,
  type Ref,
  RefTable,
  type Registry,
  refKey,
  type TensorType,
  typeOf,
  type Value,
} from "@adjoint/graph";
import { barrier } from "@adjoint/ops";
import { unused } from "./naming.js";

/**
 * Decides how the gradient graph comes by each value of the forward graph. Results of operators without arguments
 * (literals, filled arrays) are made again; a view is taken again from what it views, unless it is smaller; everything
 * else is handed over as a saved value. So nothing that costs arithmetic is computed twice, but for the values that are
 * given up to save memory: these are computed again where they are first read, from the nearest values that there are.
 */
export class SavedValues {
  private readonly values = new RefTable<Value>();
  private readonly inputs: ReadonlyMap<number, Input>;
  /** Rows that were computed again. */
  private readonly repeated = new Set<number>();
  private readonly fences = new RefTable<Value>();

  constructor(
    private readonly forward: Graph,
    private readonly builder: Builder,
    private readonly registry: Registry,
    /** Keys of results that may be handed over; the others are computed again. Default: all may. */
    private readonly kept?: ReadonlySet<string>,
  ) {
    this.inputs = new Map(forward.inputs.map((input) => [input.id, input]));
  }

  valueOf(ref: Ref): Value {
    const known = this.values.get(ref);
    if (known !== undefined) return known;
    const chain = this.recomputedFrom(ref);
    let value = this.base(chain);
    for (const node of chain.views) {
      const [view] = this.again(node, [value]);
      if (view === undefined) throw new Error(`${node.op}: no result`);
      this.values.set({ node: node.id, out: 0 }, view);
      value = view;
    }
    return value;
  }

  /** Walks up through views that cost nothing to repeat; `views` is in the order of computation. */
  private recomputedFrom(ref: Ref): { readonly base: Ref; readonly views: readonly Node[] } {
    const views: Node[] = [];
    let base = ref;
    while (!this.values.has(base)) {
      const node = this.forward.nodes[base.node];
      const source = node?.inputs[0];
      if (node === undefined || source === undefined || !this.isFreeView(node, source)) break;
      views.push(node);
      base = source;
    }
    return { base, views: views.reverse() };
  }

  private isFreeView(node: Node, source: Ref): boolean {
    const op = this.registry.get(node.op);
    const [result] = node.types;
    if (op.kernel === undefined || node.inputs.length !== 1 || result === undefined) return false;
    const from = this.typeOf(source);
    const kernel = op.kernel([from], node.attrs, node.types);
    return kernel.kind === "view" && byteLengthOf(result) >= byteLengthOf(from);
  }

  private base({ base }: { readonly base: Ref }): Value {
    const known = this.values.get(base);
    if (known !== undefined) return known;
    const node = this.forward.nodes[base.node];
    const isFree = node !== undefined && node.inputs.length === 0;
    let value = isFree ? this.again(node, [])[base.out] : undefined;
    if (!isFree) value = this.isGivenUp(base) ? this.computedAgain(base) : this.saved(base);
    if (value === undefined) throw new Error(`gradient: no value %${refKey(base)}`);
    this.values.set(base, value);
    return value;
  }

  private again(node: Node, ins: readonly Value[]): readonly Value[] {
    const { id: origin, site, scope } = node;
    return this.builder.within({ origin, site, scope }, () =>
      this.builder.emit(this.registry.get(node.op), ins, node.attrs),
    );
  }

  /**
   * A value that was given up, with all that it needs and that was given up as well. What it starts from stands behind
   * a barrier, so that nothing is merged with what the forward program computed.
   */
  private computedAgain(ref: Ref): Value | undefined {
    for (const node of this.rowsBehind(ref)) {
      const ins = node.inputs.map((input) =>
        this.repeated.has(input.node) ? this.valueOf(input) : this.fenced(input),
      );
      this.again(node, ins).forEach((value, out) => {
        const made = { node: node.id, out };
        if (!this.values.has(made)) this.values.set(made, value);
      });
      this.repeated.add(node.id);
    }
    return this.values.get(ref);
  }

  private isGivenUp(ref: Ref): boolean {
    const node = this.forward.nodes[ref.node];
    if (this.kept === undefined || node === undefined || node.inputs.length === 0) return false;
    return !this.kept.has(refKey(ref));
  }

  private fenced(ref: Ref): Value {
    const known = this.fences.get(ref);
    if (known !== undefined) return known;
    const fence = barrier(this.valueOf(ref));
    this.fences.set(ref, fence);
    return fence;
  }

  /** Rows to compute again for a value, in order; without recursion, as chains may be long. */
  private rowsBehind(ref: Ref): Node[] {
    const found = new Map<number, Node>();
    const open = [ref];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { base } = this.recomputedFrom(next);
      const node = this.forward.nodes[base.node];
      const isThere = this.values.has(base) || found.has(base.node);
      if (node === undefined || isThere || !this.isGivenUp(base)) continue;
      found.set(base.node, node);
      open.push(...node.inputs);
    }
    return this.forward.order.flatMap((id) => found.get(id) ?? []);
  }

  private saved(ref: Ref): Value {
    const input = this.inputs.get(ref.node);
    const name = input?.name ?? (ref.out === 0 ? String(ref.node) : refKey(ref));
    const free = unused(`saved.${name}`, this.builder.inputNames);
    return this.builder.input(free, this.typeOf(ref), "saved", { of: ref, site: input?.site });
  }

  /** Looks inputs up by id, where `typeOf` searches: programs may have thousands. */
  private typeOf(ref: Ref): TensorType {
    return this.inputs.get(ref.node)?.type ?? typeOf(this.forward, ref);
  }
}
