import { type Operand, scalar, sizeOf, type Value } from "@adjoint/graph";
import { applyOne, checkOperands, defineOp, headOf, nth } from "../core/define.js";
import { checkChoice, checkNumber, readOptions } from "../core/options.js";
import { sumAxes } from "../reduce/sum.js";
import { div } from "./arithmetic.js";
import { castTo } from "./cast.js";
import { greater } from "./compare.js";
import { maximum } from "./extremum.js";
import { fill } from "./full.js";

export type MakeLossAttrs = { gradScale: number; valid: boolean; validThresh: number };

/** How many elements lie above the threshold, at least 1; in double, as float16 could not count them. */
function validCount(x: Value, validThresh: number): Value {
  const axes = x.type.shape.map((_, axis) => axis);
  return maximum(sumAxes(castTo(greater(x, validThresh), "float64"), axes), 1);
}

export const makeLossOp = defineOp<MakeLossAttrs>({
  name: "makeLoss",
  arity: 1,
  attrs: { gradScale: "number", valid: "bool", validThresh: "number" },
  infer: (ins) => [nth("makeLoss", ins, 0)],
  vjp: {
    rule({ ins, heads, attrs: { gradScale, valid, validThresh } }) {
      const [x, head] = [nth("makeLoss", ins, 0), headOf(heads)];
      const gradient = fill(head, head.type.shape, gradScale);
      if (!valid) return [gradient];
      const scaled = div(castTo(gradient, "float64"), validCount(x, validThresh));
      return [castTo(scaled, head.type.dtype)];
    },
  },
  kernel: (ins) => ({ kind: "map", expr: scalar.arg(0, nth("makeLoss", ins, 0).dtype) }),
  docs:
    "The argument itself, as a loss. Gradient `gradScale`, whatever the head gradient; with " +
    "`valid` divided by the number of elements above `validThresh`.",
});

export interface MakeLossOptions {
  /** The gradient that every element starts from. */
  gradScale: number;
  /**
   * `batch` divides the gradient by the number of rows, which is the product of all axes but the
   * last; `valid` by the number of elements above `validThresh`, at least 1.
   */
  normalization: "null" | "batch" | "valid";
  /** What an element must exceed to count for `valid`. */
  validThresh: number;
}

const defaults: MakeLossOptions = { gradScale: 1, normalization: "null", validThresh: 0 };

/**
 * Declares values to be a loss: backward starts here with `gradScale` and ignores the head
 * gradient.
 *
 * @param x the loss, any shape and dtype
 * @returns x unchanged
 * @throws AttributeError for an unknown normalization
 * @derivative `gradScale` for each element, whatever the head gradient, divided as `normalization`
 *   says
 * @example
 * ```ts
 * const x = nd.array([3, 4]);
 * x.attachGrad();
 * autograd.record(() => nd.makeLoss(nd.square(x), { gradScale: 0.5 })).backward();
 * x.grad; // [3. 4.]
 * ```
 */
export function makeLoss<T extends Operand<T>>(x: T, options?: Partial<MakeLossOptions>): T {
  checkOperands("makeLoss", [x]);
  const read = readOptions("makeLoss", options, defaults);
  const normalization = checkChoice("makeLoss", "normalization", read.normalization, [
    "null",
    "batch",
    "valid",
  ]);
  const rows = normalization === "batch" ? sizeOf(x.type.shape.slice(0, -1)) : 1;
  return applyOne(makeLossOp, [x], {
    gradScale: checkNumber("makeLoss", "gradScale", read.gradScale) / rows,
    valid: normalization === "valid",
    validThresh: checkNumber("makeLoss", "validThresh", read.validThresh),
  });
}
