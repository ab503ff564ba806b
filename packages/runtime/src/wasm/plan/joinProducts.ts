import { at } from "../../kernels/prepare.js";
import { isElementType } from "../contract/element.js";
import type { FusedProgram, GroupStep, KernelStep } from "../fuse/index.js";
import { bandsOf } from "./bands.js";
import { readsOf } from "./lastReads.js";
import type { BandedStep, PlanProgram, PlanStep } from "./planStep.js";

/**
 * Joins products with the groups that read their results first, where a band of the result is
 * better used while it is in the cache: biases, activations and softmax, and masks of gradients. The
 * product moves to the group, and where nothing else reads its result, that is never there in full.
 */
export function joinProducts(program: FusedProgram): PlanProgram {
  const steps: (PlanStep | undefined)[] = [...program.steps];
  for (const [index, step] of program.steps.entries()) {
    if (step.kind !== "kernel" || step.kernel.kind !== "contract") continue;
    const result = at(step.writes, 0);
    const { dtype } = at(program.arrays, result).type;
    if (!isElementType(dtype) || step.ins.some(({ type }) => type.dtype !== dtype)) continue;
    const later = program.steps.findIndex(
      (one, position) => position > index && readsOf(one).includes(result),
    );
    const group = steps[later];
    if (group?.kind !== "group") continue;
    const bands = bandsOf(step.kernel, group.group, group.reads.indexOf(result));
    if (bands === undefined) continue;
    const others = program.steps.some(
      (one, position) => position !== later && readsOf(one).includes(result),
    );
    const isKept = others || program.outputs.includes(result);
    steps[later] = bandedStep(step, group, bands, isKept);
    steps[index] = undefined;
  }
  return { ...program, steps: steps.filter((step) => step !== undefined) };
}

function bandedStep(
  product: KernelStep,
  group: GroupStep,
  bands: BandedStep["bands"],
  isKept: boolean,
): BandedStep {
  const result = at(product.writes, 0);
  const others = group.reads.filter((array) => array !== result);
  return {
    kind: "banded",
    nodes: [product.node.id, ...group.nodes],
    product,
    group,
    bands,
    reads: [...product.ins.map(({ array }) => array), ...others],
    writes: isKept ? [result, ...group.writes] : group.writes,
  };
}
