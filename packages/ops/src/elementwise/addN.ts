import {
  ArgumentError,
  equalShapes,
  formatShape,
  type Operand,
  type ScalarExpr,
  ShapeError,
  scalar,
} from "@adjoint/graph";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";
import { sameDType } from "../core/shapes.js";

export const addNOp = defineOp({
  name: "addN",
  arity: { min: 1 },
  attrs: {},
  infer(ins) {
    const sum = nth("addN", ins, 0);
    sameDType("addN", ins);
    for (const { shape } of ins) {
      if (equalShapes(shape, sum.shape)) continue;
      throw new ShapeError({
        op: "addN",
        problem: "shapes differ",
        received: ins.map((type) => formatShape(type.shape)).join(", "),
        allowed: "one shape",
      });
    }
    return [sum];
  },
  vjp: { rule: ({ ins, heads }) => ins.map(() => headOf(heads)) },
  kernel(ins) {
    const { dtype } = nth("addN", ins, 0);
    const terms = ins.map((_, position): ScalarExpr => scalar.arg(position, dtype));
    return { kind: "map", expr: terms.reduce((sum, term) => scalar.binary("add", sum, term)) };
  },
  docs: "The sum of any number of arrays of one type, added from the left. Derivative 1 to each.",
});

/**
 * Adds any number of arrays of one shape and dtype, from the left.
 *
 * @throws ArgumentError without arrays
 * @throws ShapeError if the shapes differ; nothing is broadcast
 * @throws DTypeError if the dtypes differ
 * @example
 * ```ts
 * nd.addN(nd.array([1, 2]), nd.array([3, 4]), nd.array([5, 6])); // [9. 12.]
 * ```
 */
export function addN<T extends Operand<T>>(...arrays: readonly T[]): T {
  const [head, ...rest] = arrays;
  if (head !== undefined) return applyOne(addNOp, [head, ...rest]);
  throw new ArgumentError({
    op: "addN",
    problem: "nothing to add",
    received: "no arguments",
    allowed: "one NDArray or more",
  });
}
