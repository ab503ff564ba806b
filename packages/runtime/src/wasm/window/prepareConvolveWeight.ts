import { callOf, operandAt, type PreparedKernel } from "../libraryCall.js";
import { ScratchLayout } from "../scratchLayout.js";
import { type Span, splitSpan } from "../spans.js";
import { type ConvolutionSizes, dataAxes, eachAxis, planeStrides } from "./convolutionSizes.js";
import { groupCells } from "./convolutionTiles.js";
import {
  groupCount,
  groupTable,
  type ImageLayout,
  imageLayout,
  paddingArguments,
  tapTable,
} from "./imageLayout.js";
import { insideCalls } from "./prepareInside.js";
import { weightChunk, weightLaneCalls } from "./prepareWeightLanes.js";
import type { WeightPart } from "./weightPart.js";
import { groupsAtATime, panelStep, tileSumBytes } from "./weightTiles.js";
import type { WindowLibrary } from "./windowModule.js";

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
  const chunk = weightChunk(sizes, image, library);
  return prepare({ sizes, image, chunk, channels, filters }, library);
}

/** Channels are cut where there are enough: each part then pads its own. */
function prepare(part: WeightPart, library: WindowLibrary): PreparedKernel {
  const { channels, filters } = part;
  const length = ({ from, to }: Span) => to - from;
  const nothing = length(channels) * length(filters) * part.sizes.plane.kernelSize === 0;
  const callsFor = part.chunk === undefined ? callsOf : weightLaneCalls;
  const { calls, scratchBytes } = nothing
    ? { calls: [], scratchBytes: 0 }
    : callsFor(part, library);
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

/** Bytes of padded planes that stay in the second-level cache. */
const paddedBytes = 1 << 19;

/**
 * Images whose sums are added up together, so that a tile's are not for a few cells only. The same for
 * all parts, as sums are by blocks.
 */
function blockOf({ batch, channels }: ConvolutionSizes, image: ImageLayout, cells: number): number {
  const fitting = image.copied ? Math.floor(paddedBytes / (channels * image.plane)) : batch;
  const wanted = Math.floor(groupsAtATime / Math.max(1, cells));
  return Math.max(1, Math.min(batch, wanted, fitting));
}

function callsOf({ sizes, image, channels, filters }: WeightPart, library: WindowLibrary) {
  const { batch, groups, plane } = sizes;
  const { functions, element, shape } = library;
  const { bytes } = element;
  const width = groupCells(library);
  const [planes, rows] = [channels.to - channels.from, filters.to - filters.from];
  const layout = new ScratchLayout();
  const cells = groupCount(image, width, 1);
  const block = blockOf(sizes, image, cells.all);
  const tables = {
    groups: layout.reserve(block * cells.tableBytes),
    lanes: layout.reserve(4 * planes * plane.kernelSize),
  };
  const panels = layout.reserve(
    Math.ceil(rows / shape.rows) * block * cells.all * panelStep(library),
  );
  const sums = layout.reserve(tileSumBytes(library));
  const [dataItem, headRow] = [sizes.channels * image.sourcePlane, plane.resultSize * bytes];
  const weightRow = sizes.channels * plane.kernelSize * bytes;
  const headImage = groups * sizes.filters * headRow;
  const call = callOf(functions.convolveWeights, {
    images: batch,
    groups,
    source: operandAt(0, channels.from * image.sourcePlane),
    sourceImage: groups * dataItem,
    sourceGroup: dataItem,
    planes,
    head: operandAt(1, filters.from * headRow),
    headImage,
    headGroup: sizes.filters * headRow,
    headRow,
    result: operandAt(2, filters.from * weightRow + channels.from * plane.kernelSize * bytes),
    resultGroup: sizes.filters * weightRow,
    resultRow: weightRow,
    rows,
    lanes: planes * plane.kernelSize,
    block,
    groupTable: { scratch: tables.groups },
    groupCount: cells.all,
    laneTable: { scratch: tables.lanes },
    panels: { scratch: panels },
    sums: { scratch: sums },
    ...paddingArguments(image, planes * block, layout),
  });
  const inside = { sizes, images: { from: 0, to: batch }, filters, channels };
  const out = planeStrides(eachAxis(plane, "result"), bytes);
  const images = {
    count: block,
    source: image.copied ? planes * image.plane : groups * dataItem,
    result: headImage,
  };
  const calls = [
    ...tapTable(functions, image, planes, tables.lanes),
    groupTable(functions, image, images, out, width, cells.spare, tables.groups),
    call,
    ...insideCalls("convolveWeightInside", [image.axes], inside, library),
  ];
  return { calls, scratchBytes: layout.end };
}
