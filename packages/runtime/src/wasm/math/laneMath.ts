import type { Value } from "../assembler/value.js";
import type { MathContext, VectorType } from "./mathContext.js";

export type Vector = Value<"v128">;

/** A vector, or a number that all lanes hold. */
export type Term = Vector | number;

/** What the bits of a format mean. */
interface Format {
  /** Bits of the fraction. */
  readonly fraction: number;
  /**
   * 1.5 * 2^fraction: added to a small number, the sum holds its nearest integer in the low bits.
   */
  readonly roundingShift: number;
  /** The bits of 1. */
  readonly one: bigint;
  readonly smallestNormal: number;
}

const formats: { readonly [T in VectorType]: Format } = {
  f32x4: {
    fraction: 23,
    roundingShift: 1.5 * 2 ** 23,
    one: 0x3f800000n,
    smallestNormal: 2 ** -126,
  },
  f64x2: {
    fraction: 52,
    roundingShift: 1.5 * 2 ** 52,
    one: 0x3ff0000000000000n,
    smallestNormal: 2 ** -1022,
  },
};

const integerTypes = { f32x4: "i32x4", f64x2: "i64x2" } as const;

/**
 * Arithmetic on all lanes at once, for one type of lanes. Formulas of vector math are written in
 * it: a method emits an instruction and gives the vector that it leaves. Comparisons give masks,
 * lanes of all ones or all zeros.
 *
 * @example
 * ```ts
 * const square = math.multiply(x, x);
 * return math.select(math.less(x, 0), math.negate(square), square);
 * ```
 */
export class LaneMath {
  readonly format: Format;

  constructor(
    readonly context: MathContext,
    readonly type: VectorType,
  ) {
    this.format = formats[type];
  }

  /** The same place for code, with lanes of doubles. */
  doubles(): LaneMath {
    return this.type === "f64x2" ? this : new LaneMath(this.context, "f64x2");
  }

  vector(value: Term): Vector {
    if (typeof value !== "number") return value;
    const { code, constants } = this.context;
    return this.type === "f32x4"
      ? code.constant(32, constants.f32x4(value))
      : code.constant(64, constants.f64x2(value));
  }

  /** The same bits in all lanes. */
  bits(value: bigint): Vector {
    const { code, constants } = this.context;
    return this.type === "f32x4"
      ? code.constant(32, constants.i32x4(Number(BigInt.asIntN(32, value))))
      : code.constant(64, constants.i64x2(BigInt.asIntN(64, value)));
  }

  add(a: Term, b: Term): Vector {
    return this.context.code.op(`${this.type}.add`, this.vector(a), this.vector(b));
  }

  subtract(a: Term, b: Term): Vector {
    return this.context.code.op(`${this.type}.sub`, this.vector(a), this.vector(b));
  }

  multiply(a: Term, b: Term): Vector {
    return this.context.code.op(`${this.type}.mul`, this.vector(a), this.vector(b));
  }

  divide(a: Term, b: Term): Vector {
    return this.context.code.op(`${this.type}.div`, this.vector(a), this.vector(b));
  }

  /** a b + c, rounded once or twice: formulas must be right both ways. */
  multiplyAdd(a: Term, b: Term, c: Term): Vector {
    const { code, features } = this.context;
    if (!features.relaxed) return this.add(this.multiply(a, b), c);
    return code.op(`${this.type}.relaxed_madd`, this.vector(a), this.vector(b), this.vector(c));
  }

  /** c - a b, rounded once or twice. */
  subtractProduct(c: Term, a: Term, b: Term): Vector {
    const { code, features } = this.context;
    if (!features.relaxed) return this.subtract(c, this.multiply(a, b));
    return code.op(`${this.type}.relaxed_nmadd`, this.vector(a), this.vector(b), this.vector(c));
  }

  /** A polynomial's value by Horner's rule; coefficients from the lowest power up. */
  polynomial(x: Vector, coefficients: readonly number[]): Vector {
    let sum = this.vector(coefficients.at(-1) ?? 0);
    for (const coefficient of coefficients.slice(0, -1).reverse()) {
      sum = this.multiplyAdd(sum, x, coefficient);
    }
    return sum;
  }

  negate(x: Vector): Vector {
    return this.context.code.op(`${this.type}.neg`, x);
  }

  absolute(x: Vector): Vector {
    return this.context.code.op(`${this.type}.abs`, x);
  }

  squareRoot(x: Vector): Vector {
    return this.context.code.op(`${this.type}.sqrt`, x);
  }

