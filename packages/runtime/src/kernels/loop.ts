import {
  type CallKernel,
  type Graph,
  type LoopLayout,
  sizeOf,
  type TensorType,
  type TypedArray,
  tensorType,
} from "@adjoint/graph";
import { cellsOf, requireDTypes, store, toDoubles } from "../storage.js";
import type { Tensor } from "../tensor.js";
import {
  at,
  type Body,
  type Execute,
  type PlanContext,
  type RunContext,
  type Signature,
} from "./prepare.js";

/** How many arguments a body takes: its inputs without constants. */
export function parameterCount(body: Graph): number {
  return body.inputs.filter(({ role }) => role !== "const").length;
}

/** Whether the only element is not zero; NaN is not. */
export function isTrue({ type, data }: Tensor): boolean {
  return data instanceof BigInt64Array ? data[0] !== 0n : toDoubles(data, type.dtype)[0] !== 0;
}

/** Runs the body on slice after slice. */
export function prepareScan(
  kernel: CallKernel & { form: "scan" },
  signature: Signature,
  { planBody }: PlanContext,
): Execute {
  const { length, reverse, counted } = kernel;
  const loop = loopOf(kernel, planBody(kernel.body), counted ? 1 : 0, signature);
  return (ins, outs, context) => {
    const count = counted ? Math.min(Number(at(ins, 0)[0] ?? 0), length) : length;
    const run = new LoopRun(loop, signature, ins, outs, context);
    for (let step = 0; step < count; step++) run.iterate(reverse ? count - 1 - step : step);
    run.finish();
  };
}

/** Runs the body while the condition holds. */
export function prepareWhile(
  kernel: CallKernel & { form: "while" },
  signature: Signature,
  { planBody }: PlanContext,
): Execute {
  const { states } = kernel.layout;
  const condition = planBody(kernel.condition);
  const asked = parameterCount(kernel.condition) - states;
  const loop = loopOf(kernel, planBody(kernel.body), 0, signature, asked);
  return (ins, outs, context) => {
    const run = new LoopRun(loop, signature, ins, outs, context);
    const captured = tensors(signature, ins).slice(states, states + asked);
    const holds = () => isTrue(at(condition.run([...run.current, ...captured], context), 0));
    let count = 0;
    while (count < kernel.length && holds()) run.iterate(count++);
    run.finish();
    store(at(outs, outs.length - 1), "int32", 0, Float64Array.of(count), 1);
  };
}

function tensors({ ins: types }: Signature, ins: readonly TypedArray[]): Tensor[] {
  return ins.map((data, arg) => ({ type: at(types, arg), data }));
}

/** A loop as prepared: where its arguments and results lie in the node's lists. */
interface Loop {
  readonly body: Body;
  readonly layout: LoopLayout;
  /** Position of the first state among the arguments. */
  readonly first: number;
  /** Arguments between the states and slices, and what the body captures. */
  readonly skipped: number;
  /** How many results of the body are summed. */
  readonly summed: number;
  /** What one iteration sees of each array of slices. */
  readonly sliceTypes: readonly TensorType[];
}

function loopOf(
  { body: graph, layout }: CallKernel & { form: "scan" | "while" },
  body: Body,
  first: number,
  signature: Signature,
  skipped = 0,
): Loop {
  const { states, slices, stacked } = layout;
  const from = first + states;
  const sliceTypes = signature.ins
    .slice(from, from + slices)
    .map(({ dtype, shape }) => tensorType(dtype, shape.slice(1)));
  const summed = graph.outputs.length - states - stacked;
  const sums = signature.outs.slice(states + stacked, states + stacked + summed);
  requireDTypes(
    signature,
    sums.map(({ dtype }) => dtype),
  );
  return { body, layout, first, skipped, summed, sliceTypes };
}

/** One run of a loop. */
class LoopRun {
  /** The states after the iterations so far. */
  current: readonly Tensor[];
  private readonly arrays: readonly Tensor[];
  private readonly captured: readonly Tensor[];
  private readonly sums: readonly Float64Array[];

  constructor(
    private readonly loop: Loop,
    private readonly signature: Signature,
    ins: readonly TypedArray[],
    private readonly outs: readonly TypedArray[],
    private readonly context: RunContext,
  ) {
    const { layout, first, skipped, summed } = loop;
    const slices = first + layout.states;
    const captured = slices + layout.slices + skipped;
    const all = tensors(signature, ins);
    this.current = all.slice(first, slices);
    this.arrays = all.slice(slices, slices + layout.slices);
    this.captured = all.slice(captured);
    const sums = layout.states + layout.stacked;
    this.sums = signature.outs
      .slice(sums, sums + summed)
      .map(({ shape }) => new Float64Array(sizeOf(shape)));
    // Iterations that do not run leave zeros.
    for (const data of outs) cellsOf(data).cells.fill(0);
  }

  iterate(row: number): void {
    const { body, layout, sliceTypes, summed } = this.loop;
    const { states, stacked, history } = layout;
    const seen = sliceTypes.map((type, slice) => rowOf(at(this.arrays, slice), type, row));
    const results = body.run([...this.current, ...seen, ...this.captured], this.context);
    for (let i = 0; i < stacked; i++) {
      putRow(at(this.outs, states + i), row, at(results, states + i));
    }
    for (let i = 0; i < summed; i++) addTo(at(this.sums, i), at(results, states + stacked + i));
    if (history) {
      const first = states + stacked + summed;
      this.current.forEach((state, i) => {
        putRow(at(this.outs, first + i), row, state);
      });
    }
    this.current = results.slice(0, states);
  }

  finish(): void {
    const { states, stacked } = this.loop.layout;
    this.current.forEach(({ data }, i) => {
      cellsOf(at(this.outs, i)).cells.set(cellsOf(data).cells);
    });
    this.sums.forEach((sum, i) => {
      const out = states + stacked + i;
      store(at(this.outs, out), at(this.signature.outs, out).dtype, 0, sum, sum.length);
    });
  }
}

function rowOf({ data }: Tensor, type: TensorType, row: number): Tensor {
  const size = sizeOf(type.shape);
  return { type, data: data.subarray(row * size, (row + 1) * size) };
}

function putRow(to: TypedArray, row: number, { data }: Tensor): void {
  const { cells } = cellsOf(data);
  cellsOf(to).cells.set(cells, row * cells.length);
}

function addTo(sum: Float64Array, { type, data }: Tensor): void {
  const numbers = toDoubles(data, type.dtype);
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (numbers[i] ?? 0);
}
