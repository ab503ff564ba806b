import { byteLengthOf } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import type { GroupStep } from "../fuse/index.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import { prepareWasmKernel } from "../prepareWasmKernel.js";
import type { Span } from "../spans.js";
import { type BandOperand, type BandPart, bandedKernel } from "./bandedKernel.js";
import { microsecondsOf } from "./kernelTime.js";
import type { GroupFunction } from "./planCall.js";
import type { BandedStep, PlanProgram } from "./planStep.js";
import { groupParts, libraryKernel, type StepKernel } from "./stepKernel.js";

interface BandContext {
  readonly libraries: KernelLibraries;
  /** Functions of fused groups made so far, by key. */
  readonly groups: Map<string, GroupFunction>;
}

/** Where the parts of one band find an array that is operand `operand` of the step. */
type PlaceOf = (array: number, operand: number) => BandOperand;

/**
 * The kernel of a step in bands. Operands: arguments of the product, all of the group before it, then
 * all of the group after it, or the product's result.
 */
export function joinedKernel(
  step: BandedStep,
  program: PlanProgram,
  context: BandContext,
): StepKernel {
  const { before, product, after, bands } = step;
  const { arrays } = program;
  const rows = at(bands, bands.length - 1).rows.to;
  const shared = arraysInBands(step);
  const rowBytes = shared.map((array) => byteLengthOf(at(arrays, array).type) / rows);
  const products = productKernels(step, program, context);
  const firstAfter = product.ins.length + operandsOf(before).length;
  const parts = bands.map((band, index): BandPart[] => {
    const place: PlaceOf = (array, operand) => {
      const own = shared.indexOf(array);
      return own < 0 ? { operand } : { band: own, skipped: band.rows.from * at(rowBytes, own) };
    };
    return [
      ...groupPart(before, band.before, product.ins.length, place, context),
      { kernel: at(products, index), operands: productOperands(step, firstAfter, place) },
      ...groupPart(after, band.after, firstAfter, place, context),
    ];
  });
  const height = Math.max(...bands.map((band) => band.rows.to - band.rows.from));
  return bandedKernel(
    parts,
    rowBytes.map((bytes) => bytes * height),
  );
}

/** Arrays that are there for a band at a time. */
function arraysInBands({ before, product, writes }: BandedStep): readonly number[] {
  const result = at(product.writes, 0);
  return [
    ...(before === undefined ? [] : [at(product.ins, 0).array]),
    ...(writes.includes(result) ? [] : [result]),
  ];
}

/** Kernels of joined steps have code: products and windows of all types that groups calculate with. */
function productKernels(
  { product, bands }: BandedStep,
  { arrays }: PlanProgram,
  { libraries }: BandContext,
): readonly StepKernel[] {
  const ins = product.ins.map(({ type }) => type);
  const { type } = at(arrays, at(product.writes, 0));
  const spans = bands.map(({ rows }) => rows);
  const whole = prepareWasmKernel(product.kernel, ins, [type], libraries, product.node);
  const kernels = whole?.rows?.(spans);
  if (kernels === undefined) throw new TypeError("joined products have rows");
  const cost = microsecondsOf(product.kernel, ins, [type]) / at(spans, spans.length - 1).to;
  return kernels.map((kernel, index) => {
    const { from, to } = at(spans, index);
    return libraryKernel(kernel, cost * (to - from));
  });
}

function productOperands(
  { product, after }: BandedStep,
  firstAfter: number,
  place: PlaceOf,
): readonly BandOperand[] {
  const result = at(product.writes, 0);
  // A result that is kept is an operand of the group that reads it.
  const position = after === undefined ? 0 : after.reads.indexOf(result);
  const ins = product.ins.map(({ array }, operand) => place(array, operand));
  return [...ins, place(result, firstAfter + position)];
}

function groupPart(
  group: GroupStep | undefined,
  part: Span | undefined,
  first: number,
  place: PlaceOf,
  { groups }: BandContext,
): readonly BandPart[] {
  if (group === undefined || part === undefined) return [];
  const operands = operandsOf(group).map((array, operand) => place(array, first + operand));
  return groupParts(group.group, groups, [part]).map((kernel) => ({ kernel, operands }));
}

/** The arrays of a group, in the order of its operands. */
function operandsOf(group: GroupStep | undefined): readonly number[] {
  return group === undefined ? [] : [...group.reads, ...group.writes];
}
