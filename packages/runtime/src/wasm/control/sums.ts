import { scalar, sizeOf, type TensorType } from "@adjoint/graph";
import type { Access, Group } from "../fuse/index.js";
import type { ListStep } from "../plan/compiledPlan.js";
import type { Address, GroupFunction } from "../plan/planCall.js";
import { groupKernel } from "../plan/stepKernel.js";

/** Adds what one iteration gives to a sum, which is in double precision. */
export function addingStep(
  type: TensorType,
  total: Address,
  addend: Address,
  groups: Map<string, GroupFunction>,
): ListStep {
  const { dtype } = type;
  const [a, b] = [scalar.arg(0, "float64"), scalar.arg(1, "float64")];
  const group: Group = {
    axes: [{ length: sizeOf(type.shape), reduced: false }],
    operands: ["float64", dtype, "float64"],
    values: [
      { kind: "load", dtype: "float64", access: along(0) },
      { kind: "load", dtype, access: along(1) },
      { kind: "map", expr: scalar.binary("add", a, b), ins: [0, 1] },
    ],
    stores: [{ value: 2, access: along(2) }],
  };
  return { kernel: groupKernel(group, groups), operands: [total, addend, total] };
}

/** Turns a sum into a result. */
export function finishingStep(
  type: TensorType,
  total: Address,
  out: Address,
  groups: Map<string, GroupFunction>,
): ListStep {
  const { dtype } = type;
  const group: Group = {
    axes: [{ length: sizeOf(type.shape), reduced: false }],
    operands: ["float64", dtype],
    values: [
      { kind: "load", dtype: "float64", access: along(0) },
      { kind: "map", expr: scalar.cast(scalar.arg(0, "float64"), dtype), ins: [0] },
    ],
    stores: [{ value: 1, access: along(1) }],
  };
  return { kernel: groupKernel(group, groups), operands: [total, out] };
}

/** Elements side by side. */
function along(operand: number): Access {
  return { operand, offset: 0, strides: [1] };
}
