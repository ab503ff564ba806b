import type { TensorType, WindowKernel } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import type { PreparedKernel } from "../libraryCall.js";
import { convolutionSizes } from "./convolutionSizes.js";
import { prepareConvolveWeight } from "./prepareConvolveWeight.js";
import { prepareConvolve, prepareConvolveData } from "./prepareImageProduct.js";
import { preparePooling } from "./preparePooling.js";
import type { WindowLibrary } from "./windowModule.js";

/**
 * Convolution or pooling for given types, with the functions of `library`. Operands: `ins`, then
 * `outs`.
 *
 * @example
 * ```ts
 * const run = bindCalls(prepareWindow(kernel, [data], [maxima, positions], library));
 * run([dataAddress, maximaAddress, positionsAddress], scratchAddress);
 * ```
 */
export function prepareWindow(
  kernel: WindowKernel,
  ins: readonly TensorType[],
  outs: readonly TensorType[],
  library: WindowLibrary,
): PreparedKernel {
  const [first, out] = [at(ins, 0), at(outs, 0)];
  switch (kernel.form) {
    case "convolve":
      return prepareConvolve(convolutionSizes(kernel, first, out), library);
    case "convolveData":
      return prepareConvolveData(convolutionSizes(kernel, out, first), library);
    case "convolveWeight":
      return prepareConvolveWeight(convolutionSizes(kernel, first, at(ins, 1)), library);
    case "poolSumAdjoint":
      return preparePooling(kernel, kernel.form, out, first, library);
    case "poolSum":
    case "poolMax":
      return preparePooling(kernel, kernel.form, first, out, library);
    default:
      return kernel.form satisfies never;
  }
}
