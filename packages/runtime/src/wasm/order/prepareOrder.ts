import type { OrderKernel, TensorType } from "@adjoint/graph";
import { linesOf } from "../../kernels/lines.js";
import { at } from "../../kernels/prepare.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import { callOf, type LibraryCall, operandAt, type PreparedKernel } from "../libraryCall.js";
import { type Span, splitSpan } from "../spans.js";
import { scanLibrary } from "./scanLibrary.js";
import { sortLibrary, sortScratchBytes } from "./sortLibrary.js";

/**
 * Sorting and scanning along an axis, cut between lines. Operands: the array, then values and
 * positions, or the result. Undefined for dtypes of results that the library doesn't write.
 */
export function prepareOrder(
  kernel: OrderKernel,
  ins: readonly TensorType[],
  outs: readonly TensorType[],
  libraries: KernelLibraries,
): PreparedKernel | undefined {
  const [type, out] = [at(ins, 0), at(outs, 0)];
  const { count, length, inner } = linesOf(type, kernel.axis);
  const whole = { from: 0, to: count };
  const common = { from: operandAt(0), length, inner };
  switch (kernel.form) {
    case "sort": {
      if (outs[1]?.dtype !== "int32") return undefined;
      const { sort } = sortLibrary(libraries, type.dtype);
      const [values, positions] = [operandAt(1), operandAt(2)];
      const ascending = kernel.ascending ? 1 : 0;
      const args = { ...common, values, positions, ascending, scratch: { scratch: 0 } };
      return overLines(whole, sortScratchBytes(length), ({ from, to }) =>
        callOf(sort, { ...args, first: from, lines: to - from }),
      );
    }
    case "scan": {
      const library = scanLibrary(libraries, kernel.monoid, type.dtype, out.dtype);
      if (library === undefined) return undefined;
      const args = { ...common, to: operandAt(1), reverse: kernel.reverse ? 1 : 0 };
      return overLines(whole, 0, ({ from, to }) =>
        callOf(library[kernel.monoid], { ...args, first: from, lines: to - from }),
      );
    }
    default:
      return kernel satisfies never;
  }
}

function overLines(
  lines: Span,
  scratchBytes: number,
  callFor: (lines: Span) => LibraryCall,
): PreparedKernel {
  return {
    calls: [callFor(lines)],
    scratchBytes,
    split: (parts) =>
      splitSpan(lines.to - lines.from, parts).map(({ from, to }) =>
        overLines({ from: lines.from + from, to: lines.from + to }, scratchBytes, callFor),
      ),
  };
}
