import { at } from "../../kernels/prepare.js";
import type { WindowExports } from "./recordCalls.js";

/** One number for each of the axes z, y, x. */
export type Triple = readonly [z: number, y: number, x: number];

/** One axis of an image with zeros around. */
export interface PaddedAxis {
  /** With the zeros. */
  readonly length: number;
  /** Where the first element of the image lies, or would lie: it may be outside. */
  readonly start: number;
  /** Elements that the image has. */
  readonly available: number;
}

/**
 * Planes laid out so that every window lies inside: zeros around, and nothing that no window meets. Strides in bytes.
 */
export interface PaddedImage {
  /** False where planes are like that as they lie, and are used in place. */
  readonly copied: boolean;
  readonly plane: number;
  readonly strides: Triple;
  /** Bytes of a plane that is copied from. */
  readonly sourcePlane: number;
  /** Copies planes. Nothing but zeros and earlier copies of planes may be at `to`. */
  fill(exports: WindowExports, planes: number, from: number, to: number): void;
}

/** Planes of the given axes, elements of `bytes` bytes. */
export function paddedImage(
  axes: readonly [PaddedAxis, PaddedAxis, PaddedAxis],
  bytes: number,
): PaddedImage {
  const [z, y, x] = axes;
  const strides = [y.length * x.length * bytes, x.length * bytes, bytes] as const;
  const from = [y.available * x.available * bytes, x.available * bytes, bytes] as const;
  const plane = z.length * strides[0];
  const sourcePlane = z.available * from[0];
  const spans = axes.map(insideSpan);
  const skipped = spans.reduce((sum, { first }, axis) => sum + first * at(from, axis), 0);
  const start = axes.reduce((sum, of, axis) => sum + of.start * at(strides, axis), 0);
  const offset = start + spans.reduce((sum, { first }, axis) => sum + first * at(strides, axis), 0);
  const [zCount, yCount, xCount] = [at(spans, 0).count, at(spans, 1).count, at(spans, 2).count];
  return {
    copied: axes.some(({ length, start, available }) => start !== 0 || length !== available),
    plane,
    strides,
    sourcePlane,
    fill({ spread }, planes, source, to) {
      spread(
        source + skipped,
        to + offset,
        planes,
        sourcePlane,
        plane,
        zCount,
        from[0],
        strides[0],
        yCount,
        from[1],
        strides[1],
        xCount,
        from[2],
        strides[2],
      );
    },
  };
}

/** The elements of an axis that lie inside it. */
function insideSpan({ length, start, available }: PaddedAxis) {
  const first = Math.max(0, -start);
  return { first, count: Math.max(0, Math.min(available, length - start) - first) };
}
