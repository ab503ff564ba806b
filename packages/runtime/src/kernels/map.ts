import {
  ArgumentError,
  type MapKernel,
  rowMajorStrides,
  type ScalarExpr,
  sizeOf,
} from "@adjoint/graph";
import { chunkLength } from "../scratch.js";
import { convert, requireDTypes, store } from "../storage.js";
import { type BroadcastLoad, broadcastLoad } from "./broadcastLoad.js";
import { at, type Execute, type Signature } from "./prepare.js";
import { binaryLoops, castLoops, integerLoops, unaryLoops } from "./scalarTables.js";

/** One step of a map's program: fills a register for elements `start ... start + count - 1`. */
type Instruction = (
  registers: readonly Float64Array[],
  ins: Parameters<Execute>[0],
  start: number,
  count: number,
) => void;

interface Program {
  /** Fill registers that no later step overwrites. */
  readonly constants: { readonly register: number; readonly value: number }[];
  readonly instructions: Instruction[];
  /** Where each sub-expression's value lies; equal objects are one value. */
  readonly registers: Map<ScalarExpr, number>;
  readonly signature: Signature;
}

/**
 * Applies one scalar expression to every element, a chunk at a time. Floating point is computed in
 * double precision and rounded once, when the result is stored; integers wrap after each operation.
 */
export function prepareMap(kernel: MapKernel, signature: Signature): Execute {
  const program: Program = { constants: [], instructions: [], registers: new Map(), signature };
  const result = compile(kernel.expr, program);
  // The map of sub-expressions is not needed any more: plans of many nodes keep only these.
  const { constants, instructions } = program;
  const registerCount = program.registers.size;
  const out = at(signature.outs, 0);
  const size = sizeOf(out.shape);
  return (ins, outs, { scratch }) => {
    const registers = scratch.registers(registerCount);
    const data = at(outs, 0);
    const longest = Math.min(size, chunkLength);
    for (const { register, value } of constants) {
      at(registers, register).fill(value, 0, longest);
    }
    for (let start = 0; start < size; start += chunkLength) {
      const count = Math.min(chunkLength, size - start);
      for (const run of instructions) run(registers, ins, start, count);
      store(data, out.dtype, start, at(registers, result), count);
    }
  };
}

/** Appends what computes `expr`; gives the register that will hold it. */
function compile(expr: ScalarExpr, program: Program): number {
  const known = program.registers.get(expr);
  if (known !== undefined) return known;
  checkDType(expr, program.signature);
  const steps = instructionsOf(expr, program);
  const register = program.registers.size;
  program.registers.set(expr, register);
  for (const step of steps(register)) program.instructions.push(step);
  return register;
}

type Emit = (register: number) => readonly Instruction[];

function instructionsOf(expr: ScalarExpr, program: Program): Emit {
  switch (expr.kind) {
    case "arg":
      return loadArgument(expr.arg, program.signature);
    case "constant":
      return (register) => {
        program.constants.push({ register, value: convert[expr.dtype](expr.value) });
        return [];
      };
    case "coordinate":
      return loadCoordinate(expr.axis, program.signature);
    case "unary": {
      const x = compile(expr.x, program);
      const loop = unaryLoops[expr.fn];
      const wrap = wrapOf(expr);
      return (out) => [(r, _ins, _start, n) => loop(at(r, x), at(r, out), n), ...wrap(out)];
    }
    case "binary":
      return binaryInstructions(expr, program);
    case "select": {
      const condition = compile(expr.condition, program);
      const a = compile(expr.a, program);
      const b = compile(expr.b, program);
      return (out) => [
        (r, _ins, _start, n) => select(at(r, condition), at(r, a), at(r, b), at(r, out), n),
      ];
    }
    case "cast": {
      const x = compile(expr.x, program);
      const loop = castLoops[expr.dtype];
      return (out) => [(r, _ins, _start, n) => loop(at(r, x), at(r, out), n)];
    }
    default:
      return expr satisfies never;
  }
}

function binaryInstructions(expr: ScalarExpr & { kind: "binary" }, program: Program): Emit {
  const a = compile(expr.a, program);
  const b = compile(expr.b, program);
  const loop = binaryLoop(expr);
  const wrap = wrapOf(expr);
  const { site } = program.signature;
  const divides = isInteger(expr) && expr.fn === "div";
  const check: Instruction[] = divides ? [(r, _ins, _s, n) => checkDivisor(at(r, b), n, site)] : [];
  return (out) => [
    ...check,
    (r, _ins, _start, n) => loop(at(r, a), at(r, b), at(r, out), n),
    ...wrap(out),
  ];
}

function loadArgument(arg: number, { ins, outs }: Signature): Emit {
  const loadChunk: BroadcastLoad = broadcastLoad(at(ins, arg), at(outs, 0).shape);
  return (register) => [
    (registers, data, start, count) =>
      loadChunk(at(data, arg), start, count, at(registers, register)),
  ];
}

function loadCoordinate(axis: number, { outs }: Signature): Emit {
  const shape = at(outs, 0).shape;
  const length = at(shape, axis);
  const stride = at(rowMajorStrides(shape), axis);
  return (register) => [
    (registers, _data, start, count) => {
      const out = at(registers, register);
      for (let i = 0; i < count; i++) out[i] = Math.floor((start + i) / stride) % length;
    },
  ];
}

function select(
  condition: Float64Array,
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) out[i] = (condition[i] !== 0 ? a[i] : b[i]) ?? 0;
}

const isInteger = (expr: ScalarExpr) =>
  expr.dtype === "int32" || expr.dtype === "int8" || expr.dtype === "uint8";

function binaryLoop(expr: ScalarExpr & { kind: "binary" }) {
  const exact = isInteger(expr) && (expr.fn === "mul" || expr.fn === "div");
  return exact && (expr.fn === "mul" || expr.fn === "div")
    ? integerLoops[expr.fn]
    : binaryLoops[expr.fn];
}

/** Brings results of integer arithmetic back into the dtype's range. */
function wrapOf(expr: ScalarExpr): Emit {
  const boolean = expr.dtype === "bool" && !givesBool(expr);
  if (!isInteger(expr) && !boolean) return () => [];
  const loop = castLoops[expr.dtype];
  return (out) => [(r, _ins, _start, n) => loop(at(r, out), at(r, out), n)];
}

/** True for functions whose result is 0 or 1 already, whatever the operands are. */
function givesBool(expr: ScalarExpr): boolean {
  return (
    (expr.kind === "binary" && expr.a.dtype !== "bool") ||
    (expr.kind === "unary" && (expr.fn === "not" || expr.fn === "isNaN"))
  );
}

/** int64 and float16 may be read, chosen among and cast, but not calculated with. */
function checkDType(expr: ScalarExpr, signature: Signature): void {
  if (expr.kind === "unary") requireDTypes(signature, [expr.x.dtype]);
  if (expr.kind === "binary") requireDTypes(signature, [expr.a.dtype]);
}

/** Refuses to divide an integer by zero; in floating point the result says it. */
function checkDivisor(divisor: Float64Array, count: number, site: string | undefined): void {
  for (let i = 0; i < count; i++) {
    if (divisor[i] === 0) {
      throw new ArgumentError({ op: "div", problem: "integer division by zero", site });
    }
  }
}
