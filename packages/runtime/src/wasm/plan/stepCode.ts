import { type Graph, type Kernel, sizeOf, type TensorType } from "@adjoint/graph";
import { at, type PlanContext, type Signature } from "../../kernels/prepare.js";
import { prepareKernel } from "../../kernels/prepareKernel.js";
import { type BodyMemory, compileControl, type Refusal } from "../control/compileControl.js";
import type { KernelStep } from "../fuse/index.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import { prepareWasmKernel } from "../prepareWasmKernel.js";
import type { CompiledPlan } from "./compiledPlan.js";
import { joinedKernel } from "./joinedKernel.js";
import { microsecondsOf } from "./kernelTime.js";
import type { GroupFunction } from "./planCall.js";
import type { PlanProgram, PlanStep } from "./planStep.js";
import { groupKernel, libraryKernel, noKernel, type StepKernel } from "./stepKernel.js";

/** A step as code, or why there is none. */
export type StepCode = { readonly kernel: StepKernel; readonly bodies?: BodyMemory } | Refusal;

/** What steps are made code with. */
export interface NodeContext {
  readonly libraries: KernelLibraries;
  readonly groups: Map<string, GroupFunction>;
  readonly planContext: PlanContext;
  compileBody(body: Graph): CompiledPlan;
}

export function stepCode(step: PlanStep, program: PlanProgram, context: NodeContext): StepCode {
  switch (step.kind) {
    case "kernel":
      return nodeCode(step, program, context);
    case "group":
      return { kernel: groupKernel(step.group, context.groups) };
    case "banded":
      return { kernel: joinedKernel(step, program, context) };
    default:
      return step satisfies never;
  }
}

function nodeCode(
  step: KernelStep,
  { arrays }: PlanProgram,
  { libraries, planContext, ...context }: NodeContext,
): StepCode {
  const { node, kernel } = step;
  const ins = step.ins.map(({ type }) => type);
  const outs = step.writes.map((array) => at(arrays, array).type);
  const { kind } = kernel;
  // Indices are refused by their values, even where they name empty blocks.
  if (outs.every(isEmpty) && kind !== "index" && kind !== "call") {
    prepareKernel(kernel, signatureOf(step, ins, outs), planContext);
    return { kernel: noKernel };
  }
  if (!takesEmpty(kind) && [...ins, ...outs].some(isEmpty)) return { reason: "empty arrays" };
  if (kind === "call") return compileControl(kernel, { ...context, ins, outs });
  const prepared = prepareWasmKernel(kernel, ins, outs, libraries, node);
  if (prepared === undefined) {
    const dtypes = new Set([...ins, ...outs].map(({ dtype }) => dtype));
    return { reason: `no code for a ${kind} of ${[...dtypes].join(", ")}` };
  }
  return { kernel: libraryKernel(prepared, microsecondsOf(kernel, ins, outs)) };
}

const isEmpty = ({ shape }: TensorType) => sizeOf(shape) === 0;

/** Whether functions for such kernels give results for arguments without elements. */
function takesEmpty(kind: Kernel["kind"]): boolean {
  return kind !== "window" && kind !== "linalg" && kind !== "call";
}

export function signatureOf(
  { node: { op, site } }: KernelStep,
  ins: readonly TensorType[],
  outs: readonly TensorType[],
): Signature {
  return { op, ins, outs, site };
}
