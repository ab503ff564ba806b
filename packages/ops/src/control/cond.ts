import {
  ArgumentError,
  Builder,
  type Graph,
  type OpDef,
  type TensorType,
  type Value,
  type VjpContext,
} from "@adjoint/graph";
import { apply, defineOp, first, nth } from "../core/define.js";
import { fullOp } from "../elementwise/full.js";
import {
  carriesGradient,
  checkArguments,
  checkPredicate,
  formatTypes,
  resultTypes,
  sameTypes,
  withoutUnread,
} from "./body.js";
import { inline, type OpLookup, parametersOf } from "./inline.js";
import { cut } from "./loop.js";

export type CondAttrs = {
  whenTrue: Graph;
  whenFalse: Graph;
};

/** A branch that ran or not, as its gradient sees it. */
interface Branch {
  readonly body: Graph;
  readonly values: readonly Value[];
  /** Positions of the values that get a gradient. */
  readonly wrt: readonly number[];
}

function partsOf<T>(
  ins: readonly T[],
  { whenTrue }: CondAttrs,
): readonly [T, readonly T[], readonly T[]] {
  const [predicate = [], taken = [], other = []] = cut(ins, 1, parametersOf(whenTrue).length);
  return [first("cond", predicate), taken, other];
}

function inferCond(ins: readonly TensorType[], attrs: CondAttrs): readonly TensorType[] {
  const [predicate, taken, other] = partsOf(ins, attrs);
  checkPredicate("cond", "predicate", [predicate]);
  checkArguments("cond", attrs.whenTrue, taken);
  checkArguments("cond", attrs.whenFalse, other);
  const results = resultTypes(attrs.whenTrue);
  const others = resultTypes(attrs.whenFalse);
  if (results.length > 0 && sameTypes(results, others)) return results;
  throw new ArgumentError({
    op: "cond",
    problem: "branches do not give the same types",
    received: `${formatTypes(results)} and ${formatTypes(others)}`,
    allowed: "at least one result, of one shape and dtype in both",
  });
}

function branchOf(body: Graph, values: readonly Value[], active: readonly boolean[]): Branch {
  const wrt = values.flatMap(({ type }, at) =>
    active[at] === true && carriesGradient(type) ? [at] : [],
  );
  return { body, values, wrt };
}

/** A branch of the gradient: the gradients of this branch's values, and zeros for those of the other. */
function backwardBranch(
  branch: Branch,
  heads: readonly (Value | undefined)[],
  zeros: { readonly before: readonly TensorType[]; readonly after: readonly TensorType[] },
  differentiate: VjpContext["differentiate"],
  lookup: OpLookup,
): { readonly body: Graph; readonly values: readonly Value[] } {
  const { body, wrt } = branch;
  const positions = heads.flatMap((head, at) => (head === undefined ? [] : [at]));
  const { graph, read } = withoutUnread(differentiate(body, { wrt, heads: positions }));
  const given = [...branch.values, ...heads.flatMap((head) => head ?? [])];
  const builder = new Builder(graph.name);
  const inside = parametersOf(graph).map(({ name, type }) => builder.input(name, type));
  const zero = ({ dtype, shape }: TensorType) =>
    first("full", builder.emit(fullOp, [], { shape, dtype, value: 0 }));
  const gradients = [
    ...zeros.before.map(zero),
    ...inline(graph, builder, inside, lookup),
    ...zeros.after.map(zero),
  ];
  gradients.forEach((gradient, at) => {
    builder.output(`grad.${at}`, gradient);
  });
  return { body: builder.finish(), values: given.filter((_, at) => read[at] === true) };
}

function gradientOf(
  { ins, heads, attrs, active, differentiate }: VjpContext<CondAttrs>,
  lookup: OpLookup,
): readonly (Value | undefined)[] {
  const [predicate, taken, other] = partsOf(ins, attrs);
  const [, ofTaken, ofOther] = partsOf(active, attrs);
  const whenTrue = branchOf(attrs.whenTrue, taken, ofTaken);
  const whenFalse = branchOf(attrs.whenFalse, other, ofOther);
  const types = ({ values, wrt }: Branch) => wrt.map((at) => nth("cond", values, at).type);
  if (whenTrue.wrt.length + whenFalse.wrt.length === 0) return [];
  const after = { before: [], after: types(whenFalse) };
  const before = { before: types(whenTrue), after: [] };
  const one = backwardBranch(whenTrue, heads, after, differentiate, lookup);
  const two = backwardBranch(whenFalse, heads, before, differentiate, lookup);
  const gradients = apply(lookup("cond"), [predicate, ...one.values, ...two.values], {
    whenTrue: one.body,
    whenFalse: two.body,
  });
  const back = ({ values, wrt }: Branch, from: number) =>
    values.map((_, at) => (wrt.includes(at) ? gradients[from + wrt.indexOf(at)] : undefined));
  return [undefined, ...back(whenTrue, 0), ...back(whenFalse, whenTrue.wrt.length)];
}

/** The operator that runs one of two bodies. It finds other operators by name. */
export function condOp(lookup: OpLookup): OpDef<CondAttrs> {
  return defineOp<CondAttrs>({
    name: "cond",
    arity: { min: 1 },
    attrs: { whenTrue: "graph", whenFalse: "graph" },
    infer: inferCond,
    vjp: { rule: (context) => gradientOf(context, lookup) },
    kernel: (_, { whenTrue, whenFalse }) => ({ kind: "call", form: "cond", whenTrue, whenFalse }),
    docs: [
      "Runs one of two bodies: `whenTrue` if the predicate, of one element, is not zero, else `whenFalse`.",
      "Arguments: predicate, arguments of `whenTrue`, arguments of `whenFalse`. Both give the same types.",
      "Derivative: a `cond` on the same predicate; arguments of the body that did not run get zeros.",
    ].join("\n"),
  });
}
