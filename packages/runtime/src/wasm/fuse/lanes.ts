import type { BinaryFunction, UnaryFunction } from "@adjoint/graph";
import type { Value } from "../assembler/index.js";
import { demote, promote, upperHalf } from "../math/halves.js";
import { emitIntBinary, emitIntUnary, toIntegers } from "../math/intMath.js";
import { LaneMath } from "../math/laneMath.js";
import type { MathContext } from "../math/mathContext.js";
import { emitBinary, emitUnary } from "../math/vectorMath.js";
import type { LaneDType } from "./group.js";

export type Vector = Value<"v128">;

/**
 * Four elements of one dtype: doubles in two vectors, others in one. Small integers are held as
 * 32-bit ones, and `bool` as lanes of all ones or all zeros.
 */
export interface Lanes {
  readonly dtype: LaneDType;
  readonly parts: readonly Vector[];
}

/** Elements that are computed at a time. */
export const laneCount = 4;

const firstPairs = [0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7];
const lastPairs = [8, 9, 10, 11, 8, 9, 10, 11, 12, 13, 14, 15, 12, 13, 14, 15];
const evenWords = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];

const predicates: ReadonlySet<BinaryFunction> = new Set([
  "eq",
  "ne",
  "lt",
  "le",
  "gt",
  "ge",
  "and",
  "or",
  "xor",
] as const);

/** Emits scalar functions on four elements at a time, with the meaning that the IR gives them. */
export class LaneCode {
  private readonly singles: LaneMath;
  private readonly doubles: LaneMath;

  constructor(readonly context: MathContext) {
    this.singles = new LaneMath(context, "f32x4");
    this.doubles = new LaneMath(context, "f64x2");
  }

  constant(value: number, dtype: LaneDType): Lanes {
    const { code, constants } = this.context;
    switch (dtype) {
      case "float32":
        return { dtype, parts: [this.singles.vector(value)] };
      case "float64": {
        const part = this.doubles.vector(value);
        return { dtype, parts: [part, part] };
      }
      case "bool": {
        const mask = code.load("v128.load", constants.i32x4(value !== 0 ? -1 : 0));
        return { dtype, parts: [mask] };
      }
      case "int32":
      case "int8":
      case "uint8": {
        const integers = code.load("v128.load", constants.i32x4(value | 0));
        return this.wrap({ dtype, parts: [integers] });
      }
      default:
        return dtype satisfies never;
    }
  }

  unary(fn: UnaryFunction, x: Lanes): Lanes {
    const { context } = this;
    const test = fn === "not" || fn === "isNaN";
    switch (x.dtype) {
      case "float32":
      case "float64": {
        const type = x.dtype === "float32" ? "f32x4" : "f64x2";
        const parts = this.each(x.parts, (part) => emitUnary(context, fn, type, part));
        return test ? this.mask(parts) : { dtype: x.dtype, parts };
      }
      case "bool":
        if (fn === "not") return { dtype: "bool", parts: [this.singles.not(partOf(x))] };
        return this.cast(this.unary(fn, this.cast(x, "int32")), "bool");
      case "int32":
      case "int8":
      case "uint8": {
        const parts = [emitIntUnary(context, fn, partOf(x))];
        return test ? { dtype: "bool", parts } : this.wrap({ dtype: x.dtype, parts });
      }
      default:
        return x.dtype satisfies never;
    }
  }

  binary(fn: BinaryFunction, a: Lanes, b: Lanes): Lanes {
    const { context } = this;
    const test = predicates.has(fn);
    switch (a.dtype) {
      case "float32":
      case "float64": {
        const type = a.dtype === "float32" ? "f32x4" : "f64x2";
        const parts = this.pairs(a.parts, b.parts, (x, y) => emitBinary(context, fn, type, x, y));
        return test ? this.mask(parts) : { dtype: a.dtype, parts };
      }
      case "bool": {
        const [x, y] = [this.cast(a, "int32"), this.cast(b, "int32")];
        return this.cast(this.binary(fn, x, y), "bool");
      }
      case "int32":
      case "int8":
      case "uint8": {
        const parts = [emitIntBinary(context, fn, partOf(a), partOf(b))];
        return test ? { dtype: "bool", parts } : this.wrap({ dtype: a.dtype, parts });
      }
      default:
        return a.dtype satisfies never;
    }
  }

