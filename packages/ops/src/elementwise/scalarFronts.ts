import type { Operand } from "@adjoint/graph";
import { readOptions } from "../core/options.js";
import { add, div, mul, sub } from "./arithmetic.js";
import type { BinaryFn } from "./binaryOps.js";
import * as compare from "./compare.js";
import { maximum, minimum } from "./extremum.js";
import { pow } from "./powers.js";
import { mod } from "./remainder.js";
import { hypot } from "./trigonometric.js";

/** An array and a number given by the option `scalar`. */
export type ScalarFn = <T extends Operand<T>>(x: T, options: { scalar: number }) => T;

function right(fn: BinaryFn): ScalarFn {
  return (x, options) => fn(x, readOptions("scalar", options, { scalar: 0 }).scalar);
}

function left(fn: BinaryFn): ScalarFn {
  return (x, options) => fn(readOptions("scalar", options, { scalar: 0 }).scalar, x);
}

/**
 * MXNet's internal operators behind `x + 2`, `2 - x` and so on, by MXNet's name. An `_r` name has
 * the number first.
 */
export const scalarFronts = {
  _plus_scalar: right(add),
  _minus_scalar: right(sub),
  _rminus_scalar: left(sub),
  _mul_scalar: right(mul),
  _div_scalar: right(div),
  _rdiv_scalar: left(div),
  _mod_scalar: right(mod),
  _rmod_scalar: left(mod),
  _power_scalar: right(pow),
  _rpower_scalar: left(pow),
  _maximum_scalar: right(maximum),
  _minimum_scalar: right(minimum),
  _hypot_scalar: right(hypot),
  _equal_scalar: right(compare.equal),
  _not_equal_scalar: right(compare.notEqual),
  _greater_scalar: right(compare.greater),
  _greater_equal_scalar: right(compare.greaterEqual),
  _lesser_scalar: right(compare.lesser),
  _lesser_equal_scalar: right(compare.lesserEqual),
  _logical_and_scalar: right(compare.logicalAnd),
  _logical_or_scalar: right(compare.logicalOr),
  _logical_xor_scalar: right(compare.logicalXor),
} as const;
