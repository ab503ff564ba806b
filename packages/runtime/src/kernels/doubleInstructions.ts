import { ArgumentError, rowMajorStrides, type ScalarExpr } from "@adjoint/graph";
import { convert, requireDTypes } from "../storage.js";
import { broadcastLoad, doubleReader } from "./broadcastLoad.js";
import type { Instruction, InstructionsOf } from "./instruction.js";
import { at, type Signature } from "./prepare.js";
import { binaryLoops, castLoops, integerLoops, unaryLoops } from "./scalarTables.js";

type Binary = ScalarExpr & { kind: "binary" };

/** Steps of expressions whose operands and result are all held as doubles. */
export const doubleInstructions: InstructionsOf = (expr, operands, out, signature) => {
  const [x = out, y = out, z = out] = operands;
  switch (expr.kind) {
    case "arg":
      return loadArgument(expr.arg, out, signature);
    case "constant": {
      const value = convert[expr.dtype](expr.value);
      return [(r, _ins, _start, n) => at(r.doubles, out).fill(value, 0, n)];
    }
    case "coordinate":
      return loadCoordinate(expr.axis, out, signature);
    case "unary": {
      requireDTypes(signature, [expr.x.dtype]);
      const loop = unaryLoops[expr.fn];
      const run: Instruction = (r, _ins, _start, n) =>
        loop(at(r.doubles, x), at(r.doubles, out), n);
      return [run, ...wrap(expr, out)];
    }
    case "binary":
      return binaryInstructions(expr, x, y, out, signature);
    case "select":
      return [
        ({ doubles }, _ins, _start, n) =>
          select(at(doubles, x), at(doubles, y), at(doubles, z), at(doubles, out), n),
      ];
    case "cast": {
      const loop = castLoops[expr.dtype];
      return [(r, _ins, _start, n) => loop(at(r.doubles, x), at(r.doubles, out), n)];
    }
    default:
      return expr satisfies never;
  }
};

function loadArgument(arg: number, out: number, { ins, outs }: Signature): readonly Instruction[] {
  const type = at(ins, arg);
  const loadChunk = broadcastLoad(type, at(outs, 0).shape, doubleReader(type.dtype));
  return [(r, data, start, n) => loadChunk(at(data, arg), start, n, at(r.doubles, out))];
}

function loadCoordinate(axis: number, out: number, { outs }: Signature): readonly Instruction[] {
  const shape = at(outs, 0).shape;
  const length = at(shape, axis);
  const stride = at(rowMajorStrides(shape), axis);
  return [
    (r, _ins, start, n) => {
      const to = at(r.doubles, out);
      for (let i = 0; i < n; i++) to[i] = Math.floor((start + i) / stride) % length;
    },
  ];
}

function binaryInstructions(
  expr: Binary,
  a: number,
  b: number,
  out: number,
  signature: Signature,
): readonly Instruction[] {
  requireDTypes(signature, [expr.a.dtype]);
  const loop = binaryLoop(expr);
  const divides = isInteger(expr) && expr.fn === "div";
  const check: Instruction = (r, _ins, _s, n) => checkDivisor(at(r.doubles, b), n, signature.site);
  return [
    ...(divides ? [check] : []),
    ({ doubles }, _ins, _start, n) => loop(at(doubles, a), at(doubles, b), at(doubles, out), n),
    ...wrap(expr, out),
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

const isInteger = ({ dtype }: ScalarExpr) =>
  dtype === "int32" || dtype === "int8" || dtype === "uint8";

function binaryLoop(expr: Binary) {
  const exact = isInteger(expr) && (expr.fn === "mul" || expr.fn === "div");
  return exact && (expr.fn === "mul" || expr.fn === "div")
    ? integerLoops[expr.fn]
    : binaryLoops[expr.fn];
}

/** Brings results of integer arithmetic back into the dtype's range. */
function wrap(expr: ScalarExpr, out: number): readonly Instruction[] {
  const boolean = expr.dtype === "bool" && !givesBool(expr);
  if (!isInteger(expr) && !boolean) return [];
  const loop = castLoops[expr.dtype];
  return [(r, _ins, _start, n) => loop(at(r.doubles, out), at(r.doubles, out), n)];
}

/** True for functions whose result is 0 or 1 already, whatever the operands are. */
function givesBool(expr: ScalarExpr): boolean {
  return (
    (expr.kind === "binary" && expr.a.dtype !== "bool") ||
    (expr.kind === "unary" && (expr.fn === "not" || expr.fn === "isNaN"))
  );
}

/** Refuses to divide an integer by zero; in floating point the result says it. */
function checkDivisor(divisor: Float64Array, count: number, site: string | undefined): void {
  for (let i = 0; i < count; i++) {
    if (divisor[i] === 0) {
      throw new ArgumentError({ op: "div", problem: "integer division by zero", site });
    }
  }
}
