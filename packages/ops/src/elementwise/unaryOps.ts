import {
  isFloat,
  type OpDef,
  type Operand,
  type ScalarExpr,
  scalar,
  type UnaryFunction,
  type Value,
} from "@adjoint/graph";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";
import { type OpTable, opTable } from "../core/opTable.js";

/** One elementwise function of one array. */
export interface UnaryRow {
  /** The value, as a scalar expression of the argument. */
  readonly expr: (x: ScalarExpr) => ScalarExpr;
  /** Gradient from head gradient, argument x and result y; or why the derivative is zero. Prefer y: it saves x. */
  readonly vjp: ((head: Value, x: Value, y: Value) => Value) | string;
  /** True where integer arguments need no floating point. */
  readonly exact?: boolean;
  readonly docs: string;
}

export type UnaryFn = <T extends Operand<T>>(x: T) => T;

/** A row whose value is one of the backend's own functions. */
export function call(fn: UnaryFunction): (x: ScalarExpr) => ScalarExpr {
  return (x) => scalar.unary(fn, x);
}

/** Integer arguments are computed in double and truncated, as MXNet's kernels do. */
function onDType(row: UnaryRow, dtype: ScalarExpr["dtype"]): ScalarExpr {
  const x = scalar.arg(0, dtype);
  if (isFloat(dtype) || row.exact === true) return scalar.cast(row.expr(x), dtype);
  return scalar.cast(row.expr(scalar.cast(x, "float64")), dtype);
}

function unaryOp(name: string, row: UnaryRow): OpDef {
  const { vjp } = row;
  return defineOp({
    name,
    arity: 1,
    attrs: {},
    infer: (ins) => [nth(name, ins, 0)],
    vjp:
      typeof vjp === "string"
        ? { none: vjp }
        : {
            rule: ({ ins, outs, heads }) => [
              vjp(headOf(heads), nth(name, ins, 0), nth(name, outs, 0)),
            ],
          },
    kernel: (ins) => ({ kind: "map", expr: onDType(row, nth(name, ins, 0).dtype) }),
    docs: row.docs,
  });
}

/** A table of elementwise functions of one array. */
export function unaryOps(rows: Readonly<Record<string, UnaryRow>>): OpTable<UnaryFn> {
  return opTable(
    Object.entries(rows).map(([name, row]) => unaryOp(name, row)),
    (def) => (x) => applyOne(def, [x]),
  );
}
