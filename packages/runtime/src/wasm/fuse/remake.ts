import { byteLengthOf } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import { exprCost } from "./expressions.js";
import type { FusedProgram, FusedStep, GroupStep } from "./fusedProgram.js";
import { type Access, type Group, type GroupValue, operandsOfValue } from "./group.js";

/** Smaller arrays stay in the nearest caches. */
const leastBytes = 1 << 16;
/** What is cheaper to compute again than to write and read. */
const cheapAgain = 6;

/**
 * Leaves out arrays between groups that are cheaper to compute again: maps of few operations on
 * arrays that every group which reads them reads anyway, at the same places. They are neither written
 * nor read, and the memory is free.
 */
export function remake(program: FusedProgram): FusedProgram {
  const steps = [...program.steps];
  const readers = readersOf(steps);
  for (const [index, { kind, writes }] of program.steps.entries()) {
    if (kind !== "group") continue;
    for (const array of writes) {
      const isLarge = byteLengthOf(at(program.arrays, array).type) >= leastBytes;
      if (isLarge && !program.outputs.includes(array)) {
        leaveOut(steps, index, array, readers.get(array) ?? []);
      }
    }
  }
  return { ...program, steps };
}

function readersOf(steps: readonly FusedStep[]): Map<number, number[]> {
  const readers = new Map<number, number[]>();
  for (const [index, step] of steps.entries()) {
    const reads = step.kind === "group" ? step.reads : step.ins.map(({ array }) => array);
    for (const array of new Set(reads)) {
      readers.set(array, [...(readers.get(array) ?? []), index]);
    }
  }
  return readers;
}

function leaveOut(
  steps: FusedStep[],
  writer: number,
  array: number,
  readers: readonly number[],
): void {
  const step = steps[writer];
  if (step?.kind !== "group" || readers.length === 0) return;
  const recipe = recipeOf(step, array);
  if (recipe === undefined) return;
  const without: [number, GroupStep][] = [];
  for (const index of readers) {
    const reader = steps[index];
    const next = reader?.kind === "group" ? withRecipe(reader, array, recipe) : undefined;
    if (next === undefined) return;
    without.push([index, next]);
  }
  for (const [index, next] of without) steps[index] = next;
  steps[writer] = withoutStore(step, array);
}

/** How an element of an array is computed from elements at the same places of others. */
type Recipe =
  | { readonly kind: "array"; readonly array: number }
  | {
      readonly kind: "map";
      readonly value: GroupValue & { kind: "map" };
      readonly ins: readonly Recipe[];
    };

/** Undefined where an array is no cheap map of arrays that its group reads or writes. */
function recipeOf({ group, reads, writes }: GroupStep, array: number): Recipe | undefined {
  const arrays = [...reads, ...writes];
  const own = group.stores.find(({ access }) => arrays[access.operand] === array);
  if (own === undefined) return undefined;
  const isSamePlace = ({ offset, strides }: Access) =>
    offset === own.access.offset && strides.every((stride, i) => stride === own.access.strides[i]);
  let cost = 0;
  const of = (id: number): Recipe | undefined => {
    const value = at(group.values, id);
    const store = group.stores.find((one) => one.value === id && one !== own);
    if (store !== undefined && isSamePlace(store.access)) {
      return { kind: "array", array: at(arrays, store.access.operand) };
    }
    if (value.kind === "load") {
      const { access } = value;
      return isSamePlace(access) ? { kind: "array", array: at(arrays, access.operand) } : undefined;
    }
    if (value.kind !== "map" || value.refusal !== undefined) return undefined;
    cost += exprCost(value.expr);
    if (cost > cheapAgain) return undefined;
    const ins = value.ins.map(of);
    const known = ins.flatMap((one) => (one === undefined ? [] : [one]));
    return known.length === ins.length ? { kind: "map", value, ins: known } : undefined;
  };
  return of(own.value);
}

/** A group that computes an array's elements itself; undefined where it lacks what they need. */
function withRecipe(step: GroupStep, array: number, recipe: Recipe): GroupStep | undefined {
  const { group, reads } = step;
  const values: GroupValue[] = [];
  const numbers = new Map<number, number>();
  let lacks = false;
  const push = (value: GroupValue) => values.push(value) - 1;
  const make = (one: Recipe, access: Access): number => {
    if (one.kind === "map") {
      const ins = one.ins.map((of) => make(of, access));
      return push({ ...one.value, ins });
    }
    const id = group.values.findIndex(
      (value) =>
        value.kind === "load" &&
        reads[value.access.operand] === one.array &&
        value.access.offset === access.offset &&
        value.access.strides.every((stride, i) => stride === access.strides[i]),
    );
    lacks ||= id < 0;
    return id < 0 ? 0 : take(id);
  };
  const take = (id: number): number => {
    const known = numbers.get(id);
    if (known !== undefined) return known;
    const value = at(group.values, id);
    const isRemade = value.kind === "load" && reads[value.access.operand] === array;
    const number = isRemade ? make(recipe, value.access) : push(moved(value, take));
    numbers.set(id, number);
    return number;
  };
  for (const id of group.values.keys()) take(id);
  if (lacks) return undefined;
  const stores = group.stores.map(({ value, access }) => ({ value: take(value), access }));
  const operand = reads.indexOf(array);
  return {
    ...step,
    group: withoutOperand({ ...group, values, stores }, operand),
    reads: reads.filter((one) => one !== array),
  };
}

function moved(value: GroupValue, take: (id: number) => number): GroupValue {
  for (const id of operandsOfValue(value)) take(id);
  switch (value.kind) {
    case "load":
    case "coordinate":
      return value;
    case "map":
      return { ...value, ins: value.ins.map(take) };
    case "reduce":
      return { ...value, x: take(value.x) };
    default:
      return value satisfies never;
  }
}

function withoutStore(step: GroupStep, array: number): GroupStep {
  const { group, reads, writes } = step;
  const operand = reads.length + writes.indexOf(array);
  const stores = group.stores.filter(({ access }) => access.operand !== operand);
  return {
    ...step,
    group: withoutOperand({ ...group, stores }, operand),
    writes: writes.filter((one) => one !== array),
  };
}

/** The group without an operand that nothing uses any more. */
function withoutOperand(group: Group, operand: number): Group {
  const move = (access: Access): Access =>
    access.operand > operand ? { ...access, operand: access.operand - 1 } : access;
  return {
    ...group,
    operands: group.operands.filter((_, position) => position !== operand),
    values: group.values.map((value) =>
      value.kind === "load" ? { ...value, access: move(value.access) } : value,
    ),
    stores: group.stores.map(({ value, access }) => ({ value, access: move(access) })),
  };
}
