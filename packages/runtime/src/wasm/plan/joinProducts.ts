import { sizeOf } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import type { FusedProgram, GroupStep, KernelStep } from "../fuse/index.js";
import { bandsOf, mayTakeTurns } from "./bands.js";
import { readsOf } from "./lastReads.js";
import type { Band, BandedStep, PlanProgram, PlanStep } from "./planStep.js";
import { productShape } from "./productShape.js";

/** A group, and the step at which it is. */
interface PlacedGroup {
  readonly step: GroupStep;
  readonly index: number;
}

/**
 * Joins products and convolutions with groups around them, where a band of a large array is better
 * used while it is in the cache. What reads the result first follows it: biases, activations and
 * softmax, residuals, and masks of gradients. What computes the first argument precedes it, where
 * nothing else reads that: normalisation, casts, scales and masks. An argument or result that nothing
 * else reads is never there in full.
 */
export function joinProducts(program: FusedProgram): PlanProgram {
  const steps: (PlanStep | undefined)[] = [...program.steps];
  for (const [index, product] of program.steps.entries()) {
    if (product.kind !== "kernel") continue;
    const shape = productShape(product, at(program.arrays, at(product.writes, 0)).type);
    if (shape === undefined || !mayTakeTurns(shape)) continue;
    const after = groupAfter(program, steps, index);
    const before = groupBefore(program, steps, index, after?.index ?? index);
    const alone = before && groupBefore(program, steps, index, index);
    for (const [one, other] of [
      [before, after],
      [undefined, after],
      [alone, undefined],
    ] as const) {
      if (one === undefined && other === undefined) continue;
      const bands = bandsOf(shape, {
        before: one && { group: one.step.group, operand: writtenBy(one.step, product) },
        after: other && { group: other.step.group, operand: readBy(other.step, product) },
      });
      if (bands === undefined) continue;
      steps[index] = undefined;
      if (one !== undefined) steps[one.index] = undefined;
      steps[other?.index ?? index] = bandedStep(program, product, bands, one?.step, other?.step);
      break;
    }
  }
  return { ...program, steps: steps.filter((step) => step !== undefined) };
}

/** Which operand of a group a product's result is. */
export function readBy({ reads }: GroupStep, { writes }: KernelStep): number {
  return reads.indexOf(at(writes, 0));
}

/** Which operand of a group a product's first argument is. */
export function writtenBy({ reads, writes }: GroupStep, { ins }: KernelStep): number {
  return reads.length + writes.indexOf(at(ins, 0).array);
}

/** The first reader of a product's result, if it is a group. */
function groupAfter(
  program: FusedProgram,
  steps: readonly (PlanStep | undefined)[],
  index: number,
): PlacedGroup | undefined {
  const result = at(at(program.steps, index).writes, 0);
  const later = program.steps.findIndex(
    (one, position) => position > index && readsOf(one).includes(result),
  );
  const step = steps[later];
  return step?.kind === "group" ? { step, index: later } : undefined;
}

/**
 * The group that computes a product's first argument, if that is read by nothing else, and if nothing
 * reads what else the group computes before it would run, at step `until`.
 */
function groupBefore(
  { steps: all, arrays, outputs }: FusedProgram,
  steps: readonly (PlanStep | undefined)[],
  index: number,
  until: number,
): PlacedGroup | undefined {
  const product = at(all, index);
  if (product.kind !== "kernel") return undefined;
  const { array, offset, type } = at(product.ins, 0);
  const earlier = all.findIndex(({ writes }) => writes.includes(array));
  const step = steps[earlier];
  const isWhole = offset === 0 && sizeOf(type.shape) === sizeOf(at(arrays, array).type.shape);
  if (step?.kind !== "group" || !isWhole || outputs.includes(array)) return undefined;
  const others = all.filter((one) => one !== product && readsOf(one).includes(array));
  if (others.length > 0 || product.ins.filter((one) => one.array === array).length > 1) {
    return undefined;
  }
  const needed = all.some(
    (one, position) =>
      position <= until &&
      one !== product &&
      readsOf(one).some((read) => step.writes.includes(read)),
  );
  return needed ? undefined : { step, index: earlier };
}

function bandedStep(
  { steps, outputs }: FusedProgram,
  product: KernelStep,
  bands: readonly Band[],
  before: GroupStep | undefined,
  after: GroupStep | undefined,
): BandedStep {
  const result = at(product.writes, 0);
  const argument = before && at(product.ins, 0).array;
  const others = steps.some((one) => one !== after && readsOf(one).includes(result));
  const isKept = after === undefined || others || outputs.includes(result);
  const reads = [
    ...(before?.reads ?? []),
    ...product.ins.map(({ array }) => array).filter((array) => array !== argument),
    ...(after?.reads ?? []).filter((array) => array !== result),
  ];
  return {
    kind: "banded",
    nodes: [...(before?.nodes ?? []), product.node.id, ...(after?.nodes ?? [])],
    before,
    product,
    after,
    bands,
    reads: [...new Set(reads)],
    writes: [
      ...(before?.writes ?? []).filter((array) => array !== argument),
      ...(isKept ? [result] : []),
      ...(after?.writes ?? []),
    ],
  };
}
