import type { Graph, Value } from "@adjoint/graph";
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

/** A loop with a condition of each example's own. */
interface Lanes {
  /** The condition and the body for a batch. */
  readonly ask: Graph;
  readonly step: Graph;
  readonly states: readonly Mapped[];
  /** Captured by the condition, and by the body. */
  readonly asked: readonly Mapped[];
  readonly captured: readonly Mapped[];
  /** Whether the states from before each iteration are kept. */
  readonly history: boolean;
}

function lanesOf(call: BatchedCall): Lanes {
  const [condition, body] = [bodyAt(call, "condition"), bodyAt(call, "body")];
  const count = numberOf(call.attrs, "states");
  const end = inputsOf(condition).length;
  const states = batchPart(call, 0, count);
  const [asked, captured] = [part(call, count, end), part(call, end)];
  return {
    ask: call.mapBody(condition, flagsOf(states, asked)),
    step: call.mapBody(body, flagsOf(states, captured)),
    states,
    asked,
    captured,
    history: call.attrs.history === true,
  };
}

/** Which examples go on. */
function holds(context: BatchContext, { ask }: Lanes, given: readonly Value[]): Value {
  return truths(context, nth("whileLoop", applyBody(context, ask, given), 0));
}

/** One iteration, for the examples that go on: states, which go on after it and how many they have had, rows. */
function activeStep(context: BatchContext, lanes: Lanes, ins: readonly Value[]): readonly Value[] {
  const { step, states, asked, captured, history } = lanes;
  const count = states.length;
  const [now, outside] = [ins.slice(0, count), ins.slice(count + 2)];
  const [active, counts] = [nth("whileLoop", ins, count), nth("whileLoop", ins, count + 1)];
  const [questions, given] = [outside.slice(0, asked.length), outside.slice(asked.length)];
  const legitimate = fromActive(context, active, [
    ...standingFor(states, now),
    ...standingFor(captured, given),
  ]);
  const results = applyBody(context, step, legitimate);
  const next = now.map((state, at) =>
    choose(context, active, nth("whileLoop", results, at), state),
  );
  return [
    ...next,
    mul(active, holds(context, lanes, [...next, ...questions])),
    add(counts, active),
    ...[...results.slice(count), ...(history ? now : [])].map((row) =>
      orZero(context, active, row),
    ),
  ];
}

/**
 * A loop that ends for each example where its own condition ends it runs until all have ended. Two states are added:
 * which examples still run, and how many iterations each has had.
 */
export const whileRule: BatchRule = (call) => {
  const { attrs } = call;
  const lanes = lanesOf(call);
  const { states, asked, captured } = lanes;
  const running = holds(call, lanes, [...valuesOf(states), ...valuesOf(asked)]);
  const carried = [...valuesOf(states), running, zerosOf(running)];
  const all = [...carried, ...valuesOf(asked), ...valuesOf(captured)];
  const body = bodyLike(call, `${lanes.step.name}.active`, all, (ins, inner) =>
    activeStep(inner, lanes, ins),
  );
  const condition = bodyLike(call, `${lanes.ask.name}.any`, carried, (ins) => [
    anyActive(nth("whileLoop", ins, states.length)),
  ]);
  const stacked = numberOf(attrs, "stacked") + (lanes.history ? states.length : 0);
  const results = emit(call, "whileLoop", all, {
    states: carried.length,
    stacked,
    length: numberOf(attrs, "length"),
    history: false,
    condition,
    body,
  });
  return [
    ...results.slice(0, states.length),
    ...examplesFirst(results.slice(carried.length, carried.length + stacked)),
    nth("whileLoop", results, carried.length - 1),
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

/** A loop over slices with a number of iterations of each example's own. */
interface CountedLanes {
  /** The body for a batch. */
  readonly step: Graph;
  readonly states: readonly Mapped[];
  readonly arrays: readonly Mapped[];
  readonly captured: readonly Mapped[];
  /** How many of the body's results after the states are stacked. */
  readonly stacked: number;
  readonly history: boolean;
}

function countedLanes(call: BatchedCall): CountedLanes {
  const states = 1 + numberOf(call.attrs, "states");
  const slices = states + numberOf(call.attrs, "slices");
  const parts = [batchPart(call, 1, states), part(call, states, slices), part(call, slices)];
  const [first = [], arrays = [], captured = []] = parts;
  return {
    step: call.mapBody(bodyAt(call, "body"), flagsOf(first, arrays, captured)),
    states: first,
    arrays,
    captured,
    stacked: numberOf(call.attrs, "stacked"),
    history: call.attrs.history === true,
  };
}

/** One iteration: states, slices, number of the slice, captured values, counts in; states, stacked and summed out. */
function countedStep(
  context: BatchContext,
  { step, states, arrays, captured, stacked, history }: CountedLanes,
  ins: readonly Value[],
): readonly Value[] {
  const count = states.length;
  const row = count + arrays.length;
  const now = ins.slice(0, count);
  const given = [...ins.slice(0, row), ...ins.slice(row + 1, -1)];
  const active = fronts.lesser(nth("scan", ins, row), nth("scan", ins, ins.length - 1));
  const mapped = standingFor([...states, ...arrays, ...captured], given);
  const results = applyBody(context, step, fromActive(context, active, mapped));
  const rest = [
    ...results.slice(count, count + stacked),
    ...(history ? now : []),
    ...results.slice(count + stacked),
  ];
  return [
    ...now.map((state, at) => choose(context, active, nth("scan", results, at), state)),
    ...rest.map((one) => orZero(context, active, one)),
  ];
}

/**
 * As many iterations as the longest example has, in which an example takes part while the number of the slice is below
 * its own count. These numbers are slices, too.
 */
const countedScan: BatchRule = (call) => {
  const { attrs } = call;
  const lanes = countedLanes(call);
  const { states, arrays, captured, stacked } = lanes;
  const counts = reshape(batchAt(call, 0), [call.size]);
  const lists = arrays.map(({ value, batched }) => (batched ? moveAxis(value, 0, 1) : value));
  const length = numberOf(attrs, "length");
  const numbers = nth("arange", emit(call, "arange", [], { ...fromZero, length }), 0);
  const slices = [...lists, numbers].map((list) => fill(list, list.type.shape.slice(1), 0));
  const inside = [...valuesOf(states), ...slices, ...valuesOf(captured), counts];
  const body = bodyLike(call, `${lanes.step.name}.active`, inside, (ins, inner) =>
    countedStep(inner, lanes, ins),
  );
  const outside = [...valuesOf(states), ...lists, numbers, ...valuesOf(captured), counts];
  const kept = lanes.history ? states.length : 0;
  const results = emit(call, "scan", [anyActive(counts), ...outside], {
    ...attrs,
    slices: arrays.length + 1,
    stacked: stacked + kept,
    history: false,
    body,
  });
  const rows = states.length + stacked;
  return [
    ...results.slice(0, states.length),
    ...examplesFirst(results.slice(states.length, rows)),
    ...results.slice(rows + kept),
    ...examplesFirst(results.slice(rows, rows + kept)),
  ];
};

const fromZero = { start: 0, step: 1, repeat: 1, dtype: "int32" } as const;

export const scanRule: BatchRule = (call) =>
  call.attrs.counted === true && isBatched(call, 0) ? countedScan(call) : uniformScan(call);
