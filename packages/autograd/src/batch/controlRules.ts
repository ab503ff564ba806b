import type { AttrValue, CallKernel, Graph, Value } from "@adjoint/graph";
import { nth, reshape } from "@adjoint/ops";
import { applyGraph } from "../inline.js";
import { inputsOf } from "../naming.js";
import {
  again,
  type BatchedCall,
  type BatchRule,
  batchAt,
  emit,
  isBatched,
  type Mapped,
  moveAxis,
  noRule,
  numberOf,
  valueAt,
} from "./batchedCall.js";

function isGraph(value: AttrValue | undefined): value is Graph {
  return typeof value === "object" && value !== null && "nodes" in value;
}

function bodyAt({ op, attrs }: BatchedCall, name: string): Graph {
  const body = attrs[name];
  if (isGraph(body)) return body;
  throw new Error(`${op.name}: attribute ${name} is not a graph`);
}

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

/** Examples go through the iterations side by side: states are batches, slices and stacked results lists of batches. */
const scan: BatchRule = (call) => {
  const { attrs, ins } = call;
  const before = attrs.counted === true ? 1 : 0;
  if (before === 1 && isBatched(call, 0)) {
    throw noRule(call, "a number of iterations that differs between examples");
  }
  const states = before + numberOf(attrs, "states");
  const slices = states + numberOf(attrs, "slices");
  const isState = (at: number) => at >= before && at < states;
  const isSlice = (at: number) => at >= states && at < slices;
  const given = ins.map(({ value, batched }, at) => {
    if (isState(at)) return batchAt(call, at);
    return batched && isSlice(at) ? moveAxis(value, 0, 1) : value;
  });
  const flags = ins.map(({ batched }, at) => batched || isState(at)).slice(before);
  const body = call.mapBody(bodyAt(call, "body"), flags);
  const plain = numberOf(attrs, "states");
  const stacked = plain + numberOf(attrs, "stacked");
  const summed = body.outputs.length;
  return again(call, given, { body }).map((y, out) => {
    const inRows = (out >= plain && out < stacked) || out >= summed;
    return inRows ? moveAxis(y, 1, 0) : y;
  });
};

/** One predicate for all examples: one branch for all. A predicate of each: both branches, and a choice. */
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
  const [ofOne, ofTwo] = [inlined(call, one, taken), inlined(call, two, other)];
  return ofOne.map((a, out) => {
    const predicate = reshape(valueAt(call, 0), [call.size, ...a.type.shape.slice(1).map(() => 1)]);
    return nth("where", emit(call, "where", [predicate, a, nth("cond", ofTwo, out)], {}), 0);
  });
};

function inlined(
  { builder, registry }: BatchedCall,
  body: Graph,
  ins: readonly Mapped[],
): readonly Value[] {
  const names = inputsOf(body).map(({ name }) => name);
  const given = new Map(names.map((name, at) => [name, nth(body.name, ins, at).value]));
  return [...applyGraph(builder, body, given, registry).values()];
}

const forms: { readonly [F in CallKernel["form"]]: BatchRule } = {
  graph: callRule,
  scan,
  cond,
  while(call) {
    throw noRule(call, "a loop whose number of iterations may differ between examples");
  },
  host(call) {
    throw noRule(call, "a function of the host, which takes one example");
  },
};

export function controlRule(call: BatchedCall, { form }: CallKernel): readonly Value[] {
  return forms[form](call);
}
