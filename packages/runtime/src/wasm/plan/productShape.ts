import { bytesOf, type Kernel, sizeOf, type TensorType } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import { isElementType } from "../contract/element.js";
import type { KernelStep } from "../fuse/index.js";
import { isWindowElement } from "../window/windowElement.js";

/** Rows of an array, as bands cut it. */
export interface BandedArray {
  readonly rowElements: number;
  readonly rowBytes: number;
  /** Multiply-adds for each element. */
  readonly work: number;
}

/** A product as bands see it: rows of its result that are computed from rows of its first argument. */
export interface ProductShape {
  readonly rows: number;
  /** Bands end at multiples of it. */
  readonly unit: number;
  /** Rows of a band at least, so that the second argument is not packed too often. */
  readonly least: number;
  readonly result: BandedArray;
  /** Undefined where rows of the result are computed from columns. */
  readonly argument: BandedArray | undefined;
}

/** Rows of tiles, for every shape of the kernels. */
const tileRows = 12;
/** Rows or cells for which packing once more costs little. */
const leastCells = 96;

/** Bytes of an image up to which it may be a lane of a vector, and images that fill vectors. */
const smallImage = 1 << 16;
const imagesTogether = 8;

/** The shape of a product or convolution that can be done in bands. */
export function productShape(step: KernelStep, out: TensorType): ProductShape | undefined {
  const { kernel, ins } = step;
  const { dtype } = out;
  if (ins.some(({ type }) => type.dtype !== dtype) || sizeOf(out.shape) === 0) return undefined;
  if (kernel.kind === "contract" && isElementType(dtype)) return shapeOfContract(kernel, out);
  const isConvolution =
    kernel.kind === "window" && (kernel.form === "convolve" || kernel.form === "convolveData");
  if (!isConvolution || !isWindowElement(dtype)) return undefined;
  return shapeOfConvolution(kernel, [at(ins, 0).type, at(ins, 1).type], out);
}

function shapeOfContract(
  { batch, m, n, k, transposeA }: Kernel & { kind: "contract" },
  { dtype }: TensorType,
): ProductShape | undefined {
  // Products of one column are made transposed.
  if (n === 1 || k === 0) return undefined;
  const bytes = bytesOf(dtype);
  return {
    rows: batch * m,
    unit: batch > 1 ? m : tileRows,
    least: leastCells,
    result: { rowElements: n, rowBytes: n * bytes, work: k },
    argument: transposeA ? undefined : { rowElements: k, rowBytes: k * bytes, work: n },
  };
}

/** Rows are images. */
function shapeOfConvolution(
  { groups }: Kernel & { kind: "window" },
  [first, weight]: readonly [TensorType, TensorType],
  out: TensorType,
): ProductShape | undefined {
  const rows = at(out.shape, 0);
  if (sizeOf(first.shape) === 0 || sizeOf(weight.shape) === 0) return undefined;
  const bytes = bytesOf(out.dtype);
  const array = ({ shape }: TensorType): BandedArray => {
    const rowElements = sizeOf(shape.slice(1));
    const channels = at(shape, 1) / groups;
    return {
      rowElements,
      rowBytes: rowElements * bytes,
      work: sizeOf(weight.shape) / groups / channels,
    };
  };
  const cells = sizeOf(out.shape.slice(2));
  const least = Math.ceil(leastCells / cells);
  const [result, argument] = [array(out), array(first)];
  const unit = Math.max(result.rowBytes, argument.rowBytes) <= smallImage ? imagesTogether : 1;
  return { rows, unit, least, result, argument };
}
