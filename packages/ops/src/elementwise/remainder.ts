import type { OpTable } from "../core/opTable.js";
import { div, mul, negative } from "./arithmetic.js";
import { type BinaryFn, binaryOps, call } from "./binaryOps.js";
import { floor } from "./rounding.js";

/** The remainder of a division. */
export const remainders: OpTable<BinaryFn> = binaryOps({
  mod: {
    expr: call("mod"),
    vjp: [(head) => head, (head, a, b) => negative(mul(head, floor(div(a, b))))],
    docs: "Remainder with the sign of `b`; 0 for `b` 0. Derivatives 1 and `-floor(a/b)`.",
  },
});

/**
 * Remainder with the sign of `b`, broadcast.
 *
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ
 * @derivative 1 and `-floor(a/b)`, summed over broadcast axes
 * @edges 0 where `b` is 0, also for integers; NaN where `a` is infinite
 * @example
 * ```ts
 * nd.mod(nd.array([-5, 5]), 3); // [1. 2.]
 * ```
 */
export const mod: BinaryFn = remainders.fn("mod");
