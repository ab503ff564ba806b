import { byteLengthOf, bytesOf } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import { alignment, layOut, type Lifetime, liveBytesBound, type Slot } from "../../plan/arena.js";
import type { FusedProgram, FusedStep } from "../fuse/index.js";
import { type Address, slots } from "./planCall.js";

/** Where the arrays of a program are during a run. */
export interface PlanLayout {
  /** One per array. */
  readonly addresses: readonly Address[];
  /** Temporaries in the arena, in order of their first step. */
  readonly temporaries: readonly Slot[];
  /** Bytes of the arena without scratch memory. */
  readonly arenaBytes: number;
  readonly liveBytesBound: number;
  readonly constantBytes: number;
}

/** The bytes before an array's element. */
export function moved({ slot, offset }: Address, bytes: number): Address {
  return { slot, offset: offset + bytes };
}

/** What an array is to a run. */
export type ArrayRole =
  | { readonly kind: "input"; readonly input: number }
  | { readonly kind: "constant" }
  | { readonly kind: "result"; readonly result: number }
  | { readonly kind: "temporary" };

/** Gives every array a place; `inputCount` inputs have slots before the results. */
export function layOutPlan(
  { arrays, steps }: FusedProgram,
  roles: readonly ArrayRole[],
  inputCount: number,
): PlanLayout {
  const lifetimes = lifetimesOf(arrays, steps, roles);
  const { slots: temporaries, bytes } = layOut(lifetimes.map(({ lifetime }) => lifetime));
  const offsets = new Map(
    lifetimes.map(({ array }, position) => [array, at(temporaries, position).offset]),
  );
  let constantBytes = 0;
  const addresses = roles.map((role, array): Address => {
    switch (role.kind) {
      case "input":
        return { slot: slots.firstInput + role.input, offset: 0 };
      case "result":
        return { slot: slots.firstInput + inputCount + role.result, offset: 0 };
      case "temporary":
        return { slot: slots.arena, offset: offsets.get(array) ?? 0 };
      case "constant": {
        const offset = constantBytes;
        constantBytes += aligned(byteLengthOf(at(arrays, array).type));
        return { slot: slots.constants, offset };
      }
      default:
        return role satisfies never;
    }
  });
  return {
    addresses,
    temporaries,
    arenaBytes: bytes,
    liveBytesBound: liveBytesBound(lifetimes.map(({ lifetime }) => lifetime)),
    constantBytes,
  };
}

export function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** Temporaries from the step that writes them to the last one that reads them, by first step. */
function lifetimesOf(
  arrays: FusedProgram["arrays"],
  steps: readonly FusedStep[],
  roles: readonly ArrayRole[],
): { readonly array: number; readonly lifetime: Lifetime }[] {
  const last = new Map<number, number>();
  for (const [index, step] of steps.entries()) {
    for (const array of readsOf(step)) last.set(array, index);
  }
  return steps.flatMap((step, start) =>
    step.writes.flatMap((array) => {
      if (at(roles, array).kind !== "temporary") return [];
      const { ref, type } = at(arrays, array);
      const end = last.get(array) ?? start;
      return [{ array, lifetime: { ref, bytes: byteLengthOf(type), start, end } }];
    }),
  );
}

export function readsOf(step: FusedStep): readonly number[] {
  return step.kind === "group" ? step.reads : step.ins.map(({ array }) => array);
}

/** The address of an element of an array. */
export function elementAddress(
  { addresses }: PlanLayout,
  { arrays }: FusedProgram,
  array: number,
  element: number,
): Address {
  const { dtype } = at(arrays, array).type;
  return moved(at(addresses, array), element * bytesOf(dtype));
}
