import type { DType } from "@adjoint/graph";
import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import { writeDecodeHalf, writeEncodeHalf } from "./half.js";

/** Integers of at most 32 bits: what is added and multiplied modulo 2^32. */
export type SmallInteger = "int32" | "int8" | "uint8" | "bool";

export function isSmallInteger(dtype: DType): dtype is SmallInteger {
  return dtype === "int32" || dtype === "int8" || dtype === "uint8" || dtype === "bool";
}

/**
 * Single elements of any dtype in the code of one module. Numbers are doubles, which hold all
 * dtypes but int64 exactly; conversions are those of the interpreter's `load` and `store`.
 */
export class Cells {
  private decode: FunctionRef | undefined;
  private encode: FunctionRef | undefined;

  constructor(private readonly module: ModuleBuilder) {}

  load(code: FunctionBuilder, dtype: DType, address: Value<"i32">, offset = 0): Value<"f64"> {
    switch (dtype) {
      case "float32":
        return code.op("f64.promote_f32", code.load("f32.load", address, offset));
      case "float64":
        return code.load("f64.load", address, offset);
      case "float16":
        return this.decodeHalf(code, code.load("i32.load16_u", address, offset));
      case "int64":
        return code.op("f64.convert_i64_s", code.load("i64.load", address, offset));
      default:
        return code.op("f64.convert_i32_s", this.loadInteger(code, dtype, address, offset));
    }
  }

  loadInteger(
    code: FunctionBuilder,
    dtype: SmallInteger,
    address: Value<"i32">,
    offset = 0,
  ): Value<"i32"> {
    if (dtype === "int32") return code.load("i32.load", address, offset);
    return code.load(dtype === "int8" ? "i32.load8_s" : "i32.load8_u", address, offset);
  }

  /** Integers must be in range of 64 bits; they drop the fraction and wrap. */
  store(code: FunctionBuilder, dtype: DType, address: Value<"i32">, value: Value<"f64">): void {
    switch (dtype) {
      case "float32":
        code.store("f32.store", address, code.op("f32.demote_f64", value));
        return;
      case "float64":
        code.store("f64.store", address, value);
        return;
      case "float16":
        code.store("i32.store16", address, this.encodeHalf(code, value));
        return;
      case "int64":
        code.store("i64.store", address, code.op("i64.trunc_sat_f64_s", value));
        return;
      case "bool":
        code.store("i32.store8", address, code.op("f64.ne", value, code.f64(0)));
        return;
      default: {
        const whole = code.op("i32.wrap_i64", code.op("i64.trunc_sat_f64_s", value));
        code.store(dtype === "int32" ? "i32.store" : "i32.store8", address, whole);
      }
    }
  }

  /** Stores an integer of 32 bits. */
  storeInteger(
    code: FunctionBuilder,
    dtype: DType,
    address: Value<"i32">,
    value: Value<"i32">,
  ): void {
    switch (dtype) {
      case "int32":
        code.store("i32.store", address, value);
        return;
      case "int8":
      case "uint8":
        code.store("i32.store8", address, value);
        return;
      case "bool":
        code.store("i32.store8", address, code.op("i32.ne", value, 0));
        return;
      case "int64":
        code.store("i64.store", address, code.op("i64.extend_i32_s", value));
        return;
      default:
        this.store(code, dtype, address, code.op("f64.convert_i32_s", value));
    }
  }

  private decodeHalf(code: FunctionBuilder, half: Value<"i32">): Value<"f64"> {
    if (this.decode === undefined) {
      const helper = this.module.helper("decodeHalf", { params: ["i32"], results: ["f64"] });
      writeDecodeHalf(helper);
      this.decode = helper;
    }
    return code.callFor(this.decode, "f64", half);
  }

  private encodeHalf(code: FunctionBuilder, value: Value<"f64">): Value<"i32"> {
    if (this.encode === undefined) {
      const helper = this.module.helper("encodeHalf", { params: ["f64"], results: ["i32"] });
      writeEncodeHalf(helper);
      this.encode = helper;
    }
    return code.callFor(this.encode, "i32", value);
  }
}
