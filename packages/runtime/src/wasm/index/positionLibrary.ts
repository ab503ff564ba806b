import type { DType } from "@adjoint/graph";
import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import { Cells } from "../cells/cells.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import { emitRefusal } from "../refusals.js";
import { beginFunction, type Functions, type LibraryDefinition } from "../library/definition.js";

export const positionFunctions = {
  /**
   * Indices, truncated and brought into 0 ... length - 1, as 32-bit integers; NaN is 0. Each is
   * added to `length` times what is there where `fold`. What is out of range is refused where
   * `refusal` is not 0.
   */
  positions: ["from", "count", "length", "wrap", "fold", "to", "refused", "refusal"],
} as const;

/** Reading indices of one dtype. */
export function positionLibrary(
  libraries: KernelLibraries,
  dtype: DType,
): Functions<typeof positionFunctions> {
  const definition: LibraryDefinition<typeof positionFunctions> = {
    name: `positions.${dtype}`,
    functions: positionFunctions,
    write({ module }) {
      const cells = new Cells(module);
      const wrap = addWrap(module);
      const { code, of } = beginFunction(module, "positions", positionFunctions.positions);
      const [from, to, length] = [of("from"), of("to"), of("length")];
      const last = code.op("f64.convert_i32_s", code.op("i32.sub", length, 1));
      const done = code.variable("i32", 0);
      if (dtype === "int32") clampVectors(code, of, done);
      code.countUp(done, of("count"), 1, () => {
        const given = cells.load(code, dtype, from);
        code.if(of("refusal"), () => refuseOutside(code, given, length, of));
        const index = code.op("f64.trunc", given);
        const position = code.variable("i32");
        code.if(
          of("wrap"),
          () => code.assign(position, code.callFor(wrap, "i32", index, length)),
          () => {
            const inside = code.op("f64.min", code.op("f64.max", index, code.f64(0)), last);
            code.assign(position, code.op("i32.trunc_sat_f64_s", inside));
          },
        );
        code.if(of("fold"), () => {
          const before = code.op("i32.mul", code.load("i32.load", to), length);
          code.assign(position, code.op("i32.add", before, position));
        });
        code.store("i32.store", to, position);
        code.increase(from, bytesOfIndex(dtype));
        code.increase(to, 4);
      });
    },
  };
  return libraries.load(definition);
}

type Of = (name: (typeof positionFunctions.positions)[number]) => Value<"i32">;

/** Four integers at a time, as long as there are so many, where they are only brought into range. */
function clampVectors(code: FunctionBuilder, of: Of, done: Value<"i32">): void {
  const [from, to] = [of("from"), of("to")];
  const others = (["wrap", "fold", "refusal"] as const).map((name) => of(name));
  const special = others.reduce((any, one) => code.op("i32.or", any, one));
  code.if(code.op("i32.eqz", special), () => {
    const first = code.v128(new Uint8Array(16));
    const last = code.op("i32x4.splat", code.op("i32.sub", of("length"), 1));
    code.countUp(done, code.op("i32.sub", of("count"), 3), 4, () => {
      const index = code.op("i32x4.max_s", code.load("v128.load", from), first);
      code.store("v128.store", to, code.op("i32x4.min_s", index, last));
      code.increase(from, 16);
      code.increase(to, 16);
    });
  });
}

/** NaN is neither in range. */
function refuseOutside(
  code: FunctionBuilder,
  index: Value<"f64">,
  length: Value<"i32">,
  of: (name: "refused" | "refusal") => Value<"i32">,
): void {
  const reaches = code.op("f64.ge", index, code.f64(0));
  const ends = code.op("f64.lt", index, code.op("f64.convert_i32_s", length));
  code.if(code.op("i32.eqz", code.op("i32.and", reaches, ends)), () => {
    emitRefusal(code, of("refused"), of("refusal"), index);
  });
}

function bytesOfIndex(dtype: DType): number {
  switch (dtype) {
    case "float64":
    case "int64":
      return 8;
    case "float32":
    case "int32":
      return 4;
    case "float16":
      return 2;
    case "int8":
    case "uint8":
    case "bool":
      return 1;
    default:
      return dtype satisfies never;
  }
}

/** The remainder of a whole number, with the sign of the divisor; 0 for NaN and infinities. */
function addWrap(module: ModuleBuilder): FunctionRef {
  const code = module.helper("wrap", { params: ["f64", "i32"], results: ["i32"] });
  const [index, length] = [code.param(0, "f64"), code.param(1, "i32")];
  const size = code.op("f64.abs", index);
  const wide = code.op("i64.extend_i32_s", length);
  const rest = code.variable("i32");
  code.if(
    code.op("f64.lt", size, code.f64(2 ** 63)),
    () => {
      const whole = code.op("i64.trunc_sat_f64_s", size);
      code.assign(rest, code.op("i32.wrap_i64", code.op("i64.rem_u", whole, wide)));
    },
    () => code.assign(rest, largeRemainder(code, size, wide)),
  );
  const negative = code.op("f64.lt", index, code.f64(0));
  code.if(code.op("i32.and", negative, code.op("i32.ne", rest, 0)), () => {
    code.return(code.op("i32.sub", length, rest));
  });
  code.return(rest);
  return code;
}

/** Of a fraction of 53 bits times a power of two, doubled step by step. */
function largeRemainder(
  code: FunctionBuilder,
  size: Value<"f64">,
  length: Value<"i64">,
): Value<"i32"> {
  const rest = code.variable("i64", code.i64(0n));
  code.if(code.op("f64.lt", size, code.f64(Infinity)), () => {
    const bits = code.op("i64.reinterpret_f64", size);
    const fraction = code.op("i64.and", bits, code.i64(2n ** 52n - 1n));
    const mantissa = code.op("i64.or", fraction, code.i64(2n ** 52n));
    code.assign(rest, code.op("i64.rem_u", mantissa, length));
    const exponent = code.op("i32.wrap_i64", code.op("i64.shr_u", bits, code.i64(52n)));
    const doublings = code.op("i32.sub", exponent, 1023 + 52);
    code.countUp(code.variable("i32", 0), doublings, 1, () => {
      code.assign(rest, code.op("i64.rem_u", code.op("i64.add", rest, rest), length));
    });
  });
  return code.op("i32.wrap_i64", rest);
}
