import { type DType, isFloat, type Shape, sizeOf, type Value } from "@adjoint/graph";
import { add, fronts, mul } from "@adjoint/ops";
import type { Choices } from "./choices.js";

/** Row-major numbers for an array of this shape. */
export type Numbers = (choices: Choices, shape: Shape) => readonly number[];

/** Where a function is defined and smooth: numbers within, and how to bring any value there smoothly. */
export interface Domain {
  readonly low: number;
  readonly high: number;
  adapt(x: Value): Value;
}

export const domains = {
  real: { low: -2, high: 2, adapt: (x) => x },
  moderate: { low: -1.5, high: 1.5, adapt: (x) => fronts.tanh(x) },
  positive: { low: 0.3, high: 2.5, adapt: (x) => add(fronts.sigmoid(x), 0.3) },
  unit: { low: -0.85, high: 0.85, adapt: (x) => mul(fronts.tanh(x), 0.85) },
  aboveOne: { low: 1.15, high: 3, adapt: (x) => add(fronts.sigmoid(x), 1.15) },
} as const satisfies Readonly<Record<string, Domain>>;

export type DomainName = keyof typeof domains;

/** Floats at which careless rewriting shows. */
const special = [
  0,
  -0,
  1,
  -1,
  0.5,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  1e308,
  -1e308,
  5e-324,
  65504,
  1e-7,
] as const;

/** Bounds of integers, some of them at the ends of their dtype. */
function anyInteger(choices: Choices, dtype: DType): number {
  if (dtype === "bool") return choices.between(0, 1);
  const least = dtype === "uint8" ? 0 : -3;
  if (choices.chance(0.9)) return choices.between(least, 4);
  if (dtype === "uint8") return choices.between(250, 255);
  if (dtype === "int8") return choices.pick([-128, 127]);
  return choices.pick([-(2 ** 31), 2 ** 31 - 1, 123456]);
}

/** A number of any kind that the dtype has. */
export function anyNumber(choices: Choices, dtype: DType): number {
  if (!isFloat(dtype)) return anyInteger(choices, dtype);
  return choices.chance(0.2) ? choices.pick(special) : choices.real(-3, 3);
}

/** Numbers between bounds; for integers small ones. */
export function within(low: number, high: number, dtype: DType = "float64"): Numbers {
  return (choices, shape) =>
    Array.from({ length: sizeOf(shape) }, () =>
      isFloat(dtype) ? choices.real(low, high) : anyInteger(choices, dtype),
    );
}

/** Positions along an axis, one beyond either end included; floats lie amid two integers. */
export function positions(length: number, dtype: DType, beyond = 1): Numbers {
  const fraction = isFloat(dtype) ? 0.4 : 0;
  const least = dtype === "uint8" ? 0 : -beyond;
  return (choices, shape) =>
    Array.from(
      { length: sizeOf(shape) },
      () => choices.between(least, length - 1 + beyond) + fraction,
    );
}

/** Symmetric matrices with a dominant diagonal: positive definite, and regular triangles. */
export const definite: Numbers = (choices, shape) => {
  const side = shape.at(-1) ?? 1;
  const numbers = Array.from({ length: sizeOf(shape) }, () => choices.real(-0.7, 0.7));
  return numbers.map((value, at) => {
    const [row, column] = [Math.floor(at / side) % side, at % side];
    const mirrored = at + (column - row) * (side - 1);
    return row === column ? side + 1 + value : (numbers[Math.max(at, mirrored)] ?? value);
  });
};
