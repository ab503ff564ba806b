import type { Graph, OpDef, TensorType, Value, VjpContext } from "@adjoint/graph";
import { apply, defineOp, nth } from "../core/define.js";
import { checkInteger } from "../core/options.js";
import { checkArguments, checkPredicate, resultTypes } from "./body.js";
import { type OpLookup, parametersOf } from "./inline.js";
import { checkCounts, checkStates, cut, loopTypes } from "./loop.js";
import { loopGradient } from "./loopGradient.js";
import { countType } from "./scan.js";

export type WhileLoopAttrs = {
  states: number;
  /** How many of the body's results after the next states are stacked: all others. */
  stacked: number;
  /** The most iterations there may be. */
  length: number;
  /** Whether the states before each iteration are results, stacked. */
  history: boolean;
  condition: Graph;
  body: Graph;
};

interface Parts<T> {
  readonly states: readonly T[];
  /** Captured by the condition. */
  readonly asked: readonly T[];
  /** Captured by the body. */
  readonly captured: readonly T[];
}

function partsOf<T>(ins: readonly T[], { states, condition }: WhileLoopAttrs): Parts<T> {
  const parts = cut(ins, states, Math.max(parametersOf(condition).length - states, 0));
  return {
    states: nth("whileLoop", parts, 0),
    asked: nth("whileLoop", parts, 1),
    captured: nth("whileLoop", parts, 2),
  };
}

function inferWhileLoop(ins: readonly TensorType[], attrs: WhileLoopAttrs): readonly TensorType[] {
  const { body, condition, length } = attrs;
  checkInteger("whileLoop", "length", length, 0);
  const layout = { ...attrs, slices: 0 };
  checkCounts("whileLoop", body, layout);
  const { states, asked, captured } = partsOf(ins, attrs);
  checkArguments("whileLoop", condition, [...states, ...asked]);
  checkPredicate("whileLoop", "condition", resultTypes(condition));
  checkArguments("whileLoop", body, [...states, ...captured]);
  checkStates("whileLoop", body, states);
  return [...loopTypes(body, layout, length), countType];
}

function gradientOf(
  { ins, outs, heads, attrs, active, differentiate }: VjpContext<WhileLoopAttrs>,
  lookup: OpLookup,
): readonly (Value | undefined)[] {
  const { states, asked, captured } = partsOf(ins, attrs);
  const [first, ...rest] = ins;
  if (first === undefined) throw new Error("whileLoop: no arguments");
  const results = attrs.history
    ? outs
    : apply(lookup("whileLoop"), [first, ...rest], { ...attrs, history: true });
  const last = results.length - 1;
  const [ofStates = [], , ofCaptured = []] = cut(active, states.length, asked.length);
  const run = {
    ...attrs,
    states,
    slices: [],
    captured,
    count: nth("whileLoop", results, last),
    reverse: false,
    history: results.slice(last - states.length, last),
    heads: heads.slice(0, -1),
    active: [...ofStates, ...ofCaptured],
  };
  const [toStates = [], toCaptured = []] = cut(
    loopGradient(run, differentiate, lookup),
    states.length,
  );
  return [...toStates, ...asked.map(() => undefined), ...toCaptured];
}

/** The operator that runs a body as long as a condition holds. It finds other operators by name. */
export function whileLoopOp(lookup: OpLookup): OpDef<WhileLoopAttrs> {
  return defineOp<WhileLoopAttrs>({
    name: "whileLoop",
    arity: { min: 1 },
    attrs: {
      states: "int",
      stacked: "int",
      length: "int",
      history: "bool",
      condition: "graph",
      body: "graph",
    },
    infer: inferWhileLoop,
    vjp: { rule: (context) => gradientOf(context, lookup) },
    kernel: (_, { condition, body, states, stacked, length, history }) => ({
      kind: "call",
      form: "while",
      condition,
      body,
      layout: { states, slices: 0, stacked, history },
      length,
    }),
    docs: [
      "Runs a body as long as a condition on the states holds, at most `length` times.",
      "Arguments: first states, values captured by the condition, values captured by the body. The condition takes " +
        "(states, captured values) and gives one element; the body takes (states, captured values) and gives " +
        "(next states, results to be stacked along axis 0).",
      "Results: last states, stacked with zeros for iterations that did not run, with `history` the states before " +
        "each iteration, stacked; the number of iterations, int32.",
      "Derivative: a `scan` over the iterations that ran, from the last to the first. None through the condition.",
    ].join("\n"),
  });
}
