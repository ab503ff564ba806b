import { callOf, type LibraryCall, operandAt } from "../libraryCall.js";
import type { Span } from "../spans.js";
import type { ConvolutionSizes } from "./convolutionSizes.js";
import type { ImageLayout } from "./imageLayout.js";
import { windowArguments } from "./preparePooling.js";
import type { WindowLibrary } from "./windowModule.js";

/** Where each of the three arrays is among the operands. */
const operands = {
  convolveInside: { data: 0, weight: 1, result: 2 },
  convolveDataInside: { result: 0, weight: 1, data: 2 },
  convolveWeightInside: { data: 0, result: 1, weight: 2 },
} as const;

/** Which part of a convolution is done, of one group but for images. */
export interface InsidePart {
  readonly sizes: ConvolutionSizes;
  readonly images: Span;
  readonly filters: Span;
  readonly channels: Span;
}

/**
 * What is to follow a convolution of floats that meets zeros besides its operands, as around the
 * planes of `axes`: sums with weights that are not finite are taken again, without those zeros.
 */
export function insideCalls(
  form: keyof typeof operands,
  axes: readonly ImageLayout["axes"][],
  { sizes, images, filters, channels }: InsidePart,
  { functions, element }: WindowLibrary,
): readonly LibraryCall[] {
  // Heads are filled up with zeros, whatever the windows; images only where windows leave them.
  const meetsZeros = form === "convolveWeightInside" || axes.some(hasZeros);
  if (element.type === "int32" || !meetsZeros) return [];
  const { plane, groups } = sizes;
  const [data, result, weight] = [plane.dataSize, plane.resultSize, plane.kernelSize].map(
    (length) => length * element.bytes,
  );
  if (data === undefined || result === undefined || weight === undefined) return [];
  const group = { data: sizes.channels * data, result: sizes.filters * result };
  const filter = sizes.channels * weight;
  const image = { data: groups * group.data, result: groups * group.result };
  const operand = operands[form];
  const call = callOf(functions[form], {
    ...windowArguments(plane),
    planes: 1,
    positions: 0,
    groups,
    images: images.to - images.from,
    filters: filters.to - filters.from,
    channels: channels.to - channels.from,
    data: operandAt(operand.data, images.from * image.data + channels.from * data),
    dataGroup: group.data,
    dataImage: image.data,
    dataChannel: data,
    result: operandAt(operand.result, images.from * image.result + filters.from * result),
    resultGroup: group.result,
    resultImage: image.result,
    resultFilter: result,
    weight: operandAt(operand.weight, filters.from * filter + channels.from * weight),
    weightGroup: sizes.filters * filter,
    weightFilter: filter,
    weightChannel: weight,
  });
  return [call];
}

function hasZeros(axes: ImageLayout["axes"]): boolean {
  return axes.some(({ start, available, length }) => start > 0 || start + available < length);
}
