import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import { engineFields } from "./engineLibrary.js";

/**
 * A function that draws uniform float32 samples four at a time, as the sampler draws single ones.
 * Parameters: the engine, where samples go, how many are wanted, the bounds. Gives how many were
 * drawn: all but the last few, or as many as go without another twist of the engine.
 */
export function addUniformVectors(module: ModuleBuilder): FunctionRef {
  const params = ["i32", "i32", "i32", "f64", "f64"] as const;
  const code = module.helper("uniformVectors", { params, results: ["i32"] });
  const [engine, to, wanted] = [code.param(0, "i32"), code.param(1, "i32"), code.param(2, "i32")];
  const low = code.op("f32.demote_f64", code.param(3, "f64"));
  const high = code.op("f32.demote_f64", code.param(4, "f64"));
  const [start, range] = [
    code.op("f32x4.splat", low),
    code.op("f32x4.splat", code.op("f32.sub", high, low)),
  ];
  const scale = code.op("f32x4.splat", code.f32(2 ** -32));
  const largest = code.op("f32x4.splat", code.f32(1 - 2 ** -24));
  const next = code.load("i32.load", engine, engineFields.next);
  const there = code.op("i32.sub", 624, next);
  const count = code.op(
    "i32.and",
    code.select(code.op("i32.lt_s", wanted, there), wanted, there),
    -4,
  );
  const from = code.variable("i32", code.op("i32.add", engine, code.op("i32.shl", next, 2)));
  code.countUp(code.variable("i32", 0), count, 4, () => {
    const words = temper(code, code.load("v128.load", from));
    const unit = code.op("f32x4.mul", code.op("f32x4.convert_i32x4_u", words), scale);
    const scaled = code.op("f32x4.mul", code.op("f32x4.min", unit, largest), range);
    code.store("v128.store", to, code.op("f32x4.add", scaled, start));
    code.increase(from, 16);
    code.increase(to, 16);
  });
  code.store("i32.store", engine, code.op("i32.add", next, count), engineFields.next);
  code.return(count);
  return code;
}

/** Words of the state as the engine gives them. */
function temper(code: FunctionBuilder, state: Value<"v128">): Value<"v128"> {
  const masked = (x: Value<"v128">, mask: number) =>
    code.op("v128.and", x, code.op("i32x4.splat", code.i32(mask | 0)));
  const mixed = (x: Value<"v128">, y: Value<"v128">) => code.op("v128.xor", x, y);
  const first = mixed(state, code.op("i32x4.shr_u", state, 11));
  const second = mixed(first, masked(code.op("i32x4.shl", first, 7), 0x9d2c5680));
  const third = mixed(second, masked(code.op("i32x4.shl", second, 15), 0xefc60000));
  return mixed(third, code.op("i32x4.shr_u", third, 18));
}
