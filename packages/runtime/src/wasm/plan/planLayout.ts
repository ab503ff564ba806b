import { byteLengthOf, bytesOf } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import { alignment, layOut, type Lifetime, liveBytesBound, type Slot } from "../../plan/arena.js";
import { takeOvers } from "./inPlace.js";
import { lastReads } from "./lastReads.js";
import { type Address, slots } from "./planCall.js";
import type { PlanProgram } from "./planStep.js";

/** Where the arrays of a program are during a run. */
export interface PlanLayout {
  /** One per array. */
  readonly addresses: readonly Address[];
  /** Temporaries in the arena, in order of their first step. */
  readonly temporaries: readonly Slot[];
  /** Temporaries written over another: the array whose memory each goes on in. */
  readonly inPlace: ReadonlyMap<number, number>;
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
  /** `donor`: the input whose memory it takes over. */
  | { readonly kind: "result"; readonly result: number; readonly donor?: number | undefined }
  | { readonly kind: "temporary" };

/** Gives every array a place; `inputCount` inputs have slots before the results. */
export function layOutPlan(
  program: PlanProgram,
  roles: readonly ArrayRole[],
  inputCount: number,
): PlanLayout {
  const { arrays } = program;
  const owners = takeOvers(program, (array) => at(roles, array).kind === "temporary");
  const lifetimes = lifetimesOf(program, roles, owners);
  const { slots: blocks, bytes } = layOut(lifetimes.map(({ lifetime }) => lifetime));
  const offsets = new Map(
    lifetimes.map(({ array }, position) => [array, at(blocks, position).offset]),
  );
  for (const [array, owner] of owners) offsets.set(array, offsets.get(owner) ?? 0);
  let constantBytes = 0;
  const addresses = roles.map((role, array): Address => {
    switch (role.kind) {
      case "input":
        return { slot: slots.firstInput + role.input, offset: 0 };
      case "result": {
        const position = role.donor ?? inputCount + role.result;
        return { slot: slots.firstInput + position, offset: 0 };
      }
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
    temporaries: slotsOf(program, roles, offsets),
    inPlace: owners,
    arenaBytes: bytes,
    liveBytesBound: liveBytesBound(lifetimes.map(({ lifetime }) => lifetime)),
    constantBytes,
  };
}

export function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** Blocks of memory from the step that writes one first to the last one that reads it. */
function lifetimesOf(
  { arrays, steps }: PlanProgram,
  roles: readonly ArrayRole[],
  owners: ReadonlyMap<number, number>,
): { readonly array: number; readonly lifetime: Lifetime }[] {
  const last = lastReads(steps);
  const ends = new Map<number, number>();
  for (const [array, owner] of owners) {
    ends.set(owner, Math.max(ends.get(owner) ?? 0, last.get(array) ?? 0));
  }
  return steps.flatMap((step, start) =>
    step.writes.flatMap((array) => {
      if (at(roles, array).kind !== "temporary" || owners.has(array)) return [];
      const { ref, type } = at(arrays, array);
      const end = Math.max(start, last.get(array) ?? start, ends.get(array) ?? start);
      return [{ array, lifetime: { ref, bytes: byteLengthOf(type), start, end } }];
    }),
  );
}

/** Where each temporary is; one that takes over memory begins at the step that ends another. */
function slotsOf(
  { arrays, steps }: PlanProgram,
  roles: readonly ArrayRole[],
  offsets: ReadonlyMap<number, number>,
): Slot[] {
  const last = lastReads(steps);
  return steps.flatMap((step, start) =>
    step.writes.flatMap((array) => {
      if (at(roles, array).kind !== "temporary") return [];
      const { ref, type } = at(arrays, array);
      const offset = offsets.get(array) ?? 0;
      return [{ ref, offset, bytes: byteLengthOf(type), start, end: last.get(array) ?? start }];
    }),
  );
}

/** The address of an element of an array. */
export function elementAddress(
  { addresses }: PlanLayout,
  { arrays }: PlanProgram,
  array: number,
  element: number,
): Address {
  const { dtype } = at(arrays, array).type;
  return moved(at(addresses, array), element * bytesOf(dtype));
}
