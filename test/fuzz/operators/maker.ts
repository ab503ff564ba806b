import type { Shape } from "@adjoint/graph";
import type { Call, Sketch } from "../sketch.js";

/** Makes a call of an operator that its types and attributes allow. */
export type Maker = (sketch: Sketch) => Call;

/** One maker per operator. */
export type Makers = Readonly<Record<string, Maker>>;

/** The same maker for several operators. */
export function each(maker: Maker, ...names: readonly string[]): Makers {
  return Object.fromEntries(names.map((name) => [name, maker]));
}

/** A shape that broadcasts with another one, both ways. */
export function beside({ choices }: Sketch, shape: Shape): number[] {
  const stretched = shape.map((length) => {
    if (length === 1 && choices.chance(0.3)) return choices.between(1, 3);
    return choices.chance(0.2) ? 1 : length;
  });
  return choices.chance(0.3) ? stretched.slice(choices.between(0, shape.length)) : stretched;
}

/** The shape of two arrays that broadcast. */
export function combined(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [left, right] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    return left === 1 ? right : left;
  });
}

/** No axis is empty. */
export function isFilled(shape: Shape): boolean {
  return !shape.includes(0);
}
