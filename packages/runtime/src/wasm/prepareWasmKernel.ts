import type { DType, Kernel, TensorType } from "@adjoint/graph";
import { at } from "../kernels/prepare.js";
import { contractLibrary } from "./contract/contractModule.js";
import { isElementType } from "./contract/element.js";
import { prepareContract } from "./contract/prepareContract.js";
import { prepareIndex } from "./index/prepareIndex.js";
import type { KernelLibraries } from "./kernelLibraries.js";
import type { PreparedKernel } from "./libraryCall.js";
import { prepareLinalg } from "./linalg/prepareLinalg.js";
import { preparePack } from "./move/preparePack.js";
import { prepareView } from "./move/prepareView.js";
import { prepareOrder } from "./order/prepareOrder.js";
import type { KernelOrigin } from "./refusals.js";
import { prepareRandom } from "./random/prepareRandom.js";
import { prepareReduce } from "./reduce/prepareReduce.js";
import { prepareWindow } from "./window/prepareWindow.js";
import { isWindowElement } from "./window/windowElement.js";
import { windowLibrary } from "./window/windowModule.js";

/**
 * A kernel for given types as calls of library functions; operands are `ins`, then `outs`.
 * Undefined where libraries have nothing for the kind or the dtypes: fused code or the interpreter
 * takes them. Functions do not throw: after a run, `libraries.checkRefusals()` throws the error of
 * values that were refused, with the op and the site of `origin`.
 *
 * @example
 * ```ts
 * const prepared = prepareWasmKernel(kernel, ins, outs, libraries);
 * if (prepared !== undefined) bindCalls(prepared)(addresses, scratch);
 * ```
 */
export function prepareWasmKernel(
  kernel: Kernel,
  ins: readonly TensorType[],
  outs: readonly TensorType[],
  libraries: KernelLibraries,
  origin: KernelOrigin = { op: kernel.kind },
): PreparedKernel | undefined {
  switch (kernel.kind) {
    case "contract": {
      const type = commonDType([...ins, ...outs]);
      if (type === undefined || !isElementType(type)) return undefined;
      return prepareContract(kernel, contractLibrary(libraries, type));
    }
    case "window": {
      // Positions of maxima are int32.
      const type = commonDType([...ins, at(outs, 0)]);
      if (type === undefined || !isWindowElement(type)) return undefined;
      return prepareWindow(kernel, ins, outs, windowLibrary(libraries, type));
    }
    case "reduce":
      return prepareReduce(kernel, at(ins, 0), at(outs, 0), libraries);
    case "view":
      return prepareView(kernel, at(outs, 0), libraries);
    case "pack":
      return preparePack(kernel, ins, at(outs, 0), libraries);
    case "index":
      return prepareIndex(kernel, ins, at(outs, 0), libraries, origin);
    case "order":
      return prepareOrder(kernel, ins, outs, libraries);
    case "random":
      return prepareRandom(kernel, ins, outs, libraries);
    case "linalg":
      return prepareLinalg(kernel, ins, outs, libraries, origin);
    case "map":
    case "call":
      return undefined;
    default:
      return kernel satisfies never;
  }
}

/** The dtype of all arrays, if they have the same. */
function commonDType([first, ...others]: readonly TensorType[]): DType | undefined {
  return others.every(({ dtype }) => dtype === first?.dtype) ? first?.dtype : undefined;
}
