import {
  type AttrKind,
  type Attrs,
  type DType,
  isFloat,
  type OpDef,
  type Operand,
  type ScalarExpr,
  scalar,
  type UnaryFunction,
  type Value,
} from "@adjoint/graph";
import { applyUnary, defineOp, headOf, nth } from "../core/define.js";
import { type OpTable, opTable } from "../core/opTable.js";
import { refuseOptions } from "../core/options.js";

/** One elementwise function of one array, with attributes `A`. */
export interface UnaryRow<A = unknown> {
  /** The value, as a scalar expression of the argument. */
  readonly expr: (x: ScalarExpr, attrs: A) => ScalarExpr;
  /**
   * Gradient from head gradient, argument x and result y; or why the derivative is zero. Prefer y:
   * it saves x.
   */
  readonly vjp: ((head: Value, x: Value, y: Value, attrs: A) => Value) | string;
  /** True where integer arguments need no floating point. */
  readonly exact?: boolean;
  readonly docs: string;
}

/**
 * A function of one array, element by element.
 *
 * @param x any shape and dtype; integers are computed in double precision and truncated
 * @returns x's shape and dtype
 * @throws ArgumentError unless x is an array
 */
export type UnaryFn = <T extends Operand<T>>(x: T) => T;

/** A row whose value is one of the backend's own functions. */
export function call(fn: UnaryFunction): (x: ScalarExpr) => ScalarExpr {
  return (x) => scalar.unary(fn, x);
}

/** A number beside `x`, in its dtype. */
export function constantLike(x: ScalarExpr, value: number): ScalarExpr {
  return scalar.constant(value, x.dtype);
}

/** Integer arguments are computed in double and truncated, as MXNet's kernels do. */
function onDType<A>(row: UnaryRow<A>, dtype: DType, attrs: A): ScalarExpr {
  const x = scalar.arg(0, dtype);
  if (isFloat(dtype) || row.exact === true) return scalar.cast(row.expr(x, attrs), dtype);
  return scalar.cast(row.expr(scalar.cast(x, "float64"), attrs), dtype);
}

/** An elementwise operator of one argument with attributes. */
export function unaryOp<A extends Attrs>(
  name: string,
  attrs: { readonly [K in keyof A]: AttrKind },
  row: UnaryRow<A>,
): OpDef<A> {
  const { vjp } = row;
  return defineOp<A>({
    name,
    arity: 1,
    attrs,
    infer: (ins) => [nth(name, ins, 0)],
    vjp:
      typeof vjp === "string"
        ? { none: vjp }
        : {
            rule: ({ ins, outs, heads, attrs }) => [
              vjp(headOf(heads), nth(name, ins, 0), nth(name, outs, 0), attrs),
            ],
          },
    kernel: (ins, attrs) => ({ kind: "map", expr: onDType(row, nth(name, ins, 0).dtype, attrs) }),
    docs: row.docs,
  });
}

/** A table of elementwise functions of one array. */
export function unaryOps(rows: Readonly<Record<string, UnaryRow>>): OpTable<UnaryFn> {
  return opTable(
    Object.entries(rows).map(([name, row]) => unaryOp(name, {}, row)),
    (def) => (x, surplus?: unknown) => {
      if (surplus !== undefined) refuseOptions(def.name, surplus);
      return applyUnary(def, x);
    },
  );
}
