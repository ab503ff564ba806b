import type { CallArgument } from "../libraryCall.js";
import { splitSpan } from "../spans.js";
import { aligned } from "./planLayout.js";
import type { StepKernel } from "./stepKernel.js";

/** What an operand of a part is: an operand of the step, or a band that is kept in scratch memory. */
export type BandOperand =
  | { readonly operand: number }
  /** `skipped`: bytes of the whole array before the band. */
  | { readonly band: number; readonly skipped: number };

/** A kernel for one band. */
export interface BandPart {
  readonly kernel: StepKernel;
  readonly operands: readonly BandOperand[];
}

/**
 * A step whose parts take turns, band after band. `bandBytes`: of the largest band of each array that
 * is there for a band at a time. Threads take whole bands.
 */
export function bandedKernel(
  bands: readonly (readonly BandPart[])[],
  bandBytes: readonly number[],
): StepKernel {
  const kernels = bands.flatMap((parts) => parts.map(({ kernel }) => kernel));
  let scratchBytes = aligned(Math.max(0, ...kernels.map((kernel) => kernel.scratchBytes)));
  const places = bandBytes.map((bytes) => {
    const place = scratchBytes;
    scratchBytes += aligned(bytes);
    return place;
  });
  return {
    scratchBytes,
    mayRefuse: kernels.some(({ mayRefuse }) => mayRefuse),
    cost: kernels.reduce((sum, { cost }) => sum + cost, 0),
    calls: bands.flatMap((parts) => parts.flatMap((part) => callsOfPart(part, places))),
    split: (count) =>
      splitSpan(bands.length, count).map(({ from, to }) =>
        bandedKernel(bands.slice(from, to), bandBytes),
      ),
  };
}

function callsOfPart(
  { kernel, operands }: BandPart,
  places: readonly number[],
): StepKernel["calls"] {
  const placed = (argument: CallArgument): CallArgument => {
    if (typeof argument === "number" || "scratch" in argument) return argument;
    const own = operands[argument.operand];
    if (own === undefined) throw new RangeError(`no operand ${argument.operand}`);
    if ("operand" in own) return { operand: own.operand, offset: argument.offset };
    return { scratch: (places[own.band] ?? 0) + argument.offset - own.skipped };
  };
  return kernel.calls.map(({ target, args }) => ({ target, args: args.map(placed) }));
}
