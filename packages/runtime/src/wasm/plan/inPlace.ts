import { byteLengthOf } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import type { Donation } from "../../plan/plan.js";
import { type GroupStep, nestOf } from "../fuse/index.js";
import { lastReads } from "./lastReads.js";
import type { PlanProgram, PlanStep } from "./planStep.js";

/**
 * Whether a step may write an array into the memory of one that it reads: each element is read
 * only where it is written, before that, and in no later pass. In a banded step both must be the
 * group's own that follows the product.
 */
export function canOverwrite(step: PlanStep, read: number, written: number): boolean {
  switch (step.kind) {
    case "kernel":
      return false;
    case "group":
      return groupCanOverwrite(step, read, written);
    case "banded": {
      const { before, product, after } = step;
      const others = [...(before?.reads ?? []), ...product.ins.map(({ array }) => array)];
      const isOwn = after !== undefined && !others.includes(read) && after.writes.includes(written);
      return isOwn && after.reads.includes(read) && groupCanOverwrite(after, read, written);
    }
    default:
      return step satisfies never;
  }
}

function groupCanOverwrite(step: GroupStep, read: number, written: number): boolean {
  const { group, reads, writes } = step;
  const [from, to] = [reads.indexOf(read), reads.length + writes.indexOf(written)];
  const store = group.stores.find(({ access }) => access.operand === to);
  const loads = group.values.flatMap((value) =>
    value.kind === "load" && value.access.operand === from ? [value.access] : [],
  );
  const reduces = group.values.some(({ kind }) => kind === "reduce");
  if (store === undefined || (reduces && nestOf(group).passes.length > 1)) return false;
  return loads.every(
    ({ offset, strides }) =>
      offset === 0 && strides.every((stride, axis) => stride === store.access.strides[axis]),
  );
}

/**
 * Temporaries that take over the memory of another whose last reader writes them: which array's
 * memory each one has, the first of a chain.
 */
export function takeOvers(
  { arrays, steps }: PlanProgram,
  isTemporary: (array: number) => boolean,
): Map<number, number> {
  const last = lastReads(steps);
  const owners = new Map<number, number>();
  const bytesOf = (array: number) => byteLengthOf(at(arrays, array).type);
  for (const [index, step] of steps.entries()) {
    if (step.kind === "kernel") continue;
    const ending = new Set(
      step.reads.filter((array) => isTemporary(array) && last.get(array) === index),
    );
    for (const written of step.writes.filter(isTemporary)) {
      for (const read of ending) {
        if (bytesOf(read) !== bytesOf(written) || !canOverwrite(step, read, written)) continue;
        owners.set(written, owners.get(read) ?? read);
        ending.delete(read);
        break;
      }
    }
  }
  return owners;
}

/**
 * The donations that can be used: nothing reads the argument after the result has been written, and
 * no step could throw, or refuse what it met, when it is half written.
 */
export function usableDonations(
  program: PlanProgram,
  wanted: readonly Donation[],
  inputArrays: readonly number[],
  throws: boolean,
): readonly Donation[] {
  if (throws || wanted.length === 0) return [];
  const last = lastReads(program.steps);
  const writers = new Map<number, number>();
  for (const [index, step] of program.steps.entries()) {
    for (const array of step.writes) writers.set(array, index);
  }
  const used = new Set<number>();
  return wanted.filter(({ input, output }) => {
    const [read, written] = [at(inputArrays, input), at(program.outputs, output)];
    const [lastRead, writer] = [last.get(read) ?? -1, writers.get(written) ?? -1];
    const types = [read, written].map((array) => byteLengthOf(at(program.arrays, array).type));
    if (used.has(input) || types[0] !== types[1] || lastRead > writer) return false;
    if (lastRead === writer && !canOverwrite(at(program.steps, writer), read, written))
      return false;
    used.add(input);
    return true;
  });
}
