import type { OpTable } from "../core/opTable.js";
import { call, type UnaryFn, type UnaryRow, unaryOps } from "./unaryOps.js";

function step(fn: Parameters<typeof call>[0], docs: string): UnaryRow {
  return { expr: call(fn), vjp: "piecewise constant", exact: true, docs };
}

/** Rounding to integers. */
export const roundings: OpTable<UnaryFn> = unaryOps({
  ceil: step("ceil", "The next integer up. Derivative 0."),
  floor: step("floor", "The next integer down. Derivative 0."),
  round: step("round", "The nearest integer, halves away from 0. Derivative 0."),
  rint: step("rint", "The nearest integer, halves down. Derivative 0."),
  trunc: step("trunc", "The integer part: rounding towards 0. Derivative 0."),
});

export const ceil: UnaryFn = roundings.fn("ceil");
export const floor: UnaryFn = roundings.fn("floor");
export const round: UnaryFn = roundings.fn("round");
export const rint: UnaryFn = roundings.fn("rint");
export const trunc: UnaryFn = roundings.fn("trunc");
