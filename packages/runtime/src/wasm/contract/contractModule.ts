import { type MemoryType, ModuleBuilder } from "../assembler/index.js";
import { addDots } from "./dots.js";
import { type ElementType, elementCodes } from "./element.js";
import { exportedFunction } from "./exports.js";
import { addGemm } from "./gemm.js";
import type { KernelShape } from "./kernelShape.js";
import { addMacroKernel } from "./macroKernel.js";
import { addPackers } from "./packPanels.js";
import type { Target } from "./tile.js";

/**
 * Functions of a module of products, all addresses and strides in bytes. What the parameters mean stands where they are
 * named: `gemmParameters`, `batchGemmParameters`, `dotsParameters`, `packParameters`, `macroKernelParameters`.
 */
export interface ContractExports {
  gemm(
    m: number,
    n: number,
    k: number,
    a: number,
    aRow: number,
    aColumn: number,
    b: number,
    bRow: number,
    bColumn: number,
    c: number,
    cRow: number,
    accumulate: number,
    scratch: number,
  ): void;
  batchGemm(
    batch: number,
    aBatch: number,
    bBatch: number,
    cBatch: number,
    m: number,
    n: number,
    k: number,
    a: number,
    aRow: number,
    aColumn: number,
    b: number,
    bRow: number,
    bColumn: number,
    c: number,
    cRow: number,
    accumulate: number,
    scratch: number,
  ): void;
  dots(
    m: number,
    n: number,
    k: number,
    a: number,
    aRow: number,
    b: number,
    bColumn: number,
    c: number,
    cRow: number,
    cColumn: number,
    accumulate: number,
  ): void;
  packLeft: Pack;
  packRight: Pack;
  macro(
    rows: number,
    columns: number,
    steps: number,
    a: number,
    aRow: number,
    aStep: number,
    aPanel: number,
    b: number,
    bStep: number,
    bPanel: number,
    c: number,
    cRow: number,
    accumulate: number,
    spill: number,
  ): void;
}

type Pack = (
  from: number,
  laneStride: number,
  stepStride: number,
  lanes: number,
  steps: number,
  to: number,
) => void;

/** Functions for products of one type of element on one memory. */
export interface ContractLibrary extends Target {
  readonly exports: ContractExports;
}

/** The bytes of the module, which imports `env.memory`. */
export function contractModule(
  type: ElementType,
  shape: KernelShape,
  memory: MemoryType,
): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(memory);
  const target = { element: elementCodes[type], shape };
  const macro = addMacroKernel(module, target);
  addGemm(module, target, macro, addPackers(module, target));
  addDots(module, target);
  return module.bytes();
}

/** Connects a compiled module with the type and the shape that its bytes were made for. */
export function contractLibrary(
  type: ElementType,
  shape: KernelShape,
  instance: WebAssembly.Instance,
): ContractLibrary {
  return {
    element: elementCodes[type],
    shape,
    exports: {
      gemm: exportedFunction(instance, "gemm"),
      batchGemm: exportedFunction(instance, "batchGemm"),
      dots: exportedFunction(instance, "dots"),
      packLeft: exportedFunction(instance, "packLeft"),
      packRight: exportedFunction(instance, "packRight"),
      macro: exportedFunction(instance, "macro"),
    },
  };
}
