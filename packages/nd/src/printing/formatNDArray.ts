import type { TensorType, TypedArray } from "@adjoint/graph";
export function formatNDArray(data: TypedArray, type: TensorType): string {
  return `\n[${[...data].join(" ")}]\n<NDArray ${type.shape.join("x")} @cpu(0)>`;
}
