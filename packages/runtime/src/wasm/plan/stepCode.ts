import { byteLengthOf, type Graph, type Kernel, sizeOf, type TensorType } from "@adjoint/graph";
import { kernelCost, noCost } from "../../analysis/kernelCost.js";
import { at, type PlanContext, type Signature } from "../../kernels/prepare.js";
import { prepareKernel } from "../../kernels/prepareKernel.js";
import { type BodyMemory, compileControl, type Refusal } from "../control/compileControl.js";
import type { GroupStep, KernelStep } from "../fuse/index.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import { prepareWasmKernel } from "../prepareWasmKernel.js";
import type { Span } from "../spans.js";
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

/**
 * Kernels of joined steps have code: products and windows of all types that groups calculate with.
 * Operands: arguments of the product, all of the group before it, then all of the group after it.
 */
function joinedKernel(
  step: BandedStep,
  { arrays }: PlanProgram,
  { libraries, groups }: NodeContext,
): StepKernel {
  const { before, product, after, bands } = step;
  const result = at(product.writes, 0);
  const ins = product.ins.map(({ type }) => type);
  const { type } = at(arrays, result);
  const prepared = prepareWasmKernel(product.kernel, ins, [type], libraries, product.node);
  const products = prepared?.rows?.(bands.map(({ rows }) => rows));
  if (products === undefined) throw new TypeError("joined products have rows");
  const rows = at(bands, bands.length - 1).rows.to;
  const cost = microsecondsOf(product.kernel, ins, [type]) / rows;
  const shared = [
    ...(before === undefined ? [] : [at(product.ins, 0).array]),
    ...(step.writes.includes(result) ? [] : [result]),
  ];
  const rowBytes = shared.map((array) => byteLengthOf(at(arrays, array).type) / rows);
  const height = Math.max(...bands.map((band) => band.rows.to - band.rows.from));
  const firstAfter = ins.length + operandsOf(before).length;
  const placeOf = (from: number) => (array: number, operand: number) => {
    const band = shared.indexOf(array);
    return band < 0 ? { operand } : { band, skipped: from * at(rowBytes, band) };
  };
  return bandedKernel(
    bands.map((band, index) => {
      const place = placeOf(band.rows.from);
      const groupPart = (group: GroupStep | undefined, part: Span | undefined, first: number) =>
        group === undefined || part === undefined
          ? []
          : groupParts(group.group, groups, [part]).map((kernel) => ({
              kernel,
              operands: operandsOf(group).map((array, i) => place(array, first + i)),
            }));
      // A result that is kept is an operand of the group that reads it.
      const kept = after === undefined ? -1 : firstAfter + after.reads.indexOf(result);
      const operands = product.ins.map(({ array }, i) => place(array, i));
      const { from, to } = band.rows;
      return [
        ...groupPart(before, band.before, ins.length),
        {
          kernel: libraryKernel(at(products, index), cost * (to - from)),
          operands: [...operands, place(result, after === undefined ? firstAfter : kept)],
        },
        ...groupPart(after, band.after, firstAfter),
      ];
    }),
    rowBytes.map((bytes) => bytes * height),
  );
}

/** The arrays of a group, in the order of its operands. */
function operandsOf(group: GroupStep | undefined): readonly number[] {
  return group === undefined ? [] : [...group.reads, ...group.writes];
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
