import type { DType } from "@adjoint/graph";
import type { FunctionBuilder, Value } from "../assembler/index.js";

/** Types of elements that products are computed in; integers wrap modulo 2^32 or 2^64. */
export type ElementType = "float32" | "float64" | "int32" | "int64";

export function isElementType(dtype: DType): dtype is ElementType {
  return Object.hasOwn(elementCodes, dtype);
}

/** How elements of a type are handled four or two at a time. */
export interface ElementCode<E extends ElementType = ElementType> {
  readonly type: E;
  readonly bytes: 4 | 8;
  /** Elements of a vector. */
  readonly lanes: 4 | 2;
  readonly splat: "v128.load32_splat" | "v128.load64_splat";
  readonly loadFirst: "v128.load32_zero" | "v128.load64_zero";
  readonly loadLane: "v128.load32_lane" | "v128.load64_lane";
  readonly storeLane: "v128.store32_lane" | "v128.store64_lane";
  readonly add: "f32x4.add" | "f64x2.add" | "i32x4.add" | "i64x2.add";
}

const single = {
  bytes: 4,
  lanes: 4,
  splat: "v128.load32_splat",
  loadFirst: "v128.load32_zero",
  loadLane: "v128.load32_lane",
  storeLane: "v128.store32_lane",
} as const;

const double = {
  bytes: 8,
  lanes: 2,
  splat: "v128.load64_splat",
  loadFirst: "v128.load64_zero",
  loadLane: "v128.load64_lane",
  storeLane: "v128.store64_lane",
} as const;

export const elementCodes: { readonly [E in ElementType]: ElementCode<E> } = {
  float32: { ...single, type: "float32", add: "f32x4.add" },
  int32: { ...single, type: "int32", add: "i32x4.add" },
  float64: { ...double, type: "float64", add: "f64x2.add" },
  int64: { ...double, type: "int64", add: "i64x2.add" },
};

/** x * y + sum; rounded once where `relaxed` and the processor has such an instruction. */
export function multiplyAdd(
  code: FunctionBuilder,
  type: ElementType,
  relaxed: boolean,
  x: Value<"v128">,
  y: Value<"v128">,
  sum: Value<"v128">,
): Value<"v128"> {
  switch (type) {
    case "float32":
      if (relaxed) return code.op("f32x4.relaxed_madd", x, y, sum);
      return code.op("f32x4.add", code.op("f32x4.mul", x, y), sum);
    case "float64":
      if (relaxed) return code.op("f64x2.relaxed_madd", x, y, sum);
      return code.op("f64x2.add", code.op("f64x2.mul", x, y), sum);
    case "int32":
      return code.op("i32x4.add", code.op("i32x4.mul", x, y), sum);
    case "int64":
      return code.op("i64x2.add", code.op("i64x2.mul", x, y), sum);
    default:
      return type satisfies never;
  }
}
