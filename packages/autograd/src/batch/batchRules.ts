import type { Kernel, KernelKind, Value } from "@adjoint/graph";
import {
  axesRule,
  axisRule,
  leadingRule,
  mapRule,
  packRule,
  randomRule,
  viewRule,
} from "./axisRules.js";
import type { BatchedCall } from "./batchedCall.js";
import { compositeRule } from "./compositeRules.js";
import { controlRule } from "./controlRules.js";
import { indexRule } from "./indexRules.js";
import { contractRule } from "./productRules.js";
import { windowRule } from "./windowRules.js";

type KernelOf<K extends KernelKind> = Extract<Kernel, { readonly kind: K }>;

/** One rule per kind of kernel; rules of kinds whose operators differ in their attributes go by form or name. */
const rules: {
  readonly [K in KernelKind]: (call: BatchedCall, kernel: KernelOf<K>) => readonly Value[];
} = {
  map: mapRule,
  reduce: axesRule,
  contract: contractRule,
  window: windowRule,
  view: viewRule,
  pack: packRule,
  index: indexRule,
  order: axisRule,
  linalg: leadingRule,
  random: randomRule,
  call: controlRule,
};

/**
 * Applies an operator to a batch; undefined for a composite that has no rule of its own, and so is mapped part by part.
 *
 * @throws GraphError naming an operator that can't be mapped
 */
export function batched(call: BatchedCall): readonly Value[] | undefined {
  const { op, types, attrs, outs } = call;
  if (op.kernel === undefined) return compositeRule(call);
  return byKind(call, op.kernel(types, attrs, outs));
}

function byKind(call: BatchedCall, kernel: Kernel): readonly Value[] {
  switch (kernel.kind) {
    case "map":
      return rules.map(call, kernel);
    case "reduce":
      return rules.reduce(call, kernel);
    case "contract":
      return rules.contract(call, kernel);
    case "window":
      return rules.window(call, kernel);
    case "view":
      return rules.view(call, kernel);
    case "pack":
      return rules.pack(call, kernel);
    case "index":
      return rules.index(call, kernel);
    case "order":
      return rules.order(call, kernel);
    case "linalg":
      return rules.linalg(call, kernel);
    case "random":
      return rules.random(call, kernel);
    case "call":
      return rules.call(call, kernel);
    default:
      return kernel satisfies never;
  }
}