  select(condition: Lanes, a: Lanes, b: Lanes): Lanes {
    const { code } = this.context;
    const mask = partOf(this.cast(condition, "bool"));
    const masks = a.dtype === "float64" ? this.widen(mask) : [mask];
    const parts = a.parts.map((part, i) =>
      code.op("v128.bitselect", part, partOf(b, i), masks[i] ?? mask),
    );
    return { dtype: a.dtype, parts };
  }

  cast(x: Lanes, dtype: LaneDType): Lanes {
    if (x.dtype === dtype) return x;
    switch (dtype) {
      case "float32":
        return { dtype, parts: [this.toSingles(x)] };
      case "float64":
        return { dtype, parts: this.toDoubles(x) };
      case "int32":
      case "int8":
      case "uint8":
        return this.wrap({ dtype, parts: [this.toIntegers(x)] });
      case "bool":
        return this.binary("ne", x, this.constant(0, x.dtype));
      default:
        return dtype satisfies never;
    }
  }

  private toSingles({ dtype, parts }: Lanes): Vector {
    const { code } = this.context;
    const part = partOf({ dtype, parts });
    if (dtype === "float64") return demote(this.singles, part, partOf({ dtype, parts }, 1));
    if (dtype === "bool") return this.singles.and(part, this.singles.vector(1));
    return code.op("f32x4.convert_i32x4_s", part);
  }

  private toDoubles({ dtype, parts }: Lanes): readonly Vector[] {
    const { code } = this.context;
    const part = partOf({ dtype, parts });
    if (dtype === "float32") return promote(this.singles, part);
    if (dtype === "bool") {
      return this.widen(part).map((mask) => this.doubles.and(mask, this.doubles.vector(1)));
    }
    const upper = code.shuffle(part, part, upperHalf);
    return [part, upper].map((half) => code.op("f64x2.convert_low_i32x4_s", half));
  }

  private toIntegers(x: Lanes): Vector {
    const { constants, code } = this.context;
    if (x.dtype === "bool") {
      return this.singles.and(partOf(x), code.load("v128.load", constants.i32x4(1)));
    }
    if (x.dtype !== "float32" && x.dtype !== "float64") return partOf(x);
    const [low, high] = x.dtype === "float64" ? x.parts : promote(this.singles, partOf(x));
    if (low === undefined || high === undefined) throw new RangeError("doubles have two parts");
    return toIntegers(this.context, low, high);
  }

  /** Brings 32-bit integers back into the range of a smaller dtype. */
  private wrap(x: Lanes): Lanes {
    const { code, constants } = this.context;
    const { dtype } = x;
    if (dtype === "int8") {
      const up = code.op("i32x4.shl", partOf(x), 24);
      return { dtype, parts: [code.op("i32x4.shr_s", up, 24)] };
    }
    if (dtype !== "uint8") return x;
    const low = code.load("v128.load", constants.i32x4(255));
    return { dtype, parts: [code.op("v128.and", partOf(x), low)] };
  }

  /** A `bool` from masks as wide as the operands. */
  private mask(parts: readonly Vector[]): Lanes {
    const [low, high] = parts;
    if (low === undefined) throw new RangeError("no mask");
    if (high === undefined) return { dtype: "bool", parts: [low] };
    return { dtype: "bool", parts: [this.context.code.shuffle(low, high, evenWords)] };
  }

  /** Masks for doubles from a mask of four lanes. */
  private widen(mask: Vector): readonly [Vector, Vector] {
    const { code } = this.context;
    return [code.shuffle(mask, mask, firstPairs), code.shuffle(mask, mask, lastPairs)];
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

/** The part at a position, which the dtype has. */
export function partOf(x: Lanes, position = 0): Vector {
  const part = x.parts[position];
  if (part === undefined) throw new RangeError(`${x.dtype} has no part ${position}`);
  return part;
}
