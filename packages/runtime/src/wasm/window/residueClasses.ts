import type { WindowPlane } from "../../kernels/windowTaps.js";

type Axis = WindowPlane["axes"][0];

/**
 * The data cells of an axis that meet the same kernel positions: those `stride` apart. Along them,
 * the adjoint of a convolution in data is a convolution of stride 1 over the head, with these
 * positions in reverse: V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning,
 * chapter 4.
 */
export interface ResidueClass {
  /** Cells `first + u * stride`, u from 0 to `count`. */
  readonly first: number;
  readonly count: number;
  /** Kernel positions `tapFirst + j * tapStep`, j from 0 to `taps`. */
  readonly tapFirst: number;
  readonly tapStep: number;
  readonly taps: number;
  /** Cell u meets, of the padded head, cells `u + j * dilate`, the last kernel position first. */
  readonly dilate: number;
  /** Where the head begins within the padded one, and the length of that. */
  readonly start: number;
  readonly length: number;
}

/**
 * The classes of an axis that have cells. Data cell i meets result cell o in kernel position t
 * where `i + padLow = o * stride + t * dilate`.
 */
export function residueClasses(axis: Axis): readonly ResidueClass[] {
  const residues = Array.from({ length: axis.stride }, (_, residue) => residue);
  return residues.map((residue) => classOf(axis, residue)).filter(({ count }) => count > 0);
}

function classOf({ data, kernel, stride, dilate, padLow }: Axis, first: number): ResidueClass {
  const positions: number[] = [];
  for (let t = 0; t < kernel; t++) {
    if ((first + padLow - t * dilate) % stride === 0) positions.push(t);
  }
  const [tapFirst = 0, second = tapFirst] = positions;
  const [taps, tapStep] = [positions.length, second - tapFirst];
  const count = Math.max(0, Math.ceil((data - first) / stride));
  const step = (tapStep * dilate) / stride;
  const reach = Math.max(0, taps - 1) * step;
  // The result cell that cell 0 meets in the first of these positions.
  const corner = taps === 0 ? 0 : (first + padLow - tapFirst * dilate) / stride;
  const common = { first, count, tapFirst, tapStep, taps, dilate: step };
  return { ...common, start: reach - corner, length: count + reach };
}
