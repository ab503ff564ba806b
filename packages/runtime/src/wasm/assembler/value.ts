import type { ValueType } from "./instructions.js";

/** A local of a function: a parameter, a variable, or the result of an instruction. */
export interface Value<T extends ValueType = ValueType> {
  readonly kind: "local";
  readonly type: T;
  readonly local: number;
}

/** An address a constant distance from another; it takes no local. */
export interface Displaced {
  readonly kind: "displaced";
  readonly type: "i32";
  readonly base: Value<"i32">;
  readonly by: number;
}

/** What an instruction may be given: for `i32` also a constant, or a displaced address. */
export type Operand<T extends ValueType> =
  | Value<T>
  | (T extends "i32" ? number | Displaced : never);

export type Operands<T extends readonly ValueType[]> = {
  readonly [K in keyof T]: Operand<T[K]>;
};

export type AnyOperand = Value | Displaced | number;

/** `base` plus a constant number of bytes. */
export function displaced(base: Value<"i32">, by: number): Displaced {
  return { kind: "displaced", type: "i32", base, by };
}
