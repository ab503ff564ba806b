import type { Value, WindowKernel } from "@adjoint/graph";
import {
  again,
  type BatchedCall,
  type BatchRule,
  batchAt,
  isBatched,
  mergeAxes,
  moveAxis,
  numberOf,
  splitAxis,
  valueAt,
} from "./batchedCall.js";

/** Examples become more rows of the batch axis that the operator has anyhow. */
export function foldRows(call: BatchedCall): readonly Value[] {
  const ins = call.ins.map(({ value, batched }) => (batched ? mergeAxes(value, 0) : value));
  return again(call, ins).map((value) => splitAxis(value, 0, call.size));
}

/** (examples, batch, channels, ...) as (batch, examples * channels, ...), and back. */
function asChannels(x: Value): Value {
  return mergeAxes(moveAxis(x, 0, 1), 1);
}

function fromChannels(x: Value, size: number): Value {
  return moveAxis(splitAxis(x, 1, size), 1, 0);
}

/**
 * Convolutions whose weights differ between examples: each example is a group of channels that sees only its own
 * filters. Data and heads hold channels in their second axis, weights hold filters in their first.
 */
function asGroups(call: BatchedCall, weightPosition: number | "result"): readonly Value[] {
  const groups = numberOf(call.attrs, "groups") * call.size;
  const ins = call.ins.map((_, position) => {
    const batch = batchAt(call, position);
    return position === weightPosition ? mergeAxes(batch, 0) : asChannels(batch);
  });
  return again(call, ins, { groups }).map((value) =>
    weightPosition === "result" ? splitAxis(value, 0, call.size) : fromChannels(value, call.size),
  );
}

/** Shared data under filters of all examples: without groups, the examples' filters are just more filters. */
function asFilters(call: BatchedCall): readonly Value[] {
  const weight = mergeAxes(valueAt(call, 1), 0);
  return again(call, [valueAt(call, 0), weight]).map((value) => fromChannels(value, call.size));
}

const convolve: BatchRule = (call) => {
  if (!isBatched(call, 1)) return foldRows(call);
  const single = numberOf(call.attrs, "groups") === 1;
  return single && !isBatched(call, 0) ? asFilters(call) : asGroups(call, 1);
};

/** By form: which argument, or the result, has the shape of a weight. */
const forms: { readonly [F in WindowKernel["form"]]: BatchRule } = {
  convolve,
  convolveData: (call) => (isBatched(call, 1) ? asGroups(call, 1) : foldRows(call)),
  convolveWeight: (call) => asGroups(call, "result"),
  poolSum: foldRows,
  poolSumAdjoint: foldRows,
  poolMax: foldRows,
};

export function windowRule(call: BatchedCall, { form }: WindowKernel): readonly Value[] {
  return forms[form](call);
}
