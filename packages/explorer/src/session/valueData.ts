import { formatType } from "@adjoint/graph";
import { type ObservedRow, summarize, type Tensor, toNumbers } from "@adjoint/runtime";
import type { Grid, PlainNumber, ValueData } from "./session.js";

/** Digits that tell float32 numbers apart nearly always. */
const digits = 7;

export function plainNumber(value: number): PlainNumber {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Number(value.toPrecision(digits));
}

/** The smallest steps along rows and columns at which a table has at most `most` cells. */
function stepsFor(rows: number, columns: number, most: number): readonly [number, number] {
  let [rowStep, columnStep] = [1, 1];
  for (;;) {
    const [down, across] = [Math.ceil(rows / rowStep), Math.ceil(columns / columnStep)];
    if (down * across <= most) return [rowStep, columnStep];
    if (down >= across) rowStep *= 2;
    else columnStep *= 2;
  }
}

function gridOf({ type: { shape } }: Tensor, numbers: readonly number[], most: number): Grid {
  const columns = shape.at(-1) ?? 1;
  const rows = columns === 0 ? 0 : numbers.length / columns;
  const [rowStep, columnStep] = stepsFor(rows, columns, most);
  const cells: PlainNumber[] = [];
  for (let row = 0; row < rows; row += rowStep) {
    for (let column = 0; column < columns; column += columnStep) {
      cells.push(plainNumber(numbers[row * columns + column] ?? Number.NaN));
    }
  }
  return {
    rows: Math.ceil(rows / rowStep),
    columns: Math.ceil(columns / columnStep),
    rowStep,
    columnStep,
    cells,
  };
}

/** An array for the page: least, mean, greatest, and at most `most` elements. */
export function describeValue(tensor: Tensor, most: number): ValueData {
  const { min, mean, max, nans, infinities } = summarize(tensor, 0);
  const plain = (value: number | undefined) =>
    value === undefined ? undefined : plainNumber(value);
  return {
    type: formatType(tensor.type),
    min: plain(min),
    mean: plain(mean),
    max: plain(max),
    nans,
    infinities,
    grid: gridOf(tensor, toNumbers(tensor), most),
  };
}

/** The values of rows. Rows that are known already keep what they have. */
export function addValues(
  table: Record<string, ValueData>,
  rows: readonly ObservedRow[],
  most: number,
): void {
  for (const { row, results } of rows) {
    results.forEach((tensor, out) => {
      table[`${row}.${out}`] ??= describeValue(tensor, most);
    });
  }
}
