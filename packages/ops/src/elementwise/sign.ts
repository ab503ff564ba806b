import type { OpTable } from "../core/opTable.js";
import { mul } from "./arithmetic.js";
import { call, type UnaryFn, type UnaryRow, unaryOps } from "./unaryOps.js";

function step(fn: Parameters<typeof call>[0], docs: string): UnaryRow {
  return { expr: call(fn), vjp: "piecewise constant", exact: true, docs };
}

/** Sign, absolute value, rounding to integers. */
export const signs: OpTable<UnaryFn> = unaryOps({
  abs: {
    expr: call("abs"),
    vjp: (head, x) => mul(head, sign(x)),
    exact: true,
    docs: "`|x|`. Derivative `sign(x)`, 0 at 0.",
  },
  sign: step("sign", "-1, 0 or 1; 0 for NaN. Derivative 0."),
  ceil: step("ceil", "The next integer up. Derivative 0."),
  floor: step("floor", "The next integer down. Derivative 0."),
  round: step("round", "The nearest integer, halves away from 0. Derivative 0."),
  rint: step("rint", "The nearest integer, halves down. Derivative 0."),
  trunc: step("trunc", "The integer part: rounding towards 0. Derivative 0."),
});

export const abs: UnaryFn = signs.fn("abs");
export const sign: UnaryFn = signs.fn("sign");
export const ceil: UnaryFn = signs.fn("ceil");
export const floor: UnaryFn = signs.fn("floor");
export const round: UnaryFn = signs.fn("round");
export const rint: UnaryFn = signs.fn("rint");
export const trunc: UnaryFn = signs.fn("trunc");
