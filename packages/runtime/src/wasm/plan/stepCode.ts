import { byteLengthOf, type Graph, type Kernel, sizeOf, type TensorType } from "@adjoint/graph";
import { kernelCost, noCost } from "../../analysis/kernelCost.js";
import { at, type PlanContext, type Signature } from "../../kernels/prepare.js";
import { prepareKernel } from "../../kernels/prepareKernel.js";
import { type BodyMemory, compileControl, type Refusal } from "../control/compileControl.js";
import type { KernelStep } from "../fuse/index.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import { prepareWasmKernel } from "../prepareWasmKernel.js";
import { bandedKernel } from "./bandedKernel.js";
import type { CompiledPlan } from "./compiledPlan.js";
import type { GroupFunction } from "./planCall.js";
import type { BandedStep, PlanProgram, PlanStep } from "./planStep.js";
import { groupKernel, groupParts, libraryKernel, noKernel, type StepKernel } from "./stepKernel.js";

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

/** Kernels of joined steps have code: products of all types that groups calculate with. */
function joinedKernel(
  step: BandedStep,
  { arrays }: PlanProgram,
  { libraries, groups }: NodeContext,
): StepKernel {
  const { product, group, bands } = step;
  const result = at(product.writes, 0);
  const ins = product.ins.map(({ type }) => type);
  const { type } = at(arrays, result);
  const prepared = prepareWasmKernel(product.kernel, ins, [type], libraries, product.node);
  const products = prepared?.rows?.(bands.map(({ rows }) => rows));
  if (products === undefined) throw new TypeError("joined products have rows");
  const cost = microsecondsOf(product.kernel, ins, [type]) / bands.length;
  const parts = groupParts(
    group.group,
    groups,
    bands.map(({ part }) => part),
  );
  const rowBytes = byteLengthOf(type) / at(bands, bands.length - 1).rows.to;
  return bandedKernel(
    bands.map(({ rows: { from, to } }, band) => ({
      product: libraryKernel(at(products, band), cost),
      part: at(parts, band),
      before: from * rowBytes,
      bytes: (to - from) * rowBytes,
    })),
    {
      written: ins.length,
      read: group.reads.indexOf(result),
      isKept: step.writes.includes(result),
    },
  );
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

/** Rough rates of generated code per microsecond. */
const flopsOfProduct = 40_000;
const bytesMoved = 8000;

function microsecondsOf(
  kernel: Kernel,
  ins: readonly TensorType[],
  outs: readonly TensorType[],
): number {
  const { flops, bytes } = kernelCost(kernel, { ins, outs }, () => noCost);
  return flops / flopsOfProduct + bytes / bytesMoved;
}
