import { AttributeError } from "@adjoint/graph";
import { describe, readOptions } from "@adjoint/ops";
import type { NDArray } from "../array/ndarray.js";
import { array } from "../creation/filled.js";
import { checkBoxes } from "./boxes.js";

export interface MultiBoxPriorOptions {
  /** Sizes of the boxes, as parts of the image's height. */
  sizes: readonly number[];
  /** Ratios of width to height; those after the first come with the first size only. */
  ratios: readonly number[];
  /** Cut the boxes to the image. */
  clip: boolean;
  /** Distances of rows and of columns, as parts of the image; below 0 for one cell. */
  steps: readonly number[];
  /** Where the centre lies within a cell, down and across. */
  offsets: readonly number[];
}

const defaults: MultiBoxPriorOptions = {
  sizes: [1],
  ratios: [1],
  clip: false,
  steps: [-1, -1],
  offsets: [0.5, 0.5],
};

function numbersOf(name: string, given: readonly number[], count?: number): readonly number[] {
  const isList = Array.isArray(given) && given.every((one) => Number.isFinite(one));
  if (isList && given.length > 0 && given.length === (count ?? given.length)) return given;
  throw new AttributeError({
    op: "MultiBoxPrior",
    problem: `${name} is not valid`,
    received: isList ? `[${given.join(", ")}]` : describe(given),
    allowed: count === undefined ? "a list of numbers" : `${count} numbers`,
  });
}

/** Half the width and half the height of each box at a cell, as parts of the image. */
function halfSizes(
  { sizes, ratios }: MultiBoxPriorOptions,
  aspect: number,
): readonly (readonly [number, number])[] {
  const [firstSize = 1, firstRatio = 1] = [sizes[0], ratios[0]];
  const kinds = [
    ...sizes.map((size) => [size, firstRatio] as const),
    ...ratios.slice(1).map((ratio) => [firstSize, ratio] as const),
  ];
  return kinds.map(([size, ratio]) => {
    const root = Math.sqrt(ratio);
    return [(size * aspect * root) / 2, size / root / 2];
  });
}

/**
 * Boxes of several sizes and shapes around each cell of feature maps, with corners as parts of the
 * image (Liu et al. 2016).
 *
 * @param data feature maps, shape (batch, channels, height, width); only the shape matters
 * @returns data's dtype, shape (1, height * width * (sizes + ratios - 1), 4): left, top, right,
 *   bottom; cells row by row, at each the sizes with the first ratio, then the other ratios
 * @throws ShapeError for other axes; AttributeError for options that are not lists of numbers
 * @derivative 0 everywhere: the result is constant
 * @example
 * ```ts
 * nd.contrib.MultiBoxPrior(nd.zeros([1, 3, 1, 1]), { sizes: [0.5, 1] });
 * // [[[0.25 0.25 0.75 0.75] [0.   0.   1.   1.  ]]]
 * ```
 */
export function MultiBoxPrior(data: NDArray, options?: Partial<MultiBoxPriorOptions>): NDArray {
  const read = readOptions<MultiBoxPriorOptions>("MultiBoxPrior", options, defaults);
  checkBoxes("MultiBoxPrior", "data", data, [-1, -1, -1, -1]);
  for (const name of ["sizes", "ratios"] as const) numbersOf(name, read[name]);
  const [height = 0, width = 0] = data.shape.slice(2);
  const [stepY = -1, stepX = -1] = numbersOf("steps", read.steps, 2);
  const [down = 0.5, across = 0.5] = numbersOf("offsets", read.offsets, 2);
  const [rowStep, columnStep] = [stepY > 0 ? stepY : 1 / height, stepX > 0 ? stepX : 1 / width];
  const halves = halfSizes(read, height / width);
  const cut = (edge: number) => (read.clip ? Math.min(Math.max(edge, 0), 1) : edge);
  const corners: number[] = [];
  for (let row = 0; row < height; row++) {
    const y = (row + down) * rowStep;
    for (let column = 0; column < width; column++) {
      const x = (column + across) * columnStep;
      for (const [w, h] of halves) corners.push(cut(x - w), cut(y - h), cut(x + w), cut(y + h));
    }
  }
  return array(corners, { dtype: data.dtype }).reshape([1, corners.length / 4, 4]);
}
