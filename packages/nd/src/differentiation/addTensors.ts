import { DTypeError } from "@adjoint/graph";
import type { Tensor } from "@adjoint/runtime";

/** The sum of two arrays of one type, in a new one; integers wrap. */
export function addTensors(a: Tensor, b: Tensor): Tensor {
  const { type } = a;
  const data = a.data.slice();
  const other = b.data;
  if (data instanceof BigInt64Array || other instanceof BigInt64Array || type.dtype === "float16") {
    throw new DTypeError({
      op: "backward",
      problem: "gradients of this dtype cannot be added",
      received: type.dtype,
      allowed: "float32, float64, int32",
    });
  }
  for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) + (other[i] ?? 0);
  return { type, data };
}
