import { Builder, type Graph, type TensorType, type Value, type VjpContext } from "@adjoint/graph";
import { add } from "../elementwise/arithmetic.js";
import { apply, nth } from "../core/define.js";
import { zerosOf } from "../elementwise/full.js";
import { activeParameters, withoutUnread } from "./body.js";
import { inline, type OpLookup, parametersOf } from "./inline.js";
import { sliceType } from "./loop.js";

/** A loop that ran, as its gradient sees it. */
export interface LoopRun {
  readonly body: Graph;
  readonly states: readonly Value[];
  readonly slices: readonly Value[];
  readonly captured: readonly Value[];
  /** How many results of the body are stacked; the others are summed. */
  readonly stacked: number;
  readonly length: number;
  /** How many iterations ran, where that need not be `length`. */
  readonly count: Value | undefined;
  readonly reverse: boolean;
  /** The states before each iteration, stacked. */
  readonly history: readonly Value[];
  /** Head gradients of the last states, stacked results, summed results and the history. */
  readonly heads: readonly (Value | undefined)[];
  /** One per parameter of the body. */
  readonly active: readonly boolean[];
}

/** A parameter of the backward loop's body: carried from iteration to iteration, a slice of an array, or captured. */
interface Parameter {
  readonly kind: "state" | "slice" | "captured";
  readonly name: string;
  /** The first state, the array, the captured value. */
  readonly value: Value;
}

/** A parameter that is the head gradient of an output of the forward body. */
type Head = Parameter & { readonly output: number };

const kinds: readonly Parameter["kind"][] = ["state", "slice", "captured"];

/**
 * The gradient of a loop is a loop over the same iterations in opposite order, as ordinary as the first:
 *
 *     s[i+1], y[i] = f(s[i], x[i], c)
 *     ds[i], dx[i], dc[i] = vjp f(s[i], x[i], c) (ds[i+1], dy[i])
 *
 * It carries ds, stacks dx and sums dc; the states come from the history, and f is computed again from them (Griewank &
 * Walther, Evaluating Derivatives, section 12: a checkpoint at each iteration).
 *
 * @returns one gradient per parameter of the body, undefined where none flows
 */
export function loopGradient(
  run: LoopRun,
  differentiate: VjpContext["differentiate"],
  lookup: OpLookup,
): readonly (Value | undefined)[] {
  const { body, states, slices, length, count, reverse } = run;
  const active = activeParameters(body, states.length, run.active);
  const wrt = active.flatMap((is, position) => (is ? [position] : []));
  if (wrt.length === 0) return active.map(() => undefined);
  const loop = backwardLoop(run, wrt, differentiate, lookup);
  const args = count === undefined ? loop.values : [count, ...loop.values];
  const [first, ...rest] = args;
  if (first === undefined) throw new Error("scan: a gradient without head");
  const results = apply(lookup("scan"), [first, ...rest], {
    states: wrt.filter((at) => at < states.length).length,
    slices: loop.slices,
    stacked: wrt.filter((at) => at >= states.length && at < states.length + slices.length).length,
    length,
    reverse: !reverse,
    counted: count !== undefined,
    history: false,
    body: loop.body,
  });
  return active.map((is, position) => (is ? results[wrt.indexOf(position)] : undefined));
}

/** The body of the backward loop, and what it starts from. */
function backwardLoop(
  run: LoopRun,
  wrt: readonly number[],
  differentiate: VjpContext["differentiate"],
  lookup: OpLookup,
): { readonly body: Graph; readonly values: readonly Value[]; readonly slices: number } {
  const heads = headsOf(run, wrt);
  const outputs = heads.map(({ output }) => output);
  const { graph, read } = withoutUnread(differentiate(run.body, { wrt, heads: outputs }));
  const parameters = [...parametersOfRun(run), ...heads];
  const taken = parameters.filter((_, at) => read[at] === true);
  const carried = parameters.filter(({ kind }) => kind === "state");
  const ofHistory = historyHeads(run, wrt);
  const needed = [...carried, ...taken, ...ofHistory.flatMap((one) => one ?? [])];
  // A loop takes one argument at least, even where nothing depends on any.
  const all = new Set(needed.length > 0 ? needed : [...heads, ...parameters].slice(0, 1));
  const ordered = kinds.flatMap((kind) => [...all].filter((one) => one.kind === kind));

  const builder = new Builder(graph.name);
  const inside = new Map(
    ordered.map((one) => {
      const name = unusedName(one.name, builder.inputNames);
      return [one, builder.input(name, typeInside(one, run.length))];
    }),
  );
  const given = taken.flatMap((one) => inside.get(one) ?? []);
  inline(graph, builder, given, lookup).forEach((gradient, at) => {
    const head = ofHistory[at];
    const extra = head === undefined ? undefined : inside.get(head);
    const { name } = nth("scan", graph.outputs, at);
    builder.output(name, extra === undefined ? gradient : add(gradient, extra));
  });
  return {
    body: builder.finish(),
    values: ordered.map(({ value }) => value),
    slices: ordered.filter(({ kind }) => kind === "slice").length,
  };
}

function typeInside({ kind, value: { type } }: Parameter, length: number): TensorType {
  return kind === "slice" ? sliceType("scan", type, length) : type;
}

/** What stands for the parameters of the forward body: for states, their history. */
function parametersOfRun({ body, history, slices, captured }: LoopRun): readonly Parameter[] {
  return parametersOf(body).map(({ name }, at) => {
    const value = [...history, ...slices, ...captured][at];
    if (value === undefined) throw new Error(`scan: nothing for parameter ${name}`);
    return { kind: at < history.length + slices.length ? "slice" : "captured", name, value };
  });
}

/** The body's outputs that have a head gradient, and how the backward loop comes by it. */
function headsOf(
  { body, states, stacked, heads }: LoopRun,
  wrt: readonly number[],
): readonly Head[] {
  return body.outputs.flatMap(({ name: of }, output): readonly Head[] => {
    const name = `head.${of}`;
    const head = heads[output];
    const state = states[output];
    if (state !== undefined) {
      const value = head ?? zerosOf(state);
      return wrt.includes(output) ? [{ kind: "state", name, value, output }] : [];
    }
    if (head === undefined) return [];
    const kind = output < states.length + stacked ? "slice" : "captured";
    return [{ kind, name, value: head, output }];
  });
}

/** Head gradients of the histories of the states that gradients flow to, in their order. */
function historyHeads(
  { body, states, heads }: LoopRun,
  wrt: readonly number[],
): readonly (Parameter | undefined)[] {
  return wrt
    .filter((at) => at < states.length)
    .map((at) => {
      const value = heads[body.outputs.length + at];
      const name = `head.history.${nth("scan", parametersOf(body), at).name}`;
      return value === undefined ? undefined : { kind: "slice", name, value };
    });
}

function unusedName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  while (taken.has(free)) free += "'";
  return free;
}
