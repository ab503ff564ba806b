import type { ScalarExpr } from "@adjoint/graph";
import type { Registers } from "../scratch.js";
import type { Execute, Signature } from "./prepare.js";

/** One step of a map: fills a register for elements `start ... start + count - 1`. */
export type Instruction = (
  registers: Registers,
  ins: Parameters<Execute>[0],
  start: number,
  count: number,
) => void;

/**
 * The steps that compute `expr` from its operands' registers, in order, into register `out`, which
 * may be one of them.
 */
export type InstructionsOf = (
  expr: ScalarExpr,
  operands: readonly number[],
  out: number,
  signature: Signature,
) => readonly Instruction[];
