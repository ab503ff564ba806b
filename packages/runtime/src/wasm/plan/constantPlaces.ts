import type { Graph } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import type { BodyMemory } from "../control/compileControl.js";
import type { PlacedConstant } from "./compiledPlan.js";
import { type Address, slots } from "./planCall.js";
import { type ArrayRole, aligned, type PlanLayout } from "./planLayout.js";

/** Where constants lie: those of a graph, then those of the bodies of its steps. */
export class ConstantPlaces {
  readonly placed: PlacedConstant[] = [];
  bytes: number;

  constructor(graph: Graph, roles: readonly ArrayRole[], { addresses, constantBytes }: PlanLayout) {
    this.bytes = constantBytes;
    for (const [array, { constant }] of graph.inputs.entries()) {
      const table = constant === undefined ? undefined : graph.constants[constant];
      if (table === undefined || at(roles, array).kind !== "constant") continue;
      this.placed.push({ offset: at(addresses, array).offset, constant: table });
    }
  }

  /** Gives the constants of a step's bodies a place, and says where they begin. */
  add({ constants, constantBytes }: BodyMemory): Address {
    const first = this.bytes;
    for (const { offset, constant } of constants) {
      this.placed.push({ offset: first + offset, constant });
    }
    this.bytes += aligned(constantBytes);
    return { slot: slots.constants, offset: first };
  }
}
