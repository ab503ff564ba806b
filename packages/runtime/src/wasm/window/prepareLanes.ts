import { at } from "../../kernels/prepare.js";
import { blocking } from "../contract/kernelShape.js";
import { leftPanelSlack } from "../contract/scratch.js";
import {
  type CallArgument,
  callOf,
  type LibraryCall,
  operandAt,
  type PreparedKernel,
} from "../libraryCall.js";
import { ScratchLayout } from "../scratchLayout.js";
import { splitSpan } from "../spans.js";
import { groupCells, groupsOfTile } from "./convolutionTiles.js";
import { laneProductBytes } from "./convolveLanes.js";
import type { ImageAxis } from "./imageLayout.js";
import {
  type AxesProduct,
  type ImagePart,
  insidePart,
  move,
  weightArguments,
  weightsOf,
} from "./imageProduct.js";
import {
  cellArguments,
  cellsOf,
  chunkOf,
  type LanePlanes,
  type Places,
  placeArguments,
  placesOf,
  planesOf,
  tapArguments,
  tapsOf,
  volume,
} from "./lanePlanes.js";
import { insideCalls } from "./prepareInside.js";
import { trimAxis } from "./trimAxis.js";
import type { WindowLibrary } from "./windowModule.js";

/** Convolutions whose images are lanes: as they are cut, how images are laid out, what it costs. */
export interface LanePlan {
  readonly products: readonly AxesProduct[];
  readonly planes: LanePlanes;
  /** Images that are laid out together. */
  readonly chunk: number;
  /** In multiply-adds of vectors, for one image. */
  readonly cost: number;
}

/**
 * In multiply-adds of vectors, about: an element that is laid out and comes back, a weight that is
 * packed for a chunk, and a piece for each chunk.
 */
const costs = { element: 6, packed: 3, piece: 200 };

/** Undefined where images are too few or too large. */
export function lanePlan(
  whole: readonly AxesProduct[],
  part: ImagePart,
  library: WindowLibrary,
): LanePlan | undefined {
  const { element } = library;
  const images = part.images.to - part.images.from;
  const around = planesOf(whole.map(({ axes }) => axes));
  const planeBytes = volume(around.length) * element.bytes;
  const all = part.planes * planeBytes + resultElements(part, library) * element.bytes;
  // Planes that one block of steps meets.
  const taps = Math.max(...whole.map(({ axes }) => tapsOf(axes)));
  const met = Math.min(part.planes, Math.ceil(blocking.depth / taps) + 1);
  const chunk = chunkOf(images, { cached: met * planeBytes, all }, groupCells(library));
  if (chunk === undefined) return undefined;
  const chunks = Math.ceil(images / chunk);
  const products = whole.flatMap((product) => trimmed(product, part, chunk, library));
  const needed = products.filter(({ axes }) => tapsOf(axes) * part.planes > 0);
  const lanes = (chunks * chunk) / element.lanes / images;
  const rows = part.rows.to - part.rows.from;
  const work = needed.reduce((sum, { axes }) => {
    const steps = part.planes * tapsOf(axes) * rows;
    return sum + steps * (cellsOf(axes) * lanes + costs.packed / chunk) + costs.piece / chunk;
  }, 0);
  const moved = (part.planes * volume(around.available) + resultElements(part, library)) * lanes;
  return {
    products,
    planes: planesOf(needed.map(({ axes }) => axes)),
    chunk,
    cost: work + costs.element * moved,
  };
}

function resultElements({ rows, resultPlane }: ImagePart, { element }: WindowLibrary): number {
  return ((rows.to - rows.from) * resultPlane) / element.bytes;
}

/** A product without most of what its windows meet outside the planes. */
function trimmed(
  { axes: [z, y, x], weights, corner, cells }: AxesProduct,
  { planes, rows }: ImagePart,
  chunk: number,
  { element }: WindowLibrary,
): AxesProduct[] {
  const weight = planes * (rows.to - rows.from) * costs.packed;
  const tap = planes * (rows.to - rows.from) * (chunk / element.lanes);
  const of = (axis: ImageAxis, others: readonly [ImageAxis, ImageAxis]) => {
    const taps = others[0].taps * others[1].taps;
    return trimAxis(axis, {
      piece: costs.piece + weight * taps * axis.taps,
      row: 0,
      tap: tap * taps * others[0].cells * others[1].cells,
    });
  };
  return of(z, [y, x]).flatMap((deep) =>
    of(y, [deep.axis, x]).flatMap((high) =>
      of(x, [deep.axis, high.axis]).map(
        (wide): AxesProduct => ({
          axes: [deep.axis, high.axis, wide.axis],
          weights: weightsOf(weights, [deep, high, wide]),
          corner:
            corner +
            deep.firstCell * cells[0] +
            high.firstCell * cells[1] +
            wide.firstCell * cells[2],
          cells,
        }),
      ),
    ),
  );
}

