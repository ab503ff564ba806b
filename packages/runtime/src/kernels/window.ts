import type { WindowKernel } from "@adjoint/graph";
import { convolution, convolutionData, convolutionWeight } from "./convolution.js";
import { poolMax, poolSum, poolSumAdjoint } from "./pooling.js";
import type { Execute, Signature } from "./prepare.js";

/** Convolution and pooling over one, two or three spatial axes, accumulated in double precision. */
export function prepareWindow(kernel: WindowKernel, signature: Signature): Execute {
  switch (kernel.form) {
    case "convolve":
      return convolution(kernel, signature);
    case "convolveData":
      return convolutionData(kernel, signature);
    case "convolveWeight":
      return convolutionWeight(kernel, signature);
    case "poolSum":
      return poolSum(kernel, signature);
    case "poolSumAdjoint":
      return poolSumAdjoint(kernel, signature);
    case "poolMax":
      return poolMax(kernel, signature);
    default:
      return kernel.form satisfies never;
  }
}
