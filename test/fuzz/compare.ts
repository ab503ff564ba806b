import { type DType, isFloat } from "@adjoint/graph";
import { type Tensor, toNumbers } from "@adjoint/runtime";

/** Relative to 1 + the size of the numbers. */
const tolerances: { readonly [D in DType]: number } = {
  float64: 1e-9,
  float32: 2e-4,
  float16: 2e-2,
  int32: 0,
  int64: 0,
  int8: 0,
  uint8: 0,
  bool: 0,
};

function differenceBy(
  before: readonly Tensor[],
  after: readonly Tensor[],
  isEqual: (a: number, b: number, dtype: DType) => boolean,
): string | undefined {
  if (before.length !== after.length) return `${before.length} results become ${after.length}`;
  for (const [at, one] of before.entries()) {
    const other = after[at];
    if (other === undefined || one.type.dtype !== other.type.dtype)
      return `result ${at}: ${one.type.dtype} becomes ${other?.type.dtype}`;
    const [a, b] = [toNumbers(one), toNumbers(other)];
    const wrong = a.findIndex((value, i) => !isEqual(value, b[i] ?? Infinity, one.type.dtype));
    if (wrong >= 0 || a.length !== b.length)
      return `result ${at}, element ${wrong}: ${format(a[wrong])} becomes ${format(b[wrong])}`;
  }
  return undefined;
}

function format(value: number | undefined): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** The first number that is not the same, bit for bit but for the payload of NaN. */
export function difference(before: readonly Tensor[], after: readonly Tensor[]) {
  return differenceBy(before, after, Object.is);
}

function isNear(a: number, b: number, dtype: DType): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  if (!isFloat(dtype)) return false;
  return Math.abs(a - b) <= tolerances[dtype] * (1 + Math.max(Math.abs(a), Math.abs(b)));
}

/** The first number that differs by more than rounding. Infinities and NaN must be the same, integers too. */
export function distance(before: readonly Tensor[], after: readonly Tensor[]) {
  return differenceBy(before, after, isNear);
}

/** Where numbers differ by more than rounding. */
export function differingElements(before: Tensor, after: Tensor | undefined): readonly number[] {
  const other = after === undefined ? [] : toNumbers(after);
  return toNumbers(before).flatMap((value, at) =>
    isNear(value, other[at] ?? Number.NaN, before.type.dtype) ? [] : [at],
  );
}
