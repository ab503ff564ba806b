import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import { sumColumns } from "../contract/dots.js";
import { type ElementCode, multiplyAdd } from "../contract/element.js";
import { neverLeave, newSums, type Target, type TileSums } from "../contract/tile.js";
import { rowsOfNextTile } from "../contract/tileKernels.js";
import { beginFunction } from "../library/definition.js";
import { groupBytes } from "./cellTable.js";
import { callByRows, groupVectors } from "./convolutionTiles.js";
import { clearPlanes, paddedPlanes, paddingParameters } from "./padPlanes.js";

/**
 * For each group, the sum over images of head (rows, cells) times windows (cells, lanes) over
 * planes: a lane is a kernel position of a plane. All in bytes but for counts.
 * - `block`: images whose sums are added up together
 * - `groupTable`: `groupCount` groups of cells for each image of a block; `laneTable`: an offset for
 *   each lane
 * - `panels`: place for heads with their groups filled up with zeros; `sums`: for the sums of a tile
 */
export const convolveWeightsParameters = [
  "images",
  "groups",
  "source",
  "sourceImage",
  "sourceGroup",
  "planes",
  "head",
  "headImage",
  "headGroup",
  "headRow",
  "result",
  "resultGroup",
  "resultRow",
  "rows",
  "lanes",
  "block",
  "groupTable",
  "groupCount",
  "laneTable",
  "panels",
  "sums",
  ...paddingParameters,
] as const;

type Of = (name: (typeof convolveWeightsParameters)[number]) => Value<"i32">;

/** Groups of cells after which sums are added up: their heads stay in the first-level cache. */
export const groupsAtATime = 128;

/** Lanes of a tile. */
const tileLanes = 2;

/** Bytes of the sums of a tile. */
export function tileSumBytes(target: Target): number {
  return target.shape.rows * tileLanes * groupVectors(target) * 16;
}

/** Bytes of one group of cells of all rows of a panel. */
export function panelStep(target: Target): number {
  return target.shape.rows * groupVectors(target) * 16;
}

export function addConvolveWeights(module: ModuleBuilder, target: Target, pad: FunctionRef): void {
  const packHead = addPackHead(module, target);
  const tiles = addLaneTiles(module, target);
  const { bytes } = target.element;
  const { code, of } = beginFunction(module, "convolveWeights", convolveWeightsParameters);
  clearPlanes(code, of, code.op("i32.mul", of("planes"), of("block")));
  const nothing = code.op(
    "i32.or",
    code.op("i32.eqz", of("images")),
    code.op("i32.eqz", of("groupCount")),
  );
  code.countUp(code.variable("i32", 0), of("groups"), 1, () => {
    code.if(nothing, () => {
      const row = code.variable("i32", of("result"));
      code.countUp(code.variable("i32", 0), of("rows"), 1, () => {
        code.clear(row, code.op("i32.mul", of("lanes"), bytes));
        code.increase(row, of("resultRow"));
      });
    });
    const [source, head] = [code.variable("i32", of("source")), code.variable("i32", of("head"))];
    const image = code.variable("i32", 0);
    code.loop((again) => {
      const rest = code.op("i32.sub", of("images"), image);
      const isLast = code.op("i32.lt_s", rest, of("block"));
      const count = code.variable("i32", code.select(isLast, rest, of("block")));
      code.if(code.op("i32.gt_s", count, 0), () => {
        const base = paddedBlock(code, of, pad, source, count);
        const groups = code.op("i32.mul", of("groupCount"), count);
        const cells = [of("groupTable"), groups];
        code.call(packHead, head, of("headRow"), of("rows"), ...cells, of("panels"));
        writeBlocks(code, target, of, tiles, { base, groups, image });
        code.increase(head, code.op("i32.mul", of("headImage"), count));
      });
      code.increase(image, of("block"));
      code.branchIf(code.op("i32.lt_s", image, of("images")), again);
    });
    code.increase(of("source"), of("sourceGroup"));
    code.increase(of("head"), of("headGroup"));
    code.increase(of("result"), of("resultGroup"));
  });
}

/** Moves `source` over `count` images; gives the address of their planes as windows need them. */
function paddedBlock(
  code: FunctionBuilder,
  of: Of,
  pad: FunctionRef,
  source: Value<"i32">,
  count: Value<"i32">,
): Value<"i32"> {
  const first = code.variable("i32", source);
  const padded = code.variable("i32", of("padded"));
  code.countUp(code.variable("i32", 0), count, 1, () => {
    paddedPlanes(code, pad, of, source, of("planes"), padded);
    code.increase(source, of("sourceImage"));
    code.increase(padded, code.op("i32.mul", of("planes"), of("plane")));
  });
  return code.select(of("copied"), of("padded"), first);
}

