import { type MemoryType, ModuleBuilder } from "../assembler/index.js";
import { type ElementType, elementCodes } from "../contract/element.js";
import { exportedFunction } from "../contract/exports.js";
import type { KernelShape } from "../contract/kernelShape.js";
import type { Target } from "../contract/tile.js";
import { addOffsetTable } from "./offsetTable.js";
import { addPackWindows } from "./packWindows.js";
import { addPooling } from "./pooling.js";
import { addSpread } from "./spread.js";

/** Count, and strides in bytes, of one of several nested loops. */
export type TableAxis = readonly [count: number, stride: number];
export type SpreadAxis = readonly [count: number, from: number, to: number];

/** Lengths of data and result along an axis, then kernel, stride, dilation, and padding in front. */
export type PoolAxis = readonly [number, number, number, number, number, number];

type Pool = (
  planes: number,
  data: number,
  result: number,
  positions: number,
  ...axes: readonly [...PoolAxis, ...PoolAxis, ...PoolAxis]
) => void;

/**
 * Functions of a module of windows. What the parameters mean stands where they are named: `offsetTableParameters`,
 * `spreadParameters`, `packWindowsParameters`, `poolParameters`.
 */
export interface WindowExports {
  fillOffsets(
    to: number,
    start: number,
    ...axes: readonly [...TableAxis, ...TableAxis, ...TableAxis, ...TableAxis]
  ): void;
  spread(
    from: number,
    to: number,
    ...axes: readonly [...SpreadAxis, ...SpreadAxis, ...SpreadAxis, ...SpreadAxis]
  ): void;
  packWindows(
    from: number,
    laneOffsets: number,
    stepOffsets: number,
    lanes: number,
    steps: number,
    to: number,
  ): void;
  /** Sets bytes to zero. */
  clear(address: number, bytes: number): void;
  poolSum: Pool;
  poolSumAdjoint: Pool;
  poolMax: Pool;
}

/** Functions for windows over images of one type of element on one memory. */
export interface WindowLibrary extends Target {
  readonly exports: WindowExports;
}

/** The bytes of the module, which imports `env.memory`. Panels are as wide as `shape` has its tiles. */
export function windowModule(
  type: ElementType,
  shape: KernelShape,
  memory: MemoryType,
): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(memory);
  const element = elementCodes[type];
  addOffsetTable(module);
  addSpread(module, element);
  addPackWindows(module, { element, shape });
  addPooling(module, element);
  const clear = module.function("clear", { params: ["i32", "i32"], results: [] });
  clear.clear(clear.param(0, "i32"), clear.param(1, "i32"));
  return module.bytes();
}

/** Connects a compiled module with the type and the shape that its bytes were made for. */
export function windowLibrary(
  type: ElementType,
  shape: KernelShape,
  instance: WebAssembly.Instance,
): WindowLibrary {
  return {
    element: elementCodes[type],
    shape,
    exports: {
      fillOffsets: exportedFunction(instance, "fillOffsets"),
      spread: exportedFunction(instance, "spread"),
      packWindows: exportedFunction(instance, "packWindows"),
      clear: exportedFunction(instance, "clear"),
      poolSum: exportedFunction(instance, "poolSum"),
      poolSumAdjoint: exportedFunction(instance, "poolSumAdjoint"),
      poolMax: exportedFunction(instance, "poolMax"),
    },
  };
}
