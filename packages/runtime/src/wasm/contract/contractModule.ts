import type { KernelLibraries } from "../kernelLibraries.js";
import type { Functions, LibraryDefinition } from "../library/definition.js";
import { addDots, dotsParameters } from "./dots.js";
import { type ElementType, elementCodes } from "./element.js";
import { addGemm, batchGemmParameters, gemmParameters } from "./gemm.js";
import { type KernelShape, kernelShape } from "./kernelShape.js";
import { addPackers, packParameters } from "./packPanels.js";
import type { Target } from "./tile.js";

/** Products of matrices; all addresses and strides in bytes. */
export const contractFunctions = {
  gemm: gemmParameters,
  batchGemm: batchGemmParameters,
  dots: dotsParameters,
  packLeft: packParameters,
} as const;

/** Functions for products of one type of element on one memory. */
export interface ContractLibrary extends Target {
  readonly functions: Functions<typeof contractFunctions>;
}

/** The products of a runtime for one type of element. */
export function contractLibrary(libraries: KernelLibraries, type: ElementType): ContractLibrary {
  const shape = kernelShape(libraries.host.engine);
  const functions = libraries.load(contractDefinition(type, shape));
  return { element: elementCodes[type], shape, functions };
}

function contractDefinition(
  type: ElementType,
  shape: KernelShape,
): LibraryDefinition<typeof contractFunctions> {
  return {
    name: contractName(type),
    functions: contractFunctions,
    write({ module }) {
      const target = { element: elementCodes[type], shape };
      addGemm(module, target, addPackers(module, target));
      addDots(module, target);
    },
  };
}

/** Under which other libraries import from this one. */
export function contractName(type: ElementType): string {
  return `contract.${type}`;
}
