import { bytesOf, type ContractKernel, rowMajorStrides, sizeOf } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import { blocking } from "../contract/kernelShape.js";
import { type Group, nestOf, splitUnit } from "../fuse/index.js";
import type { Band } from "./planStep.js";

/** Bytes of a band: it shall be in the second-level cache still when the group reads it. */
const bandBytes = 1 << 19;
/** A smaller result of a product stays in the cache as it is. */
const leastBytes = 1 << 21;
/**
 * Products with a longer inner dimension take so long that another pass over their results matters
 * little, and each band packs the right matrix again.
 */
const longestInner = blocking.depth;
/** Rows of tiles, for every shape of the kernels. */
const tileRows = 12;
/** Each band is two calls. */
const mostBands = 128;

/**
 * How a group that reads a product's result, its operand `operand`, can follow the product band
 * after band; undefined where it can't, or need not.
 */
export function bandsOf(
  { batch, m, n, k }: ContractKernel,
  group: Group,
  operand: number,
): readonly Band[] | undefined {
  const rows = batch * m;
  const rowBytes = n * bytesOf(at(group.operands, operand));
  // Products of one column are made transposed.
  if (n === 1 || k > longestInner || rows * rowBytes < leastBytes) return undefined;
  const nest = nestOf(group);
  const { axes } = nest.group;
  const elements = sizeOf(axes.map(({ length }) => length));
  if (nest.split !== 0 || elements !== rows * n || !readsInOrder(nest.group, operand)) {
    return undefined;
  }
  // Elements that a band must have a multiple of, so that it is a whole part of the split axis.
  const inner = elements / at(axes, 0).length;
  const whole = inner * splitUnit(nest);
  const unit = leastMultiple(whole / greatestDivisor(whole, n), batch > 1 ? m : tileRows);
  const wanted = Math.max(bandBytes / rowBytes, rows / mostBands);
  const height = unit * Math.max(1, Math.round(wanted / unit));
  if (height * rowBytes > 4 * bandBytes || 2 * height > rows) return undefined;
  const bands: Band[] = [];
  for (let from = 0; from < rows; from += height) {
    const to = Math.min(rows, from + height);
    const part = { from: (from * n) / inner, to: (to * n) / inner };
    bands.push({ rows: { from, to }, part });
  }
  return bands;
}

/** Whether elements of an operand are read where they are computed, in the order of memory. */
function readsInOrder({ axes, values }: Group, operand: number): boolean {
  const order = rowMajorStrides(axes.map(({ length }) => length));
  return values.every((value) => {
    if (value.kind !== "load" || value.access.operand !== operand) return true;
    const { offset, strides } = value.access;
    return offset === 0 && order.every((stride, axis) => stride === strides[axis]);
  });
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

function leastMultiple(a: number, b: number): number {
  return (a / greatestDivisor(a, b)) * b;
}
