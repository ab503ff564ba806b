import type { Node, NodeId, TensorType } from "@adjoint/graph";
import { createTensor, type Tensor } from "@adjoint/runtime";

/** A number on the tape that a number among the arguments decides: an input of the plans. */
export interface Literal {
  readonly id: NodeId;
  readonly slot: number;
  readonly type: TensorType;
}

/** Whether two nodes are numbers without axes, so that they may differ in their value alone. */
export function areLiterals(one: Node, other: Node): boolean {
  return isLiteral(one) && isLiteral(other) && one.attrs.dtype === other.attrs.dtype;
}

function isLiteral({ op, attrs: { shape } }: Node): boolean {
  return op === "full" && Array.isArray(shape) && shape.length === 0;
}

export function literalTensor({ type }: Pick<Literal, "type">, { attrs }: Node): Tensor {
  return createTensor(type, [Number(attrs.value)]);
}