/** Images about to be summed over. */
interface BlockOfImages {
  readonly base: Value<"i32">;
  readonly groups: Value<"i32">;
  /** The first one: where it is 0, nothing is there to be added to. */
  readonly image: Value<"i32">;
}

/** Blocks of groups, in each all rows, in each tile of rows all lanes. */
function writeBlocks(
  code: FunctionBuilder,
  target: Target,
  of: Of,
  tiles: ReadonlyMap<number, FunctionRef>,
  { base, groups, image }: BlockOfImages,
): void {
  const group = code.variable("i32", 0);
  const stepBytes = panelStep(target);
  const panelBytes = code.op("i32.mul", groups, stepBytes);
  code.countUp(group, groups, groupsAtATime, () => {
    const rest = code.op("i32.sub", groups, group);
    const whole = code.op("i32.gt_s", rest, groupsAtATime);
    const count = code.select(whole, code.i32(groupsAtATime), rest);
    const skipped = code.op("i32.mul", group, stepBytes);
    const panel = code.variable("i32", code.op("i32.add", of("panels"), skipped));
    const cells = code.op("i32.add", of("groupTable"), code.op("i32.mul", group, groupBytes));
    const result = code.variable("i32", of("result"));
    const accumulate = code.op("i32.or", image, group);
    const row = code.variable("i32", 0);
    code.countUp(row, of("rows"), 1, () => {
      const rows = rowsOfNextTile(code, target, code.op("i32.sub", of("rows"), row));
      const lane = code.variable("i32", 0);
      const to = code.variable("i32", result);
      const offsets = code.variable("i32", of("laneTable"));
      code.countUp(lane, of("lanes"), tileLanes, () => {
        const many = code.op("i32.sub", of("lanes"), lane);
        const product = [panel, count, cells, base, offsets, many];
        callByRows(code, tiles, rows, [...product, to, of("resultRow"), accumulate, of("sums")]);
        code.increase(to, tileLanes * target.element.bytes);
        code.increase(offsets, 4 * tileLanes);
      });
      code.increase(panel, panelBytes);
      code.increase(result, code.op("i32.mul", rows, of("resultRow")));
      // The loop itself counts one.
      code.increase(row, code.op("i32.sub", rows, 1));
    });
  });
}

const tileParameters = [
  "panel",
  "steps",
  "cells",
  "image",
  "offsets",
  "many",
  "result",
  "resultRow",
  "accumulate",
  "sums",
] as const;

function addLaneTiles(module: ModuleBuilder, target: Target): ReadonlyMap<number, FunctionRef> {
  const counts = Array.from({ length: target.shape.rows }, (_, i) => i + 1);
  return new Map(counts.map((rows) => [rows, addLaneTile(module, target, rows)]));
}

/**
 * Scalar products of the heads of some rows with the windows of two lanes; `many` is 1 where there
 * is no second.
 */
function addLaneTile(module: ModuleBuilder, target: Target, rows: number): FunctionRef {
  const { element, shape } = target;
  const each = groupVectors(target);
  const name = `lanes${rows}`;
  const { code, of, ref } = beginFunction(module, name, tileParameters, "own");
  const [panel, cells, steps] = [of("panel"), of("cells"), of("steps")];
  const sums = newSums(code, rows, tileLanes * each);
  const first = code.load("i32.load", of("offsets"));
  const second = code.variable("i32", first);
  const both = code.op("i32.gt_s", of("many"), 1);
  code.if(both, () => code.assign(second, code.load("i32.load", of("offsets"), 4)));
  const bases = [first, second].map((offset) => code.op("i32.add", of("image"), offset));
  const vectors = Array.from({ length: each }, (_, e) => e);
  code.block((out) => {
    code.loop((again) => {
      const offset = code.load("i32.load", cells);
      const windows = bases.flatMap((base) => {
        const address = code.op("i32.add", base, offset);
        return vectors.map((e) => code.load("v128.load", address, e * 16));
      });
      for (const [i, row] of sums.entries()) {
        const head = vectors.map((e) => code.load("v128.load", panel, (i * each + e) * 16));
        for (const [j, sum] of row.entries()) {
          const [window, factor] = [windows[j] ?? sum, head[j % each] ?? sum];
          code.assign(sum, multiplyAdd(code, element.type, shape.relaxed, factor, window, sum));
        }
        if (shape.rowExits && i < rows - 1) neverLeave(code, steps, out, i);
      }
      code.increase(panel, panelStep(target));
      code.increase(cells, groupBytes);
      code.increase(steps, -1);
      code.branchIf(steps, again);
    });
  });
  const joined = each === 1 ? sums : joinPairs(code, element, sums, of("sums"));
  for (let j = 0; j < tileLanes; j++) {
    const column = joined.flatMap((row) => row[j] ?? []);
    const store = () => storeColumn(code, element, column, of, j * element.bytes);
    if (j === 0) store();
    else code.if(both, store);
  }
  return ref;
}

