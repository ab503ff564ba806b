import type { FunctionBuilder, Value } from "../assembler/index.js";
import { bytesOfLanes } from "../contract/transpose.js";
import type { WindowElement } from "./windowElement.js";

/** The least value of a type in all lanes. */
export function lowestVector(code: FunctionBuilder, type: WindowElement): Value<"v128"> {
  switch (type) {
    case "float32":
      return code.op("f32x4.splat", code.f32(-Infinity));
    case "float64":
      return code.op("f64x2.splat", code.f64(-Infinity));
    case "int32":
      return code.op("i32x4.splat", -(2 ** 31));
    default:
      return type satisfies never;
  }
}

/** Lanes set where a value wins, those of values and those of their 32-bit positions. */
export interface Winners {
  readonly values: Value<"v128">;
  readonly positions: Value<"v128">;
}

/** Where `next` is greater than `known`, or is NaN where that is not. */
export function isGreater(
  code: FunctionBuilder,
  type: WindowElement,
  next: Value<"v128">,
  known: Value<"v128">,
): Winners {
  switch (type) {
    case "float32": {
      const isNumber = code.op("f32x4.eq", known, known);
      const values = code.op("v128.andnot", isNumber, code.op("f32x4.le", next, known));
      return { values, positions: values };
    }
    case "float64": {
      const isNumber = code.op("f64x2.eq", known, known);
      const values = code.op("v128.andnot", isNumber, code.op("f64x2.le", next, known));
      // Lanes of 64 bits have two positions in the lower half.
      return { values, positions: code.shuffle(values, values, bytesOfLanes(0, 2, 0, 2)) };
    }
    case "int32": {
      const values = code.op("i32x4.gt_s", next, known);
      return { values, positions: values };
    }
    default:
      return type satisfies never;
  }
}
