import { AttributeError, type DType, dtypes, isDType } from "@adjoint/graph";

/** Refuses an option that does not name a dtype. */
export function checkDType(op: string, dtype: unknown): DType {
  if (isDType(dtype)) return dtype;
  throw new AttributeError({
    op,
    problem: "dtype is not valid",
    received: String(dtype),
    allowed: dtypes.join(", "),
  });
}
