import { sizeOf } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import { type Group, groupKey, nestOf, splitUnit } from "../fuse/index.js";
import type { CallArgument, PreparedKernel } from "../libraryCall.js";
import { type Span, splitSpan } from "../spans.js";
import type { CallTarget, GroupFunction } from "./planCall.js";

/** A step's code before its operands have addresses. */
export interface StepKernel {
  readonly scratchBytes: number;
  /** Whether it may refuse what it meets, so that its run ends with an error. */
  readonly mayRefuse: boolean;
  /** Estimated microseconds. */
  readonly cost: number;
  readonly calls: readonly {
    readonly target: CallTarget;
    readonly args: readonly CallArgument[];
  }[];
  /** At most `parts` kernels that may run at one time and leave the same bits together. */
  split(parts: number): readonly StepKernel[];
}

/** Of a step whose results have no elements. */
export const noKernel: StepKernel = {
  scratchBytes: 0,
  mayRefuse: false,
  cost: 0,
  calls: [],
  split: () => [noKernel],
};

/** Rough rates per microsecond: elements times operations of fused code. */
const operationsOfGroup = 4000;

export function libraryKernel(
  { scratchBytes, calls, split, mayRefuse = false }: PreparedKernel,
  cost: number,
): StepKernel {
  return {
    scratchBytes,
    mayRefuse,
    cost,
    calls: calls.map(({ target, args }) => ({ target: { kind: "library", of: target }, args })),
    split: (parts) => split(parts).map((part) => libraryKernel(part, cost / parts)),
  };
}

/**
 * A fused group; operands are what it reads, then what it writes. `known` has the functions made so
 * far: equal groups share one.
 */
export function groupKernel(group: Group, known: Map<string, GroupFunction>): StepKernel {
  const { nest, length, part } = partsOf(group, known);
  return {
    ...part({ from: 0, to: length }),
    split: (parts) =>
      nest.split === undefined
        ? [part({ from: 0, to: length })]
        : splitSpan(length, parts, splitUnit(nest)).map(part),
  };
}

/** A fused group for spans of its split axis, which end at multiples of its unit. */
export function groupParts(
  group: Group,
  known: Map<string, GroupFunction>,
  spans: readonly Span[],
): readonly StepKernel[] {
  return spans.map(partsOf(group, known).part);
}

function partsOf(group: Group, known: Map<string, GroupFunction>) {
  const key = groupKey(group);
  const of = known.get(key) ?? { key, nest: nestOf(group) };
  known.set(key, of);
  const { nest } = of;
  const target: CallTarget = { kind: "group", of };
  const length = nest.split === undefined ? 1 : at(nest.group.axes, nest.split).length;
  const operands = group.operands.map((_, operand): CallArgument => ({ operand, offset: 0 }));
  const elements = sizeOf(nest.group.axes.map((axis) => axis.length));
  const cost = (elements * (nest.cost + operands.length)) / operationsOfGroup;
  const mayRefuse = group.values.some(
    (value) => value.kind === "map" && value.refusal !== undefined,
  );
  const part = ({ from, to }: Span): StepKernel => ({
    scratchBytes: nest.scratchBytes,
    mayRefuse,
    cost: (cost * (to - from)) / length,
    calls: [{ target, args: [from, to, ...operands, { scratch: 0 }] }],
    split: () => [part({ from, to })],
  });
  return { nest, length, part };
}
