import { AttributeError, type Operand } from "@adjoint/graph";
import { checkOperands, describe } from "../core/define.js";
import { readOptions } from "../core/options.js";
import { identity } from "./identity.js";

/**
 * Converts between ways of storing an array, of which there is one: dense.
 *
 * @param x any shape and dtype
 * @param options.stype `default`, the dense one
 * @returns the same elements as a new array
 * @throws AttributeError for `csr` and `row_sparse`: there are no sparse arrays
 * @derivative 1
 * @example
 * ```ts
 * nd.castStorage(nd.array([1, 2]), { stype: "default" }); // [1. 2.]
 * ```
 */
export function castStorage<T extends Operand<T>>(x: T, options: { stype: "default" }): T {
  checkOperands("castStorage", [x]);
  const { stype } = readOptions<{ stype: unknown }>("castStorage", options, { stype: undefined });
  if (stype === "default") return identity(x);
  throw new AttributeError({
    op: "castStorage",
    problem: "there are no sparse arrays",
    received: describe(stype),
    allowed: "default",
  });
}
