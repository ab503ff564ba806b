import { type CallKernel, type Graph, typeOf, type Value } from "@adjoint/graph";
import { fronts, fullOp, nth } from "@adjoint/ops";
import { inputsOf } from "../naming.js";
import { anyActive, applyBody, bodyLike, choose, fromActive, truths } from "./activeExamples.js";
import {
  again,
  type BatchedCall,
  type BatchRule,
  bodyAt,
  emit,
  isBatched,
  type Mapped,
  noRule,
  valueAt,
} from "./batchedCall.js";
import { scanRule, whileRule } from "./loopRules.js";

/** The graph called, mapped as a whole. */
export const callRule: BatchRule = (call) => {
  const flags = call.ins.map(({ batched }) => batched);
  const graph = call.mapBody(bodyAt(call, "graph"), flags);
  return again(
    call,
    call.ins.map(({ value }) => value),
    { graph },
  );
};

/** One predicate for all examples: one branch for all. A predicate of each: each branch for those that take it. */
const cond: BatchRule = (call) => {
  const [whenTrue, whenFalse] = [bodyAt(call, "whenTrue"), bodyAt(call, "whenFalse")];
  const count = inputsOf(whenTrue).length;
  const [taken, other] = [call.ins.slice(1, 1 + count), call.ins.slice(1 + count)];
  const mapped = (body: Graph, ins: readonly Mapped[]) =>
    call.mapBody(
      body,
      ins.map(({ batched }) => batched),
    );
  const [one, two] = [mapped(whenTrue, taken), mapped(whenFalse, other)];
  if (!isBatched(call, 0)) {
    const given = call.ins.map(({ value }) => value);
    return again(call, given, { whenTrue: one, whenFalse: two });
  }
  const holds = truths(call, valueAt(call, 0));
  const fails = fronts.equal(holds, 0);
  const [ofOne, ofTwo] = [branch(call, one, taken, holds), branch(call, two, other, fails)];
  return ofOne.map((a, out) => choose(call, holds, a, nth("cond", ofTwo, out)));
};

/** A branch for the examples that take it, zeros for the others; not run where none does. */
function branch(
  call: BatchedCall,
  body: Graph,
  ins: readonly Mapped[],
  active: Value,
): readonly Value[] {
  const values = [active, ...ins.map(({ value }) => value)];
  const whenTrue = bodyLike(
    call,
    `${body.name}.active`,
    values,
    ([mask = active, ...given], inner) => {
      const mapped = ins.map(({ batched }, at) => ({ value: nth(body.name, given, at), batched }));
      return applyBody(inner, body, fromActive(inner, mask, mapped));
    },
  );
  const types = body.outputs.map(({ ref }) => typeOf(body, ref));
  const whenFalse = bodyLike(call, `${body.name}.none`, [], (_, { builder }) =>
    types.map(({ shape, dtype }) =>
      nth("full", builder.emit(fullOp, [], { shape, dtype, value: 0 }), 0),
    ),
  );
  return emit(call, "cond", [anyActive(active), ...values], { whenTrue, whenFalse });
}

const forms: { readonly [F in CallKernel["form"]]: BatchRule } = {
  graph: callRule,
  scan: scanRule,
  cond,
  while: whileRule,
  host(call) {
    throw noRule(call, "a function of the host, which takes one example");
  },
};

export function controlRule(call: BatchedCall, { form }: CallKernel): readonly Value[] {
  return forms[form](call);
}
