import { callOf, operandAt, type PreparedKernel } from "../libraryCall.js";
import { ScratchLayout } from "../scratchLayout.js";
import { type Span, splitSpan } from "../spans.js";
import { type ConvolutionSizes, dataAxes, eachAxis, planeStrides } from "./convolutionSizes.js";
import { groupCells } from "./convolutionTiles.js";
import { panelStep, tileSumBytes } from "./convolveWeights.js";
import {
  groupCount,
  groupTable,
  type ImageLayout,
  imageLayout,
  paddingArguments,
  tapTable,
} from "./imageLayout.js";
import { insideCalls } from "./prepareInside.js";
import type { WindowLibrary } from "./windowModule.js";

/**
 * For each group, the sum over images of heads times windows over data, for some channels and
 * filters.
 */
interface WeightPart {
  readonly sizes: ConvolutionSizes;
  readonly image: ImageLayout;
  readonly channels: Span;
  readonly filters: Span;
}

/** Operands: data, head, weight. */
export function prepareConvolveWeight(
  sizes: ConvolutionSizes,
  library: WindowLibrary,
): PreparedKernel {
  const image = imageLayout(dataAxes(sizes.plane), library.element.bytes, groupCells(library));
  const [channels, filters] = [
    { from: 0, to: sizes.channels },
    { from: 0, to: sizes.filters },
  ];
  return prepare({ sizes, image, channels, filters }, library);
}

/** Channels are cut where there are enough: each part then pads its own. */
function prepare(part: WeightPart, library: WindowLibrary): PreparedKernel {
  const { channels, filters } = part;
  const length = ({ from, to }: Span) => to - from;
  const nothing = length(channels) * length(filters) * part.sizes.plane.kernelSize === 0;
  const { calls, scratchBytes } = nothing ? { calls: [], scratchBytes: 0 } : callsOf(part, library);
  return {
    calls,
    scratchBytes,
    split(parts) {
      const enough = length(channels) >= parts;
      const whole = enough ? channels : filters;
      return splitSpan(length(whole), parts, enough ? 1 : library.shape.rows).map(
        ({ from, to }) => {
          const own = { from: whole.from + from, to: whole.from + to };
          return prepare({ ...part, ...(enough ? { channels: own } : { filters: own }) }, library);
        },
      );
    },
  };
}

function callsOf({ sizes, image, channels, filters }: WeightPart, library: WindowLibrary) {
  const { batch, groups, plane } = sizes;
  const { functions, element, shape } = library;
  const { bytes } = element;
  const width = groupCells(library);
  const [planes, rows] = [channels.to - channels.from, filters.to - filters.from];
  const layout = new ScratchLayout();
  const cells = groupCount(image, width, 1);
  const tables = {
    groups: layout.reserve(cells.tableBytes),
    lanes: layout.reserve(4 * planes * plane.kernelSize),
  };
  const panels = layout.reserve(Math.ceil(rows / shape.rows) * cells.all * panelStep(library));
  const sums = layout.reserve(tileSumBytes(library));
  const [dataItem, headRow] = [sizes.channels * image.sourcePlane, plane.resultSize * bytes];
  const weightRow = sizes.channels * plane.kernelSize * bytes;
  const call = callOf(functions.convolveWeights, {
    images: batch,
    groups,
    source: operandAt(0, channels.from * image.sourcePlane),
    sourceImage: groups * dataItem,
    sourceGroup: dataItem,
    planes,
    head: operandAt(1, filters.from * headRow),
    headImage: groups * sizes.filters * headRow,
    headGroup: sizes.filters * headRow,
    headRow,
    result: operandAt(2, filters.from * weightRow + channels.from * plane.kernelSize * bytes),
    resultGroup: sizes.filters * weightRow,
    resultRow: weightRow,
    rows,
    lanes: planes * plane.kernelSize,
    groupTable: { scratch: tables.groups },
    groupCount: cells.all,
    laneTable: { scratch: tables.lanes },
    panels: { scratch: panels },
    sums: { scratch: sums },
    ...paddingArguments(image, planes, layout),
  });
  const inside = { sizes, images: { from: 0, to: batch }, filters, channels };
  const out = planeStrides(eachAxis(plane, "result"), bytes);
  const calls = [
    ...tapTable(functions, image, planes, tables.lanes),
    groupTable(functions, image, out, width, cells.spare, tables.groups),
    call,
    ...insideCalls("convolveWeightInside", [image], inside, library),
  ];
  return { calls, scratchBytes: layout.end };
}
