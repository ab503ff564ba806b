import type { CallArgument } from "../libraryCall.js";
import { splitSpan } from "../spans.js";
import { aligned } from "./planLayout.js";
import type { StepKernel } from "./stepKernel.js";

/** One band: rows of the product, and the part of the group that reads them. */
export interface BandKernels {
  readonly product: StepKernel;
  readonly part: StepKernel;
  /** Bytes of the product's result before the band, and in it. */
  readonly before: number;
  readonly bytes: number;
}

/** Where the product's result is among the operands of the product and of the group. */
export interface SharedOperand {
  readonly written: number;
  readonly read: number;
  /** Whether it is an array; else there is one band of it, in scratch memory. */
  readonly isKept: boolean;
}

/**
 * A step that alternates between bands of a product and parts of a group. Operands are the
 * arguments of the product, then all operands of the group. Threads take whole bands.
 */
export function bandedKernel(bands: readonly BandKernels[], shared: SharedOperand): StepKernel {
  const kernels = bands.flatMap(({ product, part }) => [product, part]);
  const place = aligned(Math.max(0, ...kernels.map(({ scratchBytes }) => scratchBytes)));
  const bandBytes = shared.isKept ? 0 : Math.max(0, ...bands.map(({ bytes }) => bytes));
  return {
    scratchBytes: place + bandBytes,
    mayRefuse: kernels.some(({ mayRefuse }) => mayRefuse),
    cost: kernels.reduce((sum, { cost }) => sum + cost, 0),
    calls: bands.flatMap((band) => callsOfBand(band, shared, place)),
    split: (count) =>
      splitSpan(bands.length, count).map(({ from, to }) =>
        bandedKernel(bands.slice(from, to), shared),
      ),
  };
}

function callsOfBand(
  { product, part, before }: BandKernels,
  { written, read, isKept }: SharedOperand,
  place: number,
): StepKernel["calls"] {
  const inScratch = (offset: number) => ({ scratch: place + offset - before });
  const result = (offset: number): CallArgument =>
    isKept ? { operand: written + read, offset } : inScratch(offset);
  const ofProduct = (argument: CallArgument): CallArgument => {
    if (typeof argument === "number" || "scratch" in argument) return argument;
    return argument.operand === written ? result(argument.offset) : argument;
  };
  const ofGroup = (argument: CallArgument): CallArgument => {
    if (typeof argument === "number" || "scratch" in argument) return argument;
    const { operand, offset } = argument;
    return operand === read ? result(offset) : { operand: written + operand, offset };
  };
  return [
    ...product.calls.map(({ target, args }) => ({ target, args: args.map(ofProduct) })),
    ...part.calls.map(({ target, args }) => ({ target, args: args.map(ofGroup) })),
  ];
}
