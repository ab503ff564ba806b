import type { Value } from "@adjoint/graph";
import { add, fill, fronts, mul, nth, reshape, zerosOf } from "@adjoint/ops";
import { inputsOf } from "../naming.js";
import {
  anyActive,
  applyBody,
  bodyLike,
  choose,
  fromActive,
  orZero,
  truths,
} from "./activeExamples.js";
import {
  again,
  type BatchContext,
  type BatchedCall,
  type BatchRule,
  batchAt,
  bodyAt,
  emit,
  isBatched,
  type Mapped,
  moveAxis,
  numberOf,
} from "./batchedCall.js";

/** The arguments from `from` to before `to`. */
function part(call: BatchedCall, from: number, to = call.ins.length): readonly Mapped[] {
  return call.ins.slice(from, to);
}

/** The same as batches: a shared one is repeated for each example. */
function batchPart(call: BatchedCall, from: number, to: number): readonly Mapped[] {
  return part(call, from, to).map((_, at) => ({ value: batchAt(call, from + at), batched: true }));
}

function valuesOf(ins: readonly Mapped[]): readonly Value[] {
  return ins.map(({ value }) => value);
}

function flagsOf(...lists: readonly (readonly Mapped[])[]): readonly boolean[] {
  return lists.flat().map(({ batched }) => batched);
}

/** Arguments again, as other values stand for them. */
function standingFor(ins: readonly Mapped[], values: readonly Value[]): readonly Mapped[] {
  return ins.map(({ batched }, at) => ({ value: nth("loop", values, at), batched }));
}

/** From rows of batches to a batch of rows. */
function examplesFirst(rows: readonly Value[]): readonly Value[] {
  return rows.map((one) => moveAxis(one, 1, 0));
}

/**
 * A loop that ends for each example where its own condition ends it runs until all have ended. Two states are added:
 * which examples still run, and how many iterations each has had.
 */
export const whileRule: BatchRule = (call) => {
  const { attrs, size } = call;
  const [states, stacked] = [numberOf(attrs, "states"), numberOf(attrs, "stacked")];
  const [condition, body] = [bodyAt(call, "condition"), bodyAt(call, "body")];
  const end = inputsOf(condition).length;
  const first = batchPart(call, 0, states);
  const [asked, captured] = [part(call, states, end), part(call, end)];
  const ask = call.mapBody(condition, flagsOf(first, asked));
  const step = call.mapBody(body, flagsOf(first, captured));
  const holds = (context: BatchContext, given: readonly Value[]) =>
    truths(context, nth("whileLoop", applyBody(context, ask, given), 0));
  const running = holds(call, [...valuesOf(first), ...valuesOf(asked)]);
  const carried = [...valuesOf(first), running, zerosOf(running)];
  const outside = [...valuesOf(asked), ...valuesOf(captured)];

  const masked = bodyLike(call, `${body.name}.active`, [...carried, ...outside], (ins, inner) => {
    const [now, active] = [ins.slice(0, states), nth("whileLoop", ins, states)];
    const counts = nth("whileLoop", ins, states + 1);
    const others = ins.slice(states + 2);
    const [questions, given] = [others.slice(0, asked.length), others.slice(asked.length)];
    const legitimate = fromActive(inner, active, [
      ...standingFor(first, now),
      ...standingFor(captured, given),
    ]);
    const results = applyBody(inner, step, legitimate);
    const next = now.map((state, at) =>
      choose(inner, active, nth("whileLoop", results, at), state),
    );
    const rows = [...results.slice(states), ...(attrs.history === true ? now : [])];
    return [
      ...next,
      mul(active, holds(inner, [...next, ...questions])),
      add(counts, active),
      ...rows.map((row) => orZero(inner, active, row)),
    ];
  });
  const proceed = bodyLike(call, `${condition.name}.any`, carried, (ins) => [
    anyActive(nth("whileLoop", ins, states)),
  ]);
  const kept = attrs.history === true ? states : 0;
  const results = emit(call, "whileLoop", [...carried, ...outside], {
    states: states + 2,
    stacked: stacked + kept,
    length: numberOf(attrs, "length"),
    history: false,
    condition: proceed,
    body: masked,
  });
  const from = states + 2;
  return [
    ...results.slice(0, states),
    ...examplesFirst(results.slice(from, from + stacked + kept)),
    reshape(nth("whileLoop", results, states + 1), [size]),
  ];
};

/** Examples go through the iterations side by side: states are batches, slices and stacked results lists of batches. */
const uniformScan: BatchRule = (call) => {
  const { attrs, ins } = call;
  const before = attrs.counted === true ? 1 : 0;
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

/**
 * A number of iterations of each example's own: as many as the longest has, in which an example takes part while the
 * number of the slice is below its own. These numbers are slices, too.
 */
const countedScan: BatchRule = (call) => {
  const { attrs } = call;
  const [states, slices] = [numberOf(attrs, "states"), numberOf(attrs, "slices")];
  const [stacked, length] = [numberOf(attrs, "stacked"), numberOf(attrs, "length")];
  const body = bodyAt(call, "body");
  const counts = reshape(batchAt(call, 0), [call.size]);
  const first = batchPart(call, 1, 1 + states);
  const arrays = part(call, 1 + states, 1 + states + slices);
  const captured = part(call, 1 + states + slices);
  const step = call.mapBody(body, flagsOf(first, arrays, captured));
  const lists = arrays.map(({ value, batched }) => (batched ? moveAxis(value, 0, 1) : value));
  const numbers = nth("arange", emit(call, "arange", [], { ...fromZero, length }), 0);

  const seen = lists.map((list) => fill(list, list.type.shape.slice(1), 0));
  const row = fill(numbers, [], 0);
  const inside = [...valuesOf(first), ...seen, row, ...valuesOf(captured), counts];
  const masked = bodyLike(call, `${body.name}.active`, inside, (ins, inner) => {
    const now = ins.slice(0, states);
    const after = states + slices;
    const given = [...ins.slice(0, after), ...ins.slice(after + 1, -1)];
    const active = fronts.lesser(nth("scan", ins, after), nth("scan", ins, ins.length - 1));
    const legitimate = fromActive(
      inner,
      active,
      standingFor([...first, ...arrays, ...captured], given),
    );
    const results = applyBody(inner, step, legitimate);
    const history = attrs.history === true ? now : [];
    const rest = [
      ...results.slice(states, states + stacked),
      ...history,
      ...results.slice(states + stacked),
    ];
    return [
      ...now.map((state, at) => choose(inner, active, nth("scan", results, at), state)),
      ...rest.map((one) => orZero(inner, active, one)),
    ];
  });
  const kept = attrs.history === true ? states : 0;
  const longest = anyActive(counts);
  const args = [longest, ...valuesOf(first), ...lists, numbers, ...valuesOf(captured), counts];
  const results = emit(call, "scan", args, {
    ...attrs,
    slices: slices + 1,
    stacked: stacked + kept,
    history: false,
    body: masked,
  });
  const [rows, past] = [states + stacked, states + stacked + kept];
  return [
    ...results.slice(0, states),
    ...examplesFirst(results.slice(states, rows)),
    ...results.slice(past),
    ...examplesFirst(results.slice(rows, past)),
  ];
};

const fromZero = { start: 0, step: 1, repeat: 1, dtype: "int32" } as const;

export const scanRule: BatchRule = (call) =>
  call.attrs.counted === true && isBatched(call, 0) ? countedScan(call) : uniformScan(call);
