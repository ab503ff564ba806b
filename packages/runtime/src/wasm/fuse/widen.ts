import {
  type DType,
  isFloat,
  type Kernel,
  type ScalarExpr,
  scalar,
  sizeOf,
  type TensorType,
} from "@adjoint/graph";
import { lowest } from "../../kernels/reducers.js";

/**
 * The dtype that products and windows of smaller elements are computed in: what comes out is then
 * rounded, or wraps, once. Undefined where libraries compute with the elements as they are.
 */
export function widerDType(kernel: Kernel, types: readonly TensorType[]): DType | undefined {
  if (kernel.kind !== "contract" && kernel.kind !== "window") return undefined;
  const dtype = types[0]?.dtype;
  if (types.some((type) => type.dtype !== dtype || sizeOf(type.shape) === 0)) return undefined;
  switch (dtype) {
    case "float16":
      return "float32";
    case "int8":
    case "uint8":
    case "bool":
      return "int32";
    case "float32":
    case "float64":
    case "int32":
    case "int64":
    case undefined:
      return undefined;
    default:
      return dtype satisfies never;
  }
}

/** The result of a kernel as its own dtype. A window without data has the lowest number of that. */
export function narrowed(kernel: Kernel, wide: DType, dtype: DType): ScalarExpr {
  const x = scalar.arg(0, wide);
  const findsMaxima = kernel.kind === "window" && kernel.form === "poolMax";
  if (!findsMaxima || isFloat(dtype)) return scalar.cast(x, dtype);
  const bounded = scalar.binary("max", x, scalar.constant(lowest[dtype], wide));
  return scalar.cast(bounded, dtype);
}
