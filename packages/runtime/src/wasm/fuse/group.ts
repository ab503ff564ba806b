import type { DType, Monoid, ScalarExpr } from "@adjoint/graph";
import type { Refusal } from "../refusals.js";

/** An axis of a loop nest; over reduced axes the group's reductions run. */
export interface GroupAxis {
  readonly length: number;
  readonly reduced: boolean;
}

/** Where an element lies in an array: `offset + sum(strides[i] * index[i])`, in elements. */
export interface Access {
  readonly operand: number;
  readonly offset: number;
  /** One per axis of the group. */
  readonly strides: readonly number[];
}

/** One value per element of the nest, or per row where it does not vary over reduced axes. */
export type GroupValue =
  | { readonly kind: "load"; readonly dtype: DType; readonly access: Access }
  /** A sum of multiples of the loop counters, in float64. */
  | { readonly kind: "coordinate"; readonly strides: readonly number[] }
  /** A scalar expression whose arguments are the values `ins`. */
  | {
      readonly kind: "map";
      readonly expr: ScalarExpr;
      readonly ins: readonly number[];
      /** What to say of a division by zero, where integers are divided. */
      readonly refusal?: Refusal | undefined;
    }
  | {
      readonly kind: "reduce";
      readonly monoid: Exclude<Monoid, "argmax" | "argmin">;
      readonly x: number;
      readonly dtype: DType;
    };

export interface GroupStore {
  readonly value: number;
  readonly access: Access;
}

/**
 * Maps and reductions computed in one loop nest: the kept axes are loops around rows, and each row
 * is passed over once for every reduction that depends on another. What several values need is
 * loaded once; what only the group needs is never stored.
 */
export interface Group {
  /** In the order of the arrays' axes, none of length 0. */
  readonly axes: readonly GroupAxis[];
  /** Arrays by number: those that are read, then those that are written. */
  readonly operands: readonly DType[];
  /** Each after the values that it reads. */
  readonly values: readonly GroupValue[];
  readonly stores: readonly GroupStore[];
}

export function dtypeOfValue(value: GroupValue): DType {
  switch (value.kind) {
    case "load":
    case "reduce":
      return value.dtype;
    case "coordinate":
      return "float64";
    case "map":
      return value.expr.dtype;
    default:
      return value satisfies never;
  }
}

/** The values that a value is computed from. */
export function operandsOfValue(value: GroupValue): readonly number[] {
  switch (value.kind) {
    case "load":
    case "coordinate":
      return [];
    case "map":
      return value.ins;
    case "reduce":
      return [value.x];
    default:
      return value satisfies never;
  }
}

/**
 * Parameters of a group's function, all i32: the part of the split axis to do (whole: 0 and its
 * length; inner ends at multiples of `splitUnit`), one address per operand, scratch memory.
 */
export function groupParameters(operands: number): readonly "i32"[] {
  return Array.from({ length: operands + 3 }, () => "i32" as const);
}