  /** The nearest integer, halves to even. */
  nearest(x: Vector): Vector {
    return this.context.code.op(`${this.type}.nearest`, x);
  }

  floor(x: Vector): Vector {
    return this.context.code.op(`${this.type}.floor`, x);
  }

  truncate(x: Vector): Vector {
    return this.context.code.op(`${this.type}.trunc`, x);
  }

  /** The lesser; where x is NaN, x. */
  atMost(x: Vector, bound: Term): Vector {
    return this.context.code.op(`${this.type}.pmin`, x, this.vector(bound));
  }

  /** The greater; where x is NaN, x. */
  atLeast(x: Vector, bound: Term): Vector {
    return this.context.code.op(`${this.type}.pmax`, x, this.vector(bound));
  }

  less(a: Term, b: Term): Vector {
    return this.context.code.op(`${this.type}.lt`, this.vector(a), this.vector(b));
  }

  lessOrEqual(a: Term, b: Term): Vector {
    return this.context.code.op(`${this.type}.le`, this.vector(a), this.vector(b));
  }

  equal(a: Term, b: Term): Vector {
    return this.context.code.op(`${this.type}.eq`, this.vector(a), this.vector(b));
  }

  notEqual(a: Term, b: Term): Vector {
    return this.context.code.op(`${this.type}.ne`, this.vector(a), this.vector(b));
  }

  isNaN(x: Vector): Vector {
    return this.notEqual(x, x);
  }

  isInteger(x: Vector): Vector {
    return this.equal(this.truncate(x), x);
  }

  /** `a` where the mask has ones, else `b`. */
  select(mask: Vector, a: Term, b: Term): Vector {
    return this.context.code.op("v128.bitselect", this.vector(a), this.vector(b), mask);
  }

  and(a: Vector, b: Vector): Vector {
    return this.context.code.op("v128.and", a, b);
  }

  or(a: Vector, b: Vector): Vector {
    return this.context.code.op("v128.or", a, b);
  }

  xor(a: Vector, b: Vector): Vector {
    return this.context.code.op("v128.xor", a, b);
  }

  not(a: Vector): Vector {
    return this.context.code.op("v128.not", a);
  }

  /** 1 where any lane of the mask has ones. */
  any(mask: Vector): Value<"i32"> {
    return this.context.code.op("v128.any_true", mask);
  }

  signBit(): Vector {
    return this.bits(this.type === "f32x4" ? 1n << 31n : 1n << 63n);
  }

  /** The sign bit of x, alone. */
  signOf(x: Vector): Vector {
    return this.and(x, this.signBit());
  }

  /** The size of one with the sign of another. */
  withSign(size: Vector, sign: Vector): Vector {
    return this.select(this.signBit(), sign, size);
  }

  /** Adds bits as integers. */
  addBits(a: Vector, b: Vector): Vector {
    return this.context.code.op(`${integerTypes[this.type]}.add`, a, b);
  }

  subtractBits(a: Vector, b: Vector): Vector {
    return this.context.code.op(`${integerTypes[this.type]}.sub`, a, b);
  }

  shiftLeft(a: Vector, count: number): Vector {
    return this.context.code.op(`${integerTypes[this.type]}.shl`, a, count);
  }

  /** Shifts zeros in. */
  shiftRight(a: Vector, count: number): Vector {
    return this.context.code.op(`${integerTypes[this.type]}.shr_u`, a, count);
  }

  /** A call of the module's helper for an expensive function of one vector. */
  callUnary(name: string, x: Vector, body: (math: LaneMath, x: Vector) => Vector): Vector {
    const { code, outOfLine } = this.context;
    const type = { params: ["v128"], results: ["v128"] } as const;
    const helper = outOfLine.function(`${this.type}.${name}`, type, (inner) => {
      const math = new LaneMath({ ...this.context, code: inner }, this.type);
      inner.return(body(math, inner.param(0, "v128")));
    });
    return code.callFor(helper, "v128", x);
  }

  callBinary(
    name: string,
    a: Vector,
    b: Vector,
    body: (math: LaneMath, a: Vector, b: Vector) => Vector,
  ): Vector {
    const { code, outOfLine } = this.context;
    const type = { params: ["v128", "v128"], results: ["v128"] } as const;
    const helper = outOfLine.function(`${this.type}.${name}`, type, (inner) => {
      const math = new LaneMath({ ...this.context, code: inner }, this.type);
      inner.return(body(math, inner.param(0, "v128"), inner.param(1, "v128")));
    });
    return code.callFor(helper, "v128", a, b);
  }
}
