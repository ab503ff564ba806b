import type { FunctionBuilder, Value } from "../assembler/index.js";
import type { WindowElement } from "./windowElement.js";
import { bytesOfLanes } from "../contract/transpose.js";

/** Values by lane, and the 32-bit positions where they were found, -1 for none. */
export interface Candidates {
  readonly value: Value<"v128">;
  readonly position: Value<"v128">;
}

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

/**
 * `next` where it is greater, where it is the first NaN, or where nothing was known; else `known`.
 */
export function firstMaximum(
  code: FunctionBuilder,
  type: WindowElement,
  known: Candidates,
  next: Candidates,
): Candidates {
  const none = code.op("i32x4.shr_s", known.position, 31);
  const better = isBetter(code, type, known.value, next.value);
  // Lanes of 64 bits have two positions in the lower half.
  const wide = type === "float64";
  const forValues = wide ? code.shuffle(none, none, bytesOfLanes(0, 0, 1, 1)) : none;
  const forPositions = wide ? code.shuffle(better, better, bytesOfLanes(0, 2, 0, 2)) : better;
  const takeValue = code.op("v128.or", better, forValues);
  const takePosition = code.op("v128.or", forPositions, none);
  return {
    value: code.op("v128.bitselect", next.value, known.value, takeValue),
    position: code.op("v128.bitselect", next.position, known.position, takePosition),
  };
}

function isBetter(
  code: FunctionBuilder,
  type: WindowElement,
  known: Value<"v128">,
  next: Value<"v128">,
): Value<"v128"> {
  switch (type) {
    case "float32":
      return orNew(
        code,
        code.op("f32x4.gt", next, known),
        code.op("f32x4.ne", next, next),
        code.op("f32x4.eq", known, known),
      );
    case "float64":
      return orNew(
        code,
        code.op("f64x2.gt", next, known),
        code.op("f64x2.ne", next, next),
        code.op("f64x2.eq", known, known),
      );
    case "int32":
      return code.op("i32x4.gt_s", next, known);
    default:
      return type satisfies never;
  }
}

/** Greater, or NaN where there was none. */
function orNew(
  code: FunctionBuilder,
  greater: Value<"v128">,
  unordered: Value<"v128">,
  wasNumber: Value<"v128">,
): Value<"v128"> {
  return code.op("v128.or", greater, code.op("v128.and", unordered, wasNumber));
}
