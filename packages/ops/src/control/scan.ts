import {
  ArgumentError,
  equalTypes,
  formatType,
  type Graph,
  type OpDef,
  type TensorType,
  tensorType,
  type Value,
  type VjpContext,
} from "@adjoint/graph";
import { apply, defineOp, nth } from "../core/define.js";
import { checkInteger } from "../core/options.js";
import { checkArguments } from "./body.js";
import type { OpLookup } from "./inline.js";
import { checkCounts, checkStates, cut, loopTypes, sliceType } from "./loop.js";
import { loopGradient } from "./loopGradient.js";

export type ScanAttrs = {
  /** How many of the body's parameters are states, and how many slices; the others are captured. */
  states: number;
  slices: number;
  /** How many of the body's results after the next states are stacked; the others are summed. */
  stacked: number;
  /** Number of iterations. */
  length: number;
  /** Whether iterations begin at the last slice. */
  reverse: boolean;
  /** Whether the first argument says how many of the iterations run. */
  counted: boolean;
  /** Whether the states before each iteration are results, stacked. */
  history: boolean;
  body: Graph;
};

/** The type of a number of iterations. */
export const countType = tensorType("int32", []);

interface Parts<T> {
  readonly count: readonly T[];
  readonly states: readonly T[];
  readonly slices: readonly T[];
  readonly captured: readonly T[];
}

function partsOf<T>(ins: readonly T[], { states, slices, counted }: ScanAttrs): Parts<T> {
  const parts = cut(ins, counted ? 1 : 0, states, slices);
  return {
    count: nth("scan", parts, 0),
    states: nth("scan", parts, 1),
    slices: nth("scan", parts, 2),
    captured: nth("scan", parts, 3),
  };
}

function inferScan(ins: readonly TensorType[], attrs: ScanAttrs): readonly TensorType[] {
  const { body, length } = attrs;
  checkInteger("scan", "length", length, 0);
  checkCounts("scan", body, attrs);
  const { count, states, slices, captured } = partsOf(ins, attrs);
  for (const type of count) checkCount(type);
  const seen = slices.map((type) => sliceType("scan", type, length));
  checkArguments("scan", body, [...states, ...seen, ...captured]);
  checkStates("scan", body, states);
  return loopTypes(body, attrs, length);
}

function checkCount(type: TensorType): void {
  if (equalTypes(type, countType)) return;
  throw new ArgumentError({
    op: "scan",
    problem: "the first argument is no number of iterations",
    received: formatType(type),
    allowed: formatType(countType),
  });
}

function gradientOf(
  { ins, outs, heads, attrs, active, differentiate }: VjpContext<ScanAttrs>,
  lookup: OpLookup,
): readonly (Value | undefined)[] {
  const { counted, history, states } = attrs;
  const { count, ...parts } = partsOf(ins, attrs);
  const [first, ...rest] = ins;
  if (first === undefined) throw new Error("scan: no arguments");
  const results = history
    ? outs
    : apply(lookup("scan"), [first, ...rest], { ...attrs, history: true });
  const run = {
    ...attrs,
    ...parts,
    count: count[0],
    history: results.slice(results.length - states),
    heads,
    active: counted ? active.slice(1) : active,
  };
  const gradients = loopGradient(run, differentiate, lookup);
  return counted ? [undefined, ...gradients] : gradients;
}

/** The operator that runs a body once per slice of arrays. It finds other operators by name. */
export function scanOp(lookup: OpLookup): OpDef<ScanAttrs> {
  return defineOp<ScanAttrs>({
    name: "scan",
    arity: { min: 1 },
    attrs: {
      states: "int",
      slices: "int",
      stacked: "int",
      length: "int",
      reverse: "bool",
      counted: "bool",
      history: "bool",
      body: "graph",
    },
    infer: inferScan,
    vjp: { rule: (context) => gradientOf(context, lookup) },
    kernel: (_, { body, length, reverse, counted, states, slices, stacked, history }) => ({
      kind: "call",
      form: "scan",
      body,
      layout: { states, slices, stacked, history },
      length,
      reverse,
      counted,
    }),
    docs: [
      "Runs a body `length` times, each time on the next slice of the arrays along axis 0.",
      "Arguments: first states, arrays of slices, captured values. The body takes (states, slices, captured values) " +
        "and gives (next states, results to be stacked along axis 0, results to be summed).",
      "Results: last states, stacked, summed; with `history` the states before each iteration, stacked.",
      "With `reverse` the last slice comes first. With `counted` the first argument, int32, says how many " +
        "iterations run; further rows of stacked results are zero.",
      "Derivative: a scan over the same slices in opposite order, whose body is the gradient of the body.",
    ].join("\n"),
  });
}
