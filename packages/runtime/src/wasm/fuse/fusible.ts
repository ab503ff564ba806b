import { type Kernel, type ScalarExpr, sizeOf, type TensorType } from "@adjoint/graph";
import { operandsFirst, operandsOf } from "../../kernels/expressionOrder.js";
import { isInt64Function } from "../math/int64Math.js";
import type { Refusal } from "../refusals.js";
import { dividesIntegers } from "./expressions.js";
import { isContiguous, type Located, viewOf } from "./located.js";

/** Parts of an expression at the most. */
const expressionLimit = 256;

/** Whether an expression is the same number everywhere. */
export function isLiteral(expr: ScalarExpr): boolean {
  return operandsFirst(expr).every(({ kind }) => kind !== "coordinate");
}

/** Whether fused code computes the expression as the interpreter does. */
export function isFusible(expr: ScalarExpr, types: readonly TensorType[]): boolean {
  if (types.some(({ shape }) => sizeOf(shape) === 0)) return false;
  const parts = operandsFirst(expr);
  return parts.length <= expressionLimit && parts.every(isExact);
}

/** On int64 some functions are refused. */
function isExact(expr: ScalarExpr): boolean {
  const calculates = expr.kind === "unary" || expr.kind === "binary";
  const onInt64 = operandsOf(expr).some(({ dtype }) => dtype === "int64");
  return !calculates || !onInt64 || isInt64Function(expr.fn);
}

/** What an expression that divides integers refuses. */
export function refusalIn(expr: ScalarExpr, site: string | undefined): Refusal | undefined {
  const divides = operandsFirst(expr).some(dividesIntegers);
  return divides ? { op: "div", problem: "integer division by zero", site } : undefined;
}

/** A product that reads an operand as it is stored, if the view is that operand transposed. */
export function transposeOperand(
  kernel: Kernel & { kind: "contract" },
  position: number,
  located: Located,
): Kernel | undefined {
  const { batch, m, n, k, transposeA, transposeB } = kernel;
  const [rows, columns] = position === 0 ? [m, k] : [k, n];
  const isTransposed = position === 0 ? transposeA : transposeB;
  const [height, width] = isTransposed ? [columns, rows] : [rows, columns];
  const stored = viewOf(located, [batch, width, height], 0, [width * height, 1, width]);
  if (stored === undefined || !isContiguous(stored)) return undefined;
  return position === 0
    ? { ...kernel, transposeA: !transposeA }
    : { ...kernel, transposeB: !transposeB };
}
