import {
  ArgumentError,
  type BinaryFunction,
  isFloat,
  type OpDef,
  type Operand,
  type ScalarExpr,
  scalar,
  tensorType,
  type Value,
} from "@adjoint/graph";
import { applyBinary, defineOp, describe, headOf, isOperand, nth } from "../core/define.js";
import { type OpTable, opTable } from "../core/opTable.js";
import { refuseOptions } from "../core/options.js";
import { broadcastShapes, sameDType } from "../core/shapes.js";
import { sumTo } from "../reduce/sum.js";
import { literal } from "./full.js";

/** One elementwise function of two arrays, broadcast against each other. */
export interface BinaryRow {
  readonly expr: (a: ScalarExpr, b: ScalarExpr) => ScalarExpr;
  /**
   * Gradients from head gradient, arguments and result, before broadcasting is undone; or why they
   * are zero. Each is asked for alone, so that nothing is made in vain.
   */
  readonly vjp:
    | readonly [
        (head: Value, a: Value, b: Value, y: Value) => Value,
        (head: Value, a: Value, b: Value, y: Value) => Value,
      ]
    | string;
  readonly commutative?: boolean;
  /** True where integers are computed in double precision and truncated. */
  readonly inDouble?: boolean;
  readonly docs: string;
}

/**
 * A function of two arrays, or of an array and a number, element by element.
 *
 * @param a array of any dtype, or a number, which is converted to b's dtype
 * @param b array of a's dtype, or a number, which is converted to a's dtype
 * @returns the broadcast shape, the arguments' dtype
 * @throws ArgumentError unless one is an array and the other an array or a number
 */
export type BinaryFn = <T extends Operand<T>>(a: T | number, b: T | number) => T;

export function call(fn: BinaryFunction): (a: ScalarExpr, b: ScalarExpr) => ScalarExpr {
  return (a, b) => scalar.binary(fn, a, b);
}

function binaryOp(name: string, row: BinaryRow): OpDef {
  const { vjp } = row;
  return defineOp({
    name,
    arity: 2,
    attrs: {},
    commutative: row.commutative === true,
    infer(ins) {
      const shape = broadcastShapes(name, nth(name, ins, 0).shape, nth(name, ins, 1).shape);
      return [tensorType(sameDType(name, ins), shape)];
    },
    vjp:
      typeof vjp === "string"
        ? { none: vjp }
        : {
            rule({ ins, outs, heads }) {
              const [a, b, y, head] = [
                nth(name, ins, 0),
                nth(name, ins, 1),
                nth(name, outs, 0),
                headOf(heads),
              ];
              return [
                sumTo(vjp[0](head, a, b, y), a.type.shape),
                sumTo(vjp[1](head, a, b, y), b.type.shape),
              ];
            },
          },
    kernel(ins) {
      const { dtype } = nth(name, ins, 0);
      const work = row.inDouble === true && !isFloat(dtype) ? "float64" : dtype;
      const arg = (position: number) => scalar.cast(scalar.arg(position, dtype), work);
      return { kind: "map", expr: scalar.cast(row.expr(arg(0), arg(1)), dtype) };
    },
    docs: row.docs,
  });
}

/** Applies an operator to arrays, or to an array and a number. */
function applyMixed<T extends Operand<T>>(op: OpDef, a: T | number, b: T | number): T {
  if (typeof a !== "number" && isOperand(a)) {
    if (typeof b === "number") return applyBinary(op, a, literal(a, b));
    if (isOperand(b)) return applyBinary(op, a, b);
  } else if (typeof a === "number" && typeof b !== "number" && isOperand(b)) {
    return applyBinary(op, literal(b, a), b);
  }
  throw new ArgumentError({
    op: op.name,
    problem: "arguments are not arrays or numbers",
    received: `${describe(a)} and ${describe(b)}`,
    allowed: "two NDArrays, or an NDArray and a number",
  });
}

/** A table of elementwise functions of two arguments. */
export function binaryOps(rows: Readonly<Record<string, BinaryRow>>): OpTable<BinaryFn> {
  return opTable(
    Object.entries(rows).map(([name, row]) => binaryOp(name, row)),
    (def) => (a, b, surplus?: unknown) => {
      if (surplus !== undefined) refuseOptions(def.name, surplus);
      return applyMixed(def, a, b);
    },
  );
}
