import { type Operand, rowMajorStrides } from "@adjoint/graph";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";

export const barrierOp = defineOp<Record<never, never>>({
  name: "barrier",
  arity: 1,
  attrs: {},
  infer: (ins) => [nth("barrier", ins, 0)],
  vjp: { rule: ({ heads }) => [headOf(heads)] },
  kernel: ([x]) => ({ kind: "view", offset: 0, strides: rowMajorStrides(x?.shape ?? []) }),
  docs: [
    "The argument itself; what is computed from it is not taken for equal to what is computed from the argument.",
    "So passes leave alone what is computed twice on purpose, to save memory. Costs nothing at run time. Derivative 1.",
  ].join("\n"),
});

/** The same value, behind which equal expressions are expressions of their own. */
export function barrier<T extends Operand<T>>(x: T): T {
  return applyOne(barrierOp, [x]);
}