/** A convolution with an image in each lane. Parts leave the bits of the whole. */
export function prepareLanes(
  plan: LanePlan,
  part: ImagePart,
  library: WindowLibrary,
): PreparedKernel {
  const { images, rows, sizes } = part;
  const nothing = rows.to === rows.from || images.to === images.from || sizes.groups === 0;
  const { calls, scratchBytes } = nothing
    ? { calls: [], scratchBytes: 0 }
    : lanesOf(plan, part, library);
  return {
    scratchBytes,
    calls,
    split(count) {
      const unit = groupCells(library);
      const [all, own] = [images.to - images.from, rows.to - rows.from];
      const byRows = all < count * unit && own >= count;
      const spans = byRows
        ? splitSpan(own, count, own >= count * library.shape.rows ? library.shape.rows : 1)
        : splitSpan(all, count, all < count * unit ? 1 : unit);
      return spans.map((span) =>
        prepareLanes(
          plan,
          { ...part, ...(byRows ? { rows: move(rows, span) } : { images: move(images, span) }) },
          library,
        ),
      );
    },
    rows: (spans) =>
      spans.map((span) => prepareLanes(plan, { ...part, images: move(images, span) }, library)),
  };
}

function lanesOf(
  { products, planes, chunk: most }: LanePlan,
  part: ImagePart,
  library: WindowLibrary,
) {
  const { sizes, images, rows, planes: planeCount, resultPlanes, resultPlane } = part;
  const { functions, element, shape } = library;
  const { bytes } = element;
  const width = groupCells(library);
  const count = images.to - images.from;
  const chunk = Math.min(most, Math.ceil(count / width) * width);
  const step = chunk * bytes;
  const needed = products.filter(({ axes }) => tapsOf(axes) * planeCount > 0);
  const layout = new ScratchLayout();
  const elements = planeCount * volume(planes.available);
  const places = placesOf(planes, step);
  const table = layout.reserve(4 * elements);
  const staged = { at: 0, bytes: planeCount * places.plane };
  staged.at = layout.reserve(staged.bytes);
  const resultCount = (rows.to - rows.from) * resultPlane;
  const computed = layout.reserve(resultCount * chunk);
  const entries = layout.reserve(laneProductBytes * needed.length);
  const described = needed.map((product, index) =>
    productCalls(product, part, library, {
      places,
      planes,
      chunk,
      to: { scratch: entries + index * laneProductBytes },
      layout,
    }),
  );
  const depth = Math.min(blocking.depth, Math.max(0, ...described.map(({ steps }) => steps)));
  const panelRows = Math.ceil((rows.to - rows.from) / shape.rows) * shape.rows;
  const panel = layout.reserve(panelRows * depth * bytes + leftPanelSlack);
  const [sourceItem, item] = [elements * bytes, resultPlanes * resultPlane];
  const fill = callOf(functions.fillOffsets, {
    to: { scratch: table },
    ...placeArguments(planes, places, planeCount),
  });
  const call = callOf(functions.convolveLanes, {
    images: count,
    chunk,
    step,
    groups: sizes.groups,
    source: operandAt(0, images.from * sizes.groups * sourceItem),
    sourceImage: sizes.groups * sourceItem,
    sourceGroup: sourceItem,
    elements,
    table: { scratch: table },
    staged: { scratch: staged.at },
    stagedBytes: volume(planes.length) > volume(planes.available) ? staged.bytes : 0,
    result: operandAt(2, images.from * sizes.groups * item + rows.from * resultPlane),
    resultImage: sizes.groups * item,
    resultGroup: item,
    resultElements: resultCount / bytes,
    computed: { scratch: computed },
    cleared: needed.length < products.length ? resultCount * chunk : 0,
    rows: rows.to - rows.from,
    resultRow: resultPlane * chunk,
    products: needed.length,
    productTable: { scratch: entries },
    panel: { scratch: panel },
  });
  const inside = insideCalls(
    part.form,
    needed.map(({ axes }) => axes),
    insidePart(part),
    library,
  );
  return {
    calls: [...described.flatMap(({ calls }) => calls), fill, call, ...inside],
    scratchBytes: layout.end,
  };
}

interface ProductPlace {
  readonly places: Places;
  readonly planes: LanePlanes;
  readonly chunk: number;
  /** The entry in the table of products. */
  readonly to: CallArgument;
  readonly layout: ScratchLayout;
}

/** Fills the tables of a product and its entry. */
function productCalls(
  { axes, weights, corner, cells }: AxesProduct,
  part: ImagePart,
  library: WindowLibrary,
  { places, planes, chunk, to, layout }: ProductPlace,
): { readonly calls: readonly LibraryCall[]; readonly steps: number } {
  const { functions, element } = library;
  const { bytes } = element;
  const steps = part.planes * tapsOf(axes);
  const width = groupCells(library);
  const tile = groupsOfTile(library, part.rows.to - part.rows.from);
  const groups = cellArguments(axes, places, cells, { chunk, bytes, width, tile });
  const tables = { groups: layout.reserve(groups.tableBytes), taps: layout.reserve(4 * steps) };
  const packed = weightArguments(weights, axes, part, library, layout);
  const origin = axes.reduce(
    (sum, { start }, axis) => sum + (at(planes.low, axis) - start) * at(places.strides, axis),
    0,
  );
  const calls = [
    ...packed.calls,
    callOf(functions.fillOffsets, {
      to: { scratch: tables.taps },
      ...tapArguments(axes, places, part.planes),
    }),
    callOf(functions.fillGroups, { to: { scratch: tables.groups }, ...groups.fields }),
    callOf(functions.laneProduct, {
      to,
      ...packed.place,
      steps,
      groupTable: { scratch: tables.groups },
      groupCount: groups.count,
      offsets: { scratch: tables.taps },
      origin,
      corner: corner * chunk,
    }),
  ];
  return { calls, steps };
}
