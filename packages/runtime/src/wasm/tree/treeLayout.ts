import { byteLengthOf, type TensorType } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import type { ProgramStretch } from "../../plan/programTree.js";
import type { CompiledPlan } from "../plan/compiledPlan.js";
import { type Address, slots } from "../plan/planCall.js";
import { aligned } from "../plan/planLayout.js";

/** A value that a stretch gives: where it is in the tree's arena. */
export interface TreeValue {
  readonly type: TensorType;
  readonly offset: number;
}

/** A value from outside. */
export interface TreeSource {
  readonly value: number;
  readonly type: TensorType;
}

/** Where everything is while a tree runs. The table has the arena's address first, then those of the sources. */
export interface TreeLayout {
  readonly values: ReadonlyMap<number, TreeValue>;
  readonly sources: readonly TreeSource[];
  /** In the arena, where each stretch has its constants, temporaries and scratch memory. */
  readonly constants: readonly number[];
  readonly temporaries: number;
  readonly arenaBytes: number;
}

const arenaSlot = 0;
const firstSource = 1;

/** Gives all values places; those of stretches that never run together share memory. */
export function layOutTree(
  stretches: readonly ProgramStretch[],
  plans: readonly (CompiledPlan | undefined)[],
): TreeLayout {
  const values = new Map<number, TreeValue>();
  let end = 0;
  const place = (position: number, from: number): void => {
    const { outputs, fork } = at(stretches, position);
    const results = plans[position]?.program.results ?? [];
    let offset = from;
    for (const [result, value] of outputs.entries()) {
      const { type } = at(results, result);
      values.set(value, { type, offset });
      offset += aligned(byteLengthOf(type));
    }
    end = Math.max(end, offset);
    for (const next of [fork?.whenTrue ?? -1, fork?.whenFalse ?? -1]) {
      if (next >= 0) place(next, offset);
    }
  };
  place(0, 0);
  const constants = plans.map((plan) => {
    const offset = end;
    end += aligned(plan?.constantBytes ?? 0);
    return offset;
  });
  const temporaryBytes = plans.map((plan) => (plan === undefined ? 0 : temporaryBytesOf(plan)));
  return {
    values,
    sources: sourcesOf(stretches, values),
    constants,
    temporaries: end,
    arenaBytes: end + Math.max(0, ...temporaryBytes),
  };
}

/** Temporaries, then scratch memory. */
function temporaryBytesOf({ layout, scratchBytes }: CompiledPlan): number {
  return aligned(layout.arenaBytes) + aligned(scratchBytes);
}

function sourcesOf(
  stretches: readonly ProgramStretch[],
  values: TreeLayout["values"],
): readonly TreeSource[] {
  const found = new Map<number, TensorType>();
  for (const { graph, inputs, fork } of stretches) {
    const types = graph?.inputs.filter(({ role }) => role !== "const") ?? [];
    for (const [input, value] of inputs.entries()) {
      if (!values.has(value)) found.set(value, at(types, input).type);
    }
    if (fork !== undefined && !values.has(fork.value)) found.set(fork.value, fork.type);
  }
  return [...found].map(([value, type]) => ({ value, type }));
}

/** Where a value is. */
export function addressIn({ values, sources }: TreeLayout, value: number): Address {
  const known = values.get(value);
  if (known !== undefined) return { slot: arenaSlot, offset: known.offset };
  const source = sources.findIndex((one) => one.value === value);
  return { slot: firstSource + source, offset: 0 };
}

/** An address of a stretch's plan on its own, as one of the tree. */
export function addressOf(
  layout: TreeLayout,
  stretches: readonly ProgramStretch[],
  position: number,
  { slot, offset }: Address,
): Address {
  if (slot === slots.arena) return { slot: arenaSlot, offset: layout.temporaries + offset };
  if (slot === slots.constants) {
    return { slot: arenaSlot, offset: at(layout.constants, position) + offset };
  }
  const { inputs, outputs } = at(stretches, position);
  const place = addressIn(layout, at([...inputs, ...outputs], slot - slots.firstInput));
  return { slot: place.slot, offset: place.offset + offset };
}
