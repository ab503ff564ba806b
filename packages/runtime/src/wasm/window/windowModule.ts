import { addPooling } from "./pooling.js";
import { poolParameters } from "./tapRows.js";
import { packWindowsParameters, addPackWindows } from "./packWindows.js";
import { addSpread, spreadParameters } from "./spread.js";
import { addOffsetTable, offsetTableParameters } from "./offsetTable.js";
import { type ElementType, elementCodes } from "../contract/element.js";
import { type KernelShape, kernelShape } from "../contract/kernelShape.js";
import type { Target } from "../contract/tile.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import { beginFunction, type Functions, type LibraryDefinition } from "../library/definition.js";

/** Count, and strides in bytes, of one of several nested loops. */
export type TableAxis = readonly [count: number, stride: number];
export type SpreadAxis = readonly [count: number, from: number, to: number];

/** Functions for windows over images; all addresses and strides in bytes. */
export const windowFunctions = {
  fillOffsets: offsetTableParameters,
  spread: spreadParameters,
  packWindows: packWindowsParameters,
  /** Sets bytes to zero. */
  clear: ["address", "bytes"],
  poolSum: poolParameters,
  poolSumAdjoint: poolParameters,
  poolMax: poolParameters,
} as const;

/** Functions for windows over images of one type of element on one memory. */
export interface WindowLibrary extends Target {
  readonly functions: Functions<typeof windowFunctions>;
}

/** The windows of a runtime for one type of element. Panels are as wide as products have their tiles. */
export function windowLibrary(libraries: KernelLibraries, type: ElementType): WindowLibrary {
  const shape = kernelShape(libraries.host.engine);
  const functions = libraries.load(windowDefinition(type, shape));
  return { element: elementCodes[type], shape, functions };
}

function windowDefinition(
  type: ElementType,
  shape: KernelShape,
): LibraryDefinition<typeof windowFunctions> {
  return {
    name: `window.${type}`,
    functions: windowFunctions,
    write({ module }) {
      const element = elementCodes[type];
      addOffsetTable(module);
      addSpread(module, element);
      addPackWindows(module, { element, shape });
      addPooling(module, element);
      const { code, of } = beginFunction(module, "clear", windowFunctions.clear);
      code.clear(of("address"), of("bytes"));
    },
  };
}
