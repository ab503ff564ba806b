import { rowMajorStrides, sizeOf } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import { blocking } from "../contract/kernelShape.js";
import { type Access, type Group, nestOf, splitUnit } from "../fuse/index.js";
import type { Band } from "./planStep.js";
import type { BandedArray, ProductShape } from "./productShape.js";

/**
 * Bytes of a band: it shall be in the second-level cache still when it is read, beside what the product
 * reads. Where that cache has 2 MiB, bands of a quarter or half a MiB are equally good, those of one
 * or two save half as much, and smaller ones have more packing and calls.
 */
const bandBytes = 1 << 19;
/** A smaller array stays in such a cache as it is, and gains nothing that can be measured. */
const leastBytes = 1 << 21;
/**
 * Multiply-adds for each element: with more, products take so long that another pass over the array
 * matters little, and each band packs the second argument again. Of 8 MiB, bands save a third of the
 * time at 16 of them, a seventh at 64, a twentieth at 256.
 */
const mostWork = blocking.depth;
/** Each band is a few calls. */
const mostBands = 128;

/** A group on one side of a product, and the number of their common array among its operands. */
export interface Neighbour {
  readonly group: Group;
  readonly operand: number;
}

/** A neighbour's split axis, as rows of the product. */
interface SplitRows {
  /** Bands are multiples of so many rows. */
  readonly unit: number;
  /** Steps of the split axis for each row. */
  readonly perRow: number;
}

/**
 * How the groups before and after a product can take turns with it, band after band; undefined where
 * they can't, or need not.
 */
export function bandsOf(
  shape: ProductShape,
  {
    before,
    after,
  }: { readonly before?: Neighbour | undefined; readonly after?: Neighbour | undefined },
): readonly Band[] | undefined {
  const { rows, argument, result } = shape;
  const first = before && argument && splitOf(before, rows, argument);
  const last = after && splitOf(after, rows, result);
  if ((before !== undefined) !== (first !== undefined)) return undefined;
  if ((after !== undefined) !== (last !== undefined)) return undefined;
  const splits = [first, last].flatMap((split) => (split === undefined ? [] : [split]));
  const rowBytes = (first && argument ? argument.rowBytes : 0) + (last ? result.rowBytes : 0);
  if (splits.length === 0) return undefined;
  const unit = splits.reduce((all, split) => leastMultiple(all, split.unit), shape.unit);
  const wanted = Math.max(bandBytes / rowBytes, rows / mostBands, shape.least);
  const height = unit * Math.max(1, Math.round(wanted / unit));
  if (height * rowBytes > 4 * bandBytes || 2 * height > rows) return undefined;
  const partOf = (split: SplitRows | undefined, from: number, to: number) =>
    split && { from: from * split.perRow, to: to * split.perRow };
  return Array.from({ length: Math.ceil(rows / height) }, (_, band): Band => {
    const [from, to] = [band * height, Math.min(rows, (band + 1) * height)];
    return { rows: { from, to }, before: partOf(first, from, to), after: partOf(last, from, to) };
  });
}

/** Whether a product may gain by bands, whatever is before and after it. */
export function mayTakeTurns({ rows, argument, result }: ProductShape): boolean {
  return paysInBands(result, rows) || (argument !== undefined && paysInBands(argument, rows));
}

function paysInBands({ rowBytes, work }: BandedArray, rows: number): boolean {
  return work <= mostWork && rows * rowBytes >= leastBytes;
}

function splitOf(
  { group, operand }: Neighbour,
  rows: number,
  array: BandedArray,
): SplitRows | undefined {
  if (!paysInBands(array, rows)) return undefined;
  const { rowElements } = array;
  const nest = nestOf(group);
  const { axes } = nest.group;
  const elements = sizeOf(axes.map(({ length }) => length));
  if (nest.split !== 0 || elements !== rows * rowElements || !isInOrder(nest.group, operand)) {
    return undefined;
  }
  // Elements that a band must have a multiple of, so that it is a whole part of the split axis.
  const inner = elements / at(axes, 0).length;
  const whole = inner * splitUnit(nest);
  return { unit: whole / greatestDivisor(whole, rowElements), perRow: rowElements / inner };
}

/** Whether elements of an operand are read and written in the order of memory. */
function isInOrder({ axes, values, stores }: Group, operand: number): boolean {
  const order = rowMajorStrides(axes.map(({ length }) => length));
  const accesses = [
    ...values.flatMap((value) => (value.kind === "load" ? [value.access] : [])),
    ...stores.map(({ access }) => access),
  ];
  return accesses.every(
    (access: Access) =>
      access.operand !== operand ||
      (access.offset === 0 && order.every((stride, axis) => stride === access.strides[axis])),
  );
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

function leastMultiple(a: number, b: number): number {
  return (a / greatestDivisor(a, b)) * b;
}
