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
 * Remainder with the sign of `b`; 0 for `b` 0. Derivatives 1 and `-floor(a/b)`.
 *
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the dtypes differ
 * @example
 * ```ts
 * nd.mod(nd.array([-5, 5]), 3); // [1. 2.]
 * ```
 */
export const mod: BinaryFn = remainders.fn("mod");
