import { DTypeError, type Shape } from "@adjoint/graph";
import { broadcastTo } from "@adjoint/ops";
import type { NDArray } from "./ndarray.js";

/** A value broadcast to the place that it is written to. Throws a DTypeError for another dtype. */
export function fitted(op: string, value: NDArray, shape: Shape, dtype: NDArray["dtype"]): NDArray {
  if (value.dtype === dtype) return broadcastTo(value, shape);
  throw new DTypeError({
    op,
    problem: "dtypes differ",
    received: `${value.dtype} into ${dtype}`,
    allowed: `${dtype}; use cast`,
  });
}
