import { ArgumentError, type DType, type ScalarExpr } from "@adjoint/graph";
import { dtypeRefusal, toInt64 } from "../../storage.js";
import { broadcastLoad, int64Reader } from "../broadcastLoad.js";
import type { Instruction, InstructionsOf } from "../instruction.js";
import { at, type Signature } from "../prepare.js";
import {
  castFromInt64,
  castToInt64,
  int64BinaryLoops,
  int64Predicates,
  int64Relations,
  int64UnaryLoops,
} from "./scalarTables.js";

/** Steps of expressions that have int64 among their operands, or as their result. */
export const int64Instructions: InstructionsOf = (expr, operands, out, signature) => {
  const [x = out, y = out] = operands;
  switch (expr.kind) {
    case "arg":
      return loadArgument(expr.arg, out, signature);
    case "constant": {
      const value = toInt64(expr.value);
      return [(r, _ins, _start, n) => at(r.int64s, out).fill(value, 0, n)];
    }
    case "coordinate":
      throw dtypeRefusal(signature, "int64");
    case "unary":
      return unaryInstructions(expr, x, out, signature);
    case "binary":
      return binaryInstructions(expr, x, y, out, signature);
    case "select":
      return [selectInstruction(expr, operands, out)];
    case "cast":
      return [castInstruction(expr.dtype, x, out)];
    default:
      return expr satisfies never;
  }
};

function loadArgument(arg: number, out: number, { ins, outs }: Signature): readonly Instruction[] {
  const loadChunk = broadcastLoad(at(ins, arg), at(outs, 0).shape, int64Reader);
  return [(r, data, start, n) => loadChunk(at(data, arg), start, n, at(r.int64s, out))];
}

/** True where a table has an entry for a function. */
function has<T extends object>(table: T, key: PropertyKey): key is keyof T {
  return Object.hasOwn(table, key);
}

function unaryInstructions(
  { fn }: ScalarExpr & { kind: "unary" },
  x: number,
  out: number,
  signature: Signature,
): readonly Instruction[] {
  if (has(int64UnaryLoops, fn)) {
    const loop = int64UnaryLoops[fn];
    return [({ int64s }, _ins, _start, n) => loop(at(int64s, x), at(int64s, out), n)];
  }
  if (has(int64Predicates, fn)) {
    const loop = int64Predicates[fn];
    return [({ int64s, doubles }, _ins, _start, n) => loop(at(int64s, x), at(doubles, out), n)];
  }
  throw dtypeRefusal(signature, "int64");
}

function binaryInstructions(
  { fn }: ScalarExpr & { kind: "binary" },
  a: number,
  b: number,
  out: number,
  signature: Signature,
): readonly Instruction[] {
  if (has(int64BinaryLoops, fn)) {
    const loop = int64BinaryLoops[fn];
    const check: Instruction = ({ int64s }, _ins, _start, n) =>
      checkDivisor(at(int64s, b), n, signature.site);
    return [
      ...(fn === "div" ? [check] : []),
      ({ int64s }, _ins, _start, n) => loop(at(int64s, a), at(int64s, b), at(int64s, out), n),
    ];
  }
  if (has(int64Relations, fn)) {
    const loop = int64Relations[fn];
    return [
      ({ int64s, doubles }, _ins, _start, n) =>
        loop(at(int64s, a), at(int64s, b), at(doubles, out), n),
    ];
  }
  throw dtypeRefusal(signature, "int64");
}

function selectInstruction(
  expr: ScalarExpr & { kind: "select" },
  operands: readonly number[],
  out: number,
): Instruction {
  const [condition, a, b] = [at(operands, 0), at(operands, 1), at(operands, 2)];
  const byInt64 = expr.condition.dtype === "int64";
  if (expr.dtype === "int64") {
    return ({ doubles, int64s }, _ins, _start, n) => {
      const choice = byInt64 ? at(int64s, condition) : at(doubles, condition);
      selectInt64(choice, at(int64s, a), at(int64s, b), at(int64s, out), n);
    };
  }
  return ({ doubles, int64s }, _ins, _start, n) =>
    selectByInt64(at(int64s, condition), at(doubles, a), at(doubles, b), at(doubles, out), n);
}

function selectInt64(
  condition: Float64Array | BigInt64Array,
  a: BigInt64Array,
  b: BigInt64Array,
  out: BigInt64Array,
  count: number,
): void {
  const zero = condition instanceof BigInt64Array ? 0n : 0;
  for (let i = 0; i < count; i++) out[i] = (condition[i] !== zero ? a[i] : b[i]) ?? 0n;
}

function selectByInt64(
  condition: BigInt64Array,
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) out[i] = (condition[i] !== 0n ? a[i] : b[i]) ?? 0;
}

function castInstruction(to: DType, x: number, out: number): Instruction {
  if (to === "int64") {
    return ({ doubles, int64s }, _ins, _start, n) =>
      castToInt64(at(doubles, x), at(int64s, out), n);
  }
  const loop = castFromInt64[to];
  return ({ doubles, int64s }, _ins, _start, n) => loop(at(int64s, x), at(doubles, out), n);
}

function checkDivisor(divisor: BigInt64Array, count: number, site: string | undefined): void {
  for (let i = 0; i < count; i++) {
    if (divisor[i] === 0n) {
      throw new ArgumentError({ op: "div", problem: "integer division by zero", site });
    }
  }
}
