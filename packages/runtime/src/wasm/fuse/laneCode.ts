import { type BinaryFunction, type DType, isPredicate, type UnaryFunction } from "@adjoint/graph";
import { toInt64 } from "../../storage.js";
import { roundToHalf } from "../../half.js";
import { emitInt64Binary, emitInt64Unary } from "../math/int64Math.js";
import { emitIntBinary, emitIntUnary } from "../math/intMath.js";
import { LaneMath } from "../math/laneMath.js";
import type { MathContext } from "../math/mathContext.js";
import { emitBinary, emitUnary } from "../math/vectorMath.js";
import { LaneCasts } from "./laneCasts.js";
import { isWide, type Lanes, partOf, type Vector } from "./lanes.js";

/** Functions of two masks that are one instruction; the others go by way of numbers. */
const maskInstructions: { readonly [F in BinaryFunction]?: "v128.and" | "v128.or" | "v128.xor" } = {
  and: "v128.and",
  mul: "v128.and",
  min: "v128.and",
  or: "v128.or",
  add: "v128.or",
  max: "v128.or",
  xor: "v128.xor",
  ne: "v128.xor",
};

/** Emits scalar functions on four elements at a time, with the meaning that the IR gives them. */
export class LaneCode {
  private readonly singles: LaneMath;
  private readonly doubles: LaneMath;
  private readonly casts: LaneCasts;

  constructor(readonly context: MathContext) {
    this.singles = new LaneMath(context, "f32x4");
    this.doubles = new LaneMath(context, "f64x2");
    this.casts = new LaneCasts(context);
  }

  constant(value: number, dtype: DType): Lanes {
    const { code, constants } = this.context;
    switch (dtype) {
      case "float32":
        return { dtype, parts: [this.singles.vector(value)] };
      case "float16":
        return { dtype, parts: [this.singles.vector(roundToHalf(value))] };
      case "float64": {
        const part = this.doubles.vector(value);
        return { dtype, parts: [part, part] };
      }
      case "int64":
        return this.long(toInt64(value));
      case "bool": {
        const mask = code.constant(32, constants.i32x4(value !== 0 ? -1 : 0));
        return { dtype, parts: [mask] };
      }
      case "int32":
      case "int8":
      case "uint8": {
        const integers = code.constant(32, constants.i32x4(value | 0));
        return this.casts.wrap({ dtype, parts: [integers] });
      }
      default:
        return dtype satisfies never;
    }
  }

  /** The same 64-bit integer in all lanes. */
  long(value: bigint): Lanes {
    const { code, constants } = this.context;
    const part = code.constant(64, constants.i64x2(value));
    return { dtype: "int64", parts: [part, part] };
  }

  unary(fn: UnaryFunction, x: Lanes): Lanes {
    const { context } = this;
    const { dtype } = x;
    switch (dtype) {
      case "float32":
      case "float16":
        return this.result(fn, dtype, [emitUnary(context, fn, "f32x4", partOf(x))]);
      case "float64":
        return this.result(
          fn,
          dtype,
          this.each(x.parts, (part) => emitUnary(context, fn, "f64x2", part)),
        );
      case "int64":
        return this.result(
          fn,
          dtype,
          this.each(x.parts, (part) => emitInt64Unary(context, fn, part)),
        );
      case "bool":
        if (fn === "not") return { dtype, parts: [this.singles.not(partOf(x))] };
        return this.cast(this.unary(fn, this.cast(x, "float32")), dtype);
      case "int32":
      case "int8":
      case "uint8":
        return this.result(fn, dtype, [emitIntUnary(context, fn, partOf(x))]);
      default:
        return dtype satisfies never;
    }
  }

  binary(fn: BinaryFunction, a: Lanes, b: Lanes): Lanes {
    const { context } = this;
    const { dtype } = a;
    const each = (emit: (x: Vector, y: Vector) => Vector) =>
      this.result(fn, dtype, this.pairs(a.parts, b.parts, emit));
    switch (dtype) {
      case "float32":
      case "float16":
        return each((x, y) => emitBinary(context, fn, "f32x4", x, y));
      case "float64":
        return each((x, y) => emitBinary(context, fn, "f64x2", x, y));
      case "int64":
        return each((x, y) => emitInt64Binary(context, fn, x, y));
      case "bool": {
        const name = maskInstructions[fn];
        if (name !== undefined) return each((x, y) => context.code.op(name, x, y));
        return this.cast(this.binary(fn, this.cast(a, "float32"), this.cast(b, "float32")), dtype);
      }
      case "int32":
      case "int8":
      case "uint8":
        return each((x, y) => emitIntBinary(context, fn, x, y));
      default:
        return dtype satisfies never;
    }
  }

  select(condition: Lanes, a: Lanes, b: Lanes): Lanes {
    const { code } = this.context;
    const mask = partOf(this.cast(condition, "bool"));
    const masks = isWide(a.dtype) ? this.casts.widen(mask) : [mask];
    const parts = a.parts.map((part, i) =>
      code.op("v128.bitselect", part, partOf(b, i), masks[i] ?? mask),
    );
    return { dtype: a.dtype, parts };
  }

  cast(x: Lanes, dtype: DType): Lanes {
    return this.casts.cast(x, dtype);
  }

  /** Rounds what an expression gave to its dtype, where lanes hold more. */
  finish(x: Lanes): Lanes {
    return x.dtype === "float16" ? this.casts.rounded(x) : x;
  }

  /** What a function of operands of a dtype gave: masks, or numbers that may have to wrap. */
  private result(
    fn: UnaryFunction | BinaryFunction,
    dtype: DType,
    parts: readonly Vector[],
  ): Lanes {
    if (isPredicate(fn)) return { dtype: "bool", parts: [this.casts.narrow(parts)] };
    return this.casts.wrap({ dtype, parts });
  }

  /** Both halves of equal elements are computed once. */
  private each(parts: readonly Vector[], emit: (part: Vector) => Vector): Vector[] {
    const [low, high] = parts;
    if (low === undefined) return [];
    const first = emit(low);
    if (high === undefined) return [first];
    return [first, high === low ? first : emit(high)];
  }

  private pairs(
    a: readonly Vector[],
    b: readonly Vector[],
    emit: (x: Vector, y: Vector) => Vector,
  ): Vector[] {
    const [[low, high], [first, second]] = [a, b];
    if (low === undefined || first === undefined) return [];
    const result = emit(low, first);
    if (high === undefined || second === undefined) return [result];
    return [result, high === low && second === first ? result : emit(high, second)];
  }
}
