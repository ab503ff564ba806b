import type { DType } from "./dtype.js";

/**
 * Scalar functions of one argument, the closed set that every backend implements. Rounding: `round` takes halves away
 * from zero, `rint` takes them down, `trunc` drops the fraction. `not` is 1 where x is 0.
 */
export const unaryFunctions = [
  "neg",
  "abs",
  "sign",
  "ceil",
  "floor",
  "round",
  "rint",
  "trunc",
  "exp",
  "expm1",
  "log",
  "log1p",
  "log2",
  "log10",
  "sqrt",
  "cbrt",
  "sin",
  "cos",
  "tan",
  "asin",
  "acos",
  "atan",
  "sinh",
  "cosh",
  "tanh",
  "asinh",
  "acosh",
  "atanh",
  "sigmoid",
  "erf",
  "erfc",
  "erfinv",
  "gamma",
  "lgamma",
  "not",
  "isNaN",
] as const;
export type UnaryFunction = (typeof unaryFunctions)[number];

/**
 * Scalar functions of two arguments. `mod` has the sign of the divisor, and is 0 for divisor 0; integer `div` truncates.
 * `max` and `min` give NaN where either is NaN. `polygamma(n, x)` is the (n+1)-th derivative of log gamma.
 * Comparisons and logical functions give `bool`.
 */
export const binaryFunctions = [
  "add",
  "sub",
  "mul",
  "div",
  "mod",
  "pow",
  "max",
  "min",
  "atan2",
  "hypot",
  "polygamma",
  "eq",
  "ne",
  "lt",
  "le",
  "gt",
  "ge",
  "and",
  "or",
  "xor",
] as const;
export type BinaryFunction = (typeof binaryFunctions)[number];

/**
 * One scalar expression: what a `map` kernel computes for each element. It is data, so that the interpreter, code
 * generators and exporters each fold it in their own way. Equal objects are one value, computed once.
 */
export type ScalarExpr = { readonly dtype: DType } & (
  | { readonly kind: "arg"; readonly arg: number }
  | { readonly kind: "constant"; readonly value: number }
  /** Where the element stands along an axis of the result. */
  | { readonly kind: "coordinate"; readonly axis: number }
  | { readonly kind: "unary"; readonly fn: UnaryFunction; readonly x: ScalarExpr }
  | {
      readonly kind: "binary";
      readonly fn: BinaryFunction;
      readonly a: ScalarExpr;
      readonly b: ScalarExpr;
    }
  | {
      readonly kind: "select";
      readonly condition: ScalarExpr;
      readonly a: ScalarExpr;
      readonly b: ScalarExpr;
    }
  | { readonly kind: "cast"; readonly x: ScalarExpr }
);

const predicates: ReadonlySet<UnaryFunction | BinaryFunction> = new Set([
  "not",
  "isNaN",
  "eq",
  "ne",
  "lt",
  "le",
  "gt",
  "ge",
  "and",
  "or",
  "xor",
]);

/** Whether a function gives `bool`, whatever the dtype of its operands. */
export function isPredicate(fn: UnaryFunction | BinaryFunction): boolean {
  return predicates.has(fn);
}

/** Builds scalar expressions. Both operands of a binary function have one dtype. */
export const scalar = {
  arg: (arg: number, dtype: DType): ScalarExpr => ({ kind: "arg", arg, dtype }),
  constant: (value: number, dtype: DType): ScalarExpr => ({ kind: "constant", value, dtype }),
  coordinate: (axis: number): ScalarExpr => ({ kind: "coordinate", axis, dtype: "float64" }),
  unary: (fn: UnaryFunction, x: ScalarExpr): ScalarExpr => ({
    kind: "unary",
    fn,
    x,
    dtype: isPredicate(fn) ? "bool" : x.dtype,
  }),
  binary: (fn: BinaryFunction, a: ScalarExpr, b: ScalarExpr): ScalarExpr => ({
    kind: "binary",
    fn,
    a,
    b,
    dtype: isPredicate(fn) ? "bool" : a.dtype,
  }),
  select: (condition: ScalarExpr, a: ScalarExpr, b: ScalarExpr): ScalarExpr => ({
    kind: "select",
    condition,
    a,
    b,
    dtype: a.dtype,
  }),
  cast: (x: ScalarExpr, dtype: DType): ScalarExpr =>
    x.dtype === dtype ? x : { kind: "cast", x, dtype },
};
