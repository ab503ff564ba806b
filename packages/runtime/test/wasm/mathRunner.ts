import {
  type BinaryFunction,
  binaryFunctions,
  type UnaryFunction,
  unaryFunctions,
} from "@adjoint/graph";
import { binaryLoops, unaryLoops } from "../../src/kernels/scalarTables.js";
import { type FunctionBuilder, ModuleBuilder, type Value } from "../../src/wasm/assembler/index.js";
import { ConstantPool } from "../../src/wasm/constantPool.js";
import { emitIntBinary, emitIntUnary } from "../../src/wasm/math/intMath.js";
import type { MathContext } from "../../src/wasm/math/mathContext.js";
import { OutOfLine } from "../../src/wasm/math/outOfLine.js";
import { emitBinary, emitUnary } from "../../src/wasm/math/vectorMath.js";

export type LaneType = "f32x4" | "f64x2" | "i32x4";
type Vector = Value<"v128">;
type Emit = (context: MathContext, a: Vector, b: Vector) => Vector;
type Numbers = Float32Array | Float64Array | Int32Array;

const arrays = { f32x4: Float32Array, f64x2: Float64Array, i32x4: Int32Array } as const;
const poolBytes = 65536;
const memoryType = { initial: 80, maximum: 80, shared: false };
/** Bytes for each of the two operands and the result. */
const room = 1 << 20;

/** Gives the first bytes of a memory away, one piece after another. */
function firstBytes(limit: number): (bytes: number) => number {
  let next = 0;
  return (bytes) => {
    next += bytes;
    if (next > limit) throw new RangeError("too many constants");
    return next - bytes;
  };
}

/** Runs every scalar function on arrays, one exported loop each. */
export interface Runner {
  unary(fn: UnaryFunction, x: readonly number[] | Numbers): Numbers;
  binary(
    fn: BinaryFunction,
    a: readonly number[] | Numbers,
    b: readonly number[] | Numbers,
  ): Numbers;
}

/** The same by the interpreter's functions. */
export function interpreterRunner(): Runner {
  return {
    unary(fn, x) {
      const out = new Float64Array(x.length);
      unaryLoops[fn](Float64Array.from(x), out, x.length);
      return out;
    },
    binary(fn, a, b) {
      const out = new Float64Array(a.length);
      binaryLoops[fn](Float64Array.from(a), Float64Array.from(b), out, a.length);
      return out;
    },
  };
}

/** Compiles all functions for one type of lanes, with fused multiply-add or without. */
export function mathRunner(type: LaneType, relaxed: boolean): Runner {
  const memory = new WebAssembly.Memory(memoryType);
  const module = new ModuleBuilder(memoryType);
  const outOfLine = new OutOfLine(module);
  const constants = new ConstantPool(memory, firstBytes(poolBytes));
  const write = (name: string, emit: Emit) => {
    const code = module.function(name, { params: ["i32", "i32", "i32", "i32"], results: [] });
    writeLoop(code, (a, b) => emit({ code, constants, features: { relaxed }, outOfLine }, a, b));
  };
  for (const fn of unaryFunctions) write(fn, (context, x) => unaryOf(context, type, fn, x));
  for (const fn of binaryFunctions) write(fn, (context, a, b) => binaryOf(context, type, fn, a, b));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), {
    env: { memory },
  });
  return runnerOf(type, memory, exports);
}

function unaryOf(context: MathContext, type: LaneType, fn: UnaryFunction, x: Vector): Vector {
  return type === "i32x4" ? emitIntUnary(context, fn, x) : emitUnary(context, fn, type, x);
}

function binaryOf(
  context: MathContext,
  type: LaneType,
  fn: BinaryFunction,
  a: Vector,
  b: Vector,
): Vector {
  return type === "i32x4" ? emitIntBinary(context, fn, a, b) : emitBinary(context, fn, type, a, b);
}

/** out[i] = f(a[i], b[i]) by vectors, up to the address `end` of a. */
function writeLoop(code: FunctionBuilder, emit: (a: Vector, b: Vector) => Vector): void {
  const first = code.variable("i32", code.param(0, "i32"));
  const second = code.variable("i32", code.param(1, "i32"));
  const target = code.variable("i32", code.param(2, "i32"));
  const end = code.param(3, "i32");
  code.countUp(first, end, 16, () => {
    const value = emit(code.load("v128.load", first), code.load("v128.load", second));
    code.store("v128.store", target, value);
    code.increase(second, 16);
    code.increase(target, 16);
  });
}

function runnerOf(
  type: LaneType,
  memory: WebAssembly.Memory,
  exports: WebAssembly.Exports,
): Runner {
  const view = (position: number, count: number) =>
    new arrays[type](memory.buffer, poolBytes + position * room, count);
  const run = (fn: string, count: number) => {
    const loop = exports[fn];
    if (typeof loop !== "function") throw new TypeError(`no function ${fn}`);
    const [a, b, out] = [0, 1, 2].map((position) => poolBytes + position * room);
    const bytes = Math.ceil((count * arrays[type].BYTES_PER_ELEMENT) / 16) * 16;
    return () => loop(a, b, out, (a ?? 0) + bytes);
  };
  const compute = (fn: string, ins: readonly (readonly number[] | Numbers)[]) => {
    const count = ins[0]?.length ?? 0;
    if (count * arrays[type].BYTES_PER_ELEMENT > room) throw new RangeError("too many numbers");
    for (const [position, numbers] of ins.entries()) view(position, count).set(numbers);
    run(fn, count)();
    return view(2, count).slice();
  };
  return {
    unary: (fn, x) => compute(fn, [x]),
    binary: (fn, a, b) => compute(fn, [a, b]),
  };
}