/**
 * Adds neighbours up. They go by way of memory: neighbouring stores are what wider vectors are
 * recognised by.
 */
function joinPairs(
  code: FunctionBuilder,
  { add }: ElementCode,
  sums: TileSums,
  place: Value<"i32">,
): TileSums {
  const width = sums[0]?.length ?? 0;
  for (const [i, row] of sums.entries()) {
    for (const [j, sum] of row.entries()) {
      code.store("v128.store", place, sum, (i * width + j) * 16);
    }
  }
  return sums.map((_, i) =>
    Array.from({ length: width / 2 }, (_unused, j) => {
      const at = (i * width + 2 * j) * 16;
      const [one, other] = [
        code.load("v128.load", place, at),
        code.load("v128.load", place, at + 16),
      ];
      return code.op(add, one, other);
    }),
  );
}

/** The sums of the lanes of some vectors, one below the other. */
function storeColumn(
  code: FunctionBuilder,
  element: ElementCode,
  column: readonly Value<"v128">[],
  of: (name: (typeof tileParameters)[number]) => Value<"i32">,
  shift: number,
): void {
  const { lanes, bytes } = element;
  const to = code.variable("i32", code.op("i32.add", of("result"), shift));
  for (let from = 0; from < column.length; from += lanes) {
    const own = column.slice(from, from + lanes);
    const filled = Array.from({ length: lanes }, (_, i) => own[i] ?? own[0]);
    const totals = sumColumns(
      code,
      element,
      filled.flatMap((vector) => vector ?? []),
    );
    for (const i of own.keys()) {
      const order = Array.from({ length: 16 }, (_, at) => (i * bytes + at) % 16);
      const total = code.variable("v128", i === 0 ? totals : code.shuffle(totals, totals, order));
      code.if(of("accumulate"), () => {
        code.assign(total, code.op(element.add, code.load(element.loadFirst, to), total));
      });
      code.storeLane(element.storeLane, 0, to, total);
      code.increase(to, of("resultRow"));
    }
  }
}

const packParameters = ["head", "headRow", "rows", "groupTable", "groupCount", "to"] as const;

/**
 * A function that copies a head to panels as high as tiles: for each group of cells, the vectors of
 * each row. Groups that are not whole are filled up with zeros.
 */
function addPackHead(module: ModuleBuilder, target: Target): FunctionRef {
  const { element } = target;
  const each = groupVectors(target);
  const { code, of, ref } = beginFunction(module, "packHead", packParameters, "own");
  const row = code.variable("i32", 0);
  const panel = code.variable("i32", of("to"));
  const panelBytes = code.op("i32.mul", of("groupCount"), panelStep(target));
  code.countUp(row, of("rows"), 1, () => {
    const rows = rowsOfNextTile(code, target, code.op("i32.sub", of("rows"), row));
    const head = code.variable("i32", of("head"));
    const start = code.variable("i32", panel);
    code.countUp(code.variable("i32", 0), rows, 1, () => {
      const [cells, to] = [code.variable("i32", of("groupTable")), code.variable("i32", start)];
      code.countUp(code.variable("i32", 0), of("groupCount"), 1, () => {
        const from = code.op("i32.add", head, code.load("i32.load", cells, 4));
        const count = code.load("i32.load", cells, 8);
        for (let e = 0; e < each; e++) {
          const vector = loadCells(code, element, from, count, e * element.lanes);
          code.store("v128.store", to, vector, e * 16);
        }
        code.increase(cells, groupBytes);
        code.increase(to, panelStep(target));
      });
      code.increase(head, of("headRow"));
      code.increase(start, each * 16);
    });
    code.increase(of("head"), code.op("i32.mul", rows, of("headRow")));
    code.increase(panel, panelBytes);
    // The loop itself counts one.
    code.increase(row, code.op("i32.sub", rows, 1));
  });
  return ref;
}

/** A vector of elements from the `first` one on, of `count` at an address, and zeros. */
function loadCells(
  code: FunctionBuilder,
  { loadFirst, loadLane, lanes, bytes }: ElementCode,
  from: Value<"i32">,
  count: Value<"i32">,
  first: number,
): Value<"v128"> {
  const cells = code.variable("v128", code.v128(new Uint8Array(16)));
  const has = (lane: number) => code.op("i32.gt_s", count, first + lane);
  const at = (lane: number) => (first + lane) * bytes;
  code.if(
    has(lanes - 1),
    () => code.assign(cells, code.load("v128.load", from, at(0))),
    () => {
      code.if(has(0), () => code.assign(cells, code.load(loadFirst, from, at(0))));
      for (let lane = 1; lane < lanes - 1; lane++) {
        code.if(has(lane), () => {
          code.assign(cells, code.loadLane(loadLane, lane, from, cells, at(lane)));
        });
      }
    },
  );
  return cells;
}
