import { formatShape, type Operand, ShapeError } from "@adjoint/graph";
import { checkInteger, readOptions } from "../core/options.js";
import { reshape } from "./reshape.js";
import { shapeOf } from "./shapeOf.js";
import { transposeAxes } from "./transpose.js";

export interface BlockOptions {
  /** Side of the square blocks. */
  blockSize: number;
}

/**
 * The four lengths of an image batch and the block size, where `fits` says that blocks come out
 * even.
 */
function readBlocks<T extends Operand<T>>(
  op: string,
  x: T,
  options: BlockOptions,
  fits: (shape: readonly [number, number, number, number], block: number) => boolean,
): readonly [number, number, number, number, number] {
  const { blockSize } = readOptions<BlockOptions>(op, options, { blockSize: Number.NaN });
  const block = checkInteger(op, "blockSize", blockSize, 1);
  const shape = shapeOf(op, x);
  const [n, c, h, w, ...rest] = shape;
  const complete = n !== undefined && c !== undefined && h !== undefined && w !== undefined;
  if (complete && rest.length === 0 && fits([n, c, h, w], block)) return [n, c, h, w, block];
  throw new ShapeError({
    op,
    problem: "blocks do not come out even",
    received: `${formatShape(shape)} with blockSize ${block}`,
    allowed: "(batch, channels, height, width) of whole blocks",
  });
}

/**
 * Spreads channels over square blocks of the image.
 *
 * @param x shape (batch, blockSize² · channels, height, width), any dtype
 * @returns shape (batch, channels, blockSize · height, blockSize · width)
 * @throws ShapeError if the channels do not come out even
 * @derivative `spaceToDepth` of the head gradient
 * @example
 * ```ts
 * nd.depthToSpace(nd.zeros([1, 8, 2, 2]), { blockSize: 2 }).shape; // [1, 2, 4, 4]
 * ```
 */
export function depthToSpace<T extends Operand<T>>(x: T, options: BlockOptions): T {
  const even = ([, c]: readonly number[], block: number) => (c ?? 0) % (block * block) === 0;
  const [n, c, h, w, block] = readBlocks("depthToSpace", x, options, even);
  const channels = c / (block * block);
  const split = reshape(x, [n, block, block, channels, h, w]);
  return reshape(transposeAxes(split, [0, 3, 4, 1, 5, 2]), [n, channels, h * block, w * block]);
}

/**
 * Gathers square blocks of the image into channels; undoes `depthToSpace`.
 *
 * @param x shape (batch, channels, height, width), height and width multiples of blockSize; any
 *   dtype
 * @returns shape (batch, blockSize² · channels, height / blockSize, width / blockSize)
 * @throws ShapeError if the image does not come out even
 * @derivative `depthToSpace` of the head gradient
 * @example
 * ```ts
 * nd.spaceToDepth(nd.zeros([1, 2, 4, 4]), { blockSize: 2 }).shape; // [1, 8, 2, 2]
 * ```
 */
export function spaceToDepth<T extends Operand<T>>(x: T, options: BlockOptions): T {
  const even = ([, , h, w]: readonly number[], block: number) =>
    (h ?? 0) % block === 0 && (w ?? 0) % block === 0;
  const [n, c, h, w, block] = readBlocks("spaceToDepth", x, options, even);
  const [rows, columns] = [h / block, w / block];
  const split = reshape(x, [n, c, rows, block, columns, block]);
  return reshape(transposeAxes(split, [0, 3, 5, 1, 2, 4]), [n, c * block * block, rows, columns]);
}
