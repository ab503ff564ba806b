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

/** Adds neighbours, then the sums of neighbours: as deep as the logarithm of the count. */
function pairwise(terms: readonly ScalarExpr[]): ScalarExpr {
  let level = terms;
  while (level.length > 1) {
    const sums: ScalarExpr[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [a, b] = [nth("addN", level, at), level[at + 1]];
      sums.push(b === undefined ? a : scalar.binary("add", a, b));
    }
    level = sums;
  }
  return nth("addN", level, 0);
}

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
    return { kind: "map", expr: pairwise(terms) };
  },
  docs: "The sum of any number of arrays of one type, added pairwise. Derivative 1 to each.",
});

/**
 * Adds any number of arrays of one shape and dtype, pairwise.
 *
 * @param arrays one array or more, of one shape and dtype
 * @returns the arrays' shape and dtype
 * @throws ArgumentError without arrays; ShapeError if the shapes differ; nothing is broadcast;
 *   DTypeError if the dtypes differ
 * @derivative 1 to each; an array that is given twice gets 2
 * @example
 * ```ts
 * nd.addN(nd.array([1, 2]), nd.array([3, 4]), nd.array([5, 6])); // [ 9. 12.]
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
