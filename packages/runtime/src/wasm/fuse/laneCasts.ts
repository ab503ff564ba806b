import type { DType } from "@adjoint/graph";
import { demoteToOdd, roundToHalf } from "../math/float16.js";
import { demote, evenWords, promote, upperHalf } from "../math/halves.js";
import { doublesOfLongs, longsOfDoubles, singlesOfLongs } from "../math/int64Casts.js";
import { toIntegers } from "../math/intMath.js";
import { LaneMath } from "../math/laneMath.js";
import type { MathContext } from "../math/mathContext.js";
import { type Lanes, partOf, type Vector } from "./lanes.js";

const firstPairs = [0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7];
const lastPairs = [8, 9, 10, 11, 8, 9, 10, 11, 12, 13, 14, 15, 12, 13, 14, 15];

/**
 * Conversions of four elements from one dtype to another, with the interpreter's meaning: one
 * rounding; integers drop the fraction and wrap, and are 0 for NaN and infinities.
 */
export class LaneCasts {
  private readonly singles: LaneMath;
  private readonly doubles: LaneMath;

  constructor(private readonly context: MathContext) {
    this.singles = new LaneMath(context, "f32x4");
    this.doubles = new LaneMath(context, "f64x2");
  }

  cast(x: Lanes, dtype: DType): Lanes {
    if (x.dtype === dtype) return x;
    switch (dtype) {
      case "float32":
        return { dtype, parts: [this.toSingles(x)] };
      case "float16":
        return { dtype, parts: [this.toHalves(x)] };
      case "float64":
        return { dtype, parts: this.toDoubles(x) };
      case "int64":
        return { dtype, parts: this.toLongs(x) };
      case "int32":
      case "int8":
      case "uint8":
        return this.wrap({ dtype, parts: [this.toIntegers(x)] });
      case "bool":
        return { dtype, parts: [this.isNotZero(x)] };
      default:
        return dtype satisfies never;
    }
  }

  /** Singles that are rounded to float16, where an expression of that dtype ends. */
  rounded(x: Lanes): Lanes {
    return { dtype: "float16", parts: [roundToHalf(this.singles, partOf(x))] };
  }

  /** Brings 32-bit integers back into the range of a smaller dtype. */
  wrap(x: Lanes): Lanes {
    const { code, constants } = this.context;
    const { dtype } = x;
    if (dtype === "int8") {
      const up = code.op("i32x4.shl", partOf(x), 24);
      return { dtype, parts: [code.op("i32x4.shr_s", up, 24)] };
    }
    if (dtype !== "uint8") return x;
    const low = code.constant(32, constants.i32x4(255));
    return { dtype, parts: [code.op("v128.and", partOf(x), low)] };
  }

  /** Masks of 64 bits from a mask of four lanes. */
  widen(mask: Vector): readonly [Vector, Vector] {
    const { code } = this.context;
    return [code.shuffle(mask, mask, firstPairs), code.shuffle(mask, mask, lastPairs)];
  }

  /** A mask of four lanes from masks as wide as the operands. */
  narrow([low, high]: readonly Vector[]): Vector {
    if (low === undefined) throw new RangeError("no mask");
    return high === undefined ? low : this.context.code.shuffle(low, high, evenWords);
  }

  private toSingles(x: Lanes): Vector {
    const { code } = this.context;
    const part = partOf(x);
    switch (x.dtype) {
      case "float32":
      case "float16":
        return part;
      case "float64":
        return demote(this.singles, part, partOf(x, 1));
      case "bool":
        return this.singles.and(part, this.singles.vector(1));
      case "int64":
        return singlesOfLongs(this.context, part, partOf(x, 1));
      case "int32":
      case "int8":
      case "uint8":
        return code.op("f32x4.convert_i32x4_s", part);
      default:
        return x.dtype satisfies never;
    }
  }

  /** Of integers, what singles round is infinite as float16. */
  private toHalves(x: Lanes): Vector {
    const { dtype } = x;
    const singles =
      dtype === "float64" ? demoteToOdd(this.singles, partOf(x), partOf(x, 1)) : this.toSingles(x);
    return roundToHalf(this.singles, singles);
  }

  private toDoubles(x: Lanes): readonly Vector[] {
    const { code } = this.context;
    const part = partOf(x);
    switch (x.dtype) {
      case "float64":
        return x.parts;
      case "float32":
      case "float16":
        return promote(this.singles, part);
      case "bool":
        return this.widen(part).map((mask) => this.doubles.and(mask, this.doubles.vector(1)));
      case "int64":
        return x.parts.map((longs) => doublesOfLongs(this.context, longs));
      case "int32":
      case "int8":
      case "uint8": {
        const upper = code.shuffle(part, part, upperHalf);
        return [part, upper].map((half) => code.op("f64x2.convert_low_i32x4_s", half));
      }
      default:
        return x.dtype satisfies never;
    }
  }

  private toIntegers(x: Lanes): Vector {
    const { constants, code } = this.context;
    switch (x.dtype) {
      case "bool":
        return this.singles.and(partOf(x), code.constant(32, constants.i32x4(1)));
      case "int64":
        return code.shuffle(partOf(x), partOf(x, 1), evenWords);
      case "float32":
      case "float64":
      case "float16": {
        const doubles = { dtype: x.dtype, parts: this.toDoubles(x) };
        return toIntegers(this.context, partOf(doubles), partOf(doubles, 1));
      }
      case "int32":
      case "int8":
      case "uint8":
        return partOf(x);
      default:
        return x.dtype satisfies never;
    }
  }

  private toLongs(x: Lanes): readonly Vector[] {
    const { code } = this.context;
    switch (x.dtype) {
      case "int64":
        return x.parts;
      case "float32":
      case "float64":
      case "float16":
        return this.toDoubles(x).map((part) => longsOfDoubles(this.context, part));
      case "int32":
      case "int8":
      case "uint8":
      case "bool": {
        const part = this.toIntegers(x);
        return [
          code.op("i64x2.extend_low_i32x4_s", part),
          code.op("i64x2.extend_high_i32x4_s", part),
        ];
      }
      default:
        return x.dtype satisfies never;
    }
  }

  /** A mask; NaN is not zero. */
  private isNotZero(x: Lanes): Vector {
    const { code, constants } = this.context;
    switch (x.dtype) {
      case "bool":
        return partOf(x);
      case "float32":
      case "float16":
        return this.singles.notEqual(partOf(x), 0);
      case "float64":
        return this.narrow(x.parts.map((part) => this.doubles.notEqual(part, 0)));
      case "int64": {
        const none = code.constant(64, constants.i64x2(0n));
        return this.narrow(x.parts.map((part) => code.op("i64x2.ne", part, none)));
      }
      case "int32":
      case "int8":
      case "uint8":
        return code.op("i32x4.ne", partOf(x), code.constant(32, constants.i32x4(0)));
      default:
        return x.dtype satisfies never;
    }
  }
}
