import { ArgumentError, type Operand, type Shape, scalar, tensorType } from "@adjoint/graph";
import {
  applyOne,
  checkOperands,
  defineOp,
  describe,
  headOf,
  isOperand,
  nth,
} from "../core/define.js";
import { broadcastShapes, sameDType } from "../core/shapes.js";
import { sumTo } from "../reduce/sum.js";
import { reshape } from "../view/reshape.js";
import { literal } from "./full.js";

export const whereOp = defineOp({
  name: "where",
  arity: 3,
  attrs: {},
  infer(ins) {
    const [condition, a, b] = [nth("where", ins, 0), nth("where", ins, 1), nth("where", ins, 2)];
    const branches = broadcastShapes("where", a.shape, b.shape);
    const shape = broadcastShapes("where", condition.shape, branches);
    return [tensorType(sameDType("where", [a, b]), shape)];
  },
  vjp: {
    rule({ ins, heads }) {
      const [condition, a, b] = [nth("where", ins, 0), nth("where", ins, 1), nth("where", ins, 2)];
      const head = headOf(heads);
      return [
        undefined,
        sumTo(select(condition, head, 0), a.type.shape),
        sumTo(select(condition, 0, head), b.type.shape),
      ];
    },
  },
  kernel(ins) {
    const [condition, a, b] = [nth("where", ins, 0), nth("where", ins, 1), nth("where", ins, 2)];
    const chosen = scalar.binary(
      "ne",
      scalar.arg(0, condition.dtype),
      scalar.constant(0, condition.dtype),
    );
    return {
      kind: "map",
      expr: scalar.select(chosen, scalar.arg(1, a.dtype), scalar.arg(2, b.dtype)),
    };
  },
  docs: [
    "`a` where the condition is not 0 (NaN is not 0), else `b`; broadcast.",
    "Derivative: the head gradient to the branch taken, 0 to the other, none to the condition.",
  ].join("\n"),
});

/**
 * `a` where `condition` is nonzero, else `b`, all three broadcast. At most one branch is a number.
 */
export function select<T extends Operand<T>>(condition: T, a: T | number, b: T | number): T {
  checkOperands(
    "where",
    [condition, a, b].filter((one) => typeof one !== "number"),
  );
  if (typeof a !== "number") {
    return applyOne(whereOp, [condition, a, typeof b === "number" ? literal(a, b) : b]);
  }
  if (typeof b !== "number") return applyOne(whereOp, [condition, literal(b, a), b]);
  throw new ArgumentError({
    op: "where",
    problem: "both branches are numbers",
    received: `${describe(a)} and ${describe(b)}`,
    allowed: "at least one NDArray",
  });
}

/**
 * The shape of a 1-D condition that chooses whole rows of `shape`, as MXNet has it; undefined for
 * any other.
 */
function rowCondition(condition: Shape, shape: Shape): Shape | undefined {
  if (condition.length !== 1 || shape.length < 2 || condition[0] !== shape[0]) return undefined;
  return shape.map((length, axis) => (axis === 0 ? length : 1));
}

/**
 * Elements of `a` where the condition is nonzero, elements of `b` elsewhere.
 *
 * A condition of one axis as long as the first axis of `a` chooses rows; otherwise all shapes
 * broadcast.
 *
 * @param condition any dtype
 * @param a array or number
 * @param b array or number, of a's dtype
 * @returns the broadcast shape, a's dtype
 * @throws ShapeError if the shapes do not broadcast; DTypeError if the branches' dtypes differ
 * @derivative the head gradient to the branch taken, 0 to the other, 0 to the condition (the choice
 *   is piecewise constant); an infinite or NaN derivative further up turns that 0 into NaN
 * @edges NaN in the condition counts as nonzero; values in the branch not taken do not matter, NaN
 *   neither
 * @example
 * ```ts
 * nd.where(nd.array([1, 0]), nd.array([1, 2]), nd.array([3, 4])); // [1. 4.]
 * ```
 */
export function where<T extends Operand<T>>(condition: T, a: T | number, b: T | number): T {
  checkOperands("where", [condition]);
  const like = typeof a !== "number" ? a : b;
  if (typeof like === "number" || !isOperand(like)) return select(condition, a, b);
  const rows = rowCondition(condition.type.shape, like.type.shape);
  return select(rows === undefined ? condition : reshape(condition, rows), a, b);
}
