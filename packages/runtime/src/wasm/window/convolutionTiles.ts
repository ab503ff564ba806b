import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import { multiplyAdd } from "../contract/element.js";
import { neverLeave, newSums, type Target, type TileSums } from "../contract/tile.js";
import { rowsOfNextTile } from "../contract/tileKernels.js";
import { beginFunction } from "../library/definition.js";
import { groupBytes } from "./cellTable.js";

/** Vectors of a group of cells: two where neighbours become one. */
export function groupVectors({ shape }: Target): 1 | 2 {
  return shape.vectors === 4 ? 2 : 1;
}

/** Cells of a whole group. */
export function groupCells(target: Target): number {
  return groupVectors(target) * target.element.lanes;
}

/**
 * Groups of a tile for so many rows of weights in all: enough sums to hide the latency of
 * additions.
 */
export function groupsOfTile(target: Target, rows: number): number {
  const wide = groupVectors(target) === 2;
  if (rows === 1) return wide ? 4 : 8;
  return rows <= 3 && !wide ? 4 : 2;
}

const tileParameters = [
  "panel",
  "steps",
  "offsets",
  "groups",
  "image",
  "result",
  "resultRow",
  "cellStep",
  "accumulate",
] as const;

/** Functions for tiles of `count` groups by rows. */
interface Tiles {
  readonly groups: number;
  readonly byRows: ReadonlyMap<number, FunctionRef>;
}

const walkParameters = [...tileParameters, "rows", "groupCount"] as const;

/**
 * A function that multiplies packed weights (rows, steps) with windows (steps, cells) and adds over
 * the steps: all groups, and for each tile of groups all rows. Parameters: `walkParameters`.
 */
export function addTileWalk(module: ModuleBuilder, target: Target): FunctionRef {
  const { rows } = target.shape;
  const counts = [...new Set([1, 2, 3, rows].map((one) => groupsOfTile(target, one)))];
  const tiles = counts.map((groups): Tiles => {
    const own = Array.from({ length: rows }, (_, i) => i + 1).filter(
      (one) => groupsOfTile(target, one) === groups || (groups === 2 && one > 1),
    );
    return {
      groups,
      byRows: new Map(own.map((one) => [one, addTile(module, target, one, groups)])),
    };
  });
  const { code, of, ref } = beginFunction(module, "walkTiles", walkParameters, "own");
  for (const { groups, byRows } of tiles) {
    const own = counts.length === 1 ? code.i32(1) : usesGroups(code, target, of("rows"), groups);
    code.if(own, () => {
      const done = code.variable("i32", 0);
      code.countUp(done, of("groupCount"), groups, () => {
        walkRows(code, target, byRows);
        code.increase(of("groups"), groups * groupBytes);
      });
    });
  }
  return ref;
}

function usesGroups(
  code: FunctionBuilder,
  target: Target,
  rows: Value<"i32">,
  groups: number,
): Value<"i32"> {
  const own = [1, 2, 3].filter((one) => groupsOfTile(target, one) === groups);
  const few = own.map((one) => code.op("i32.eq", rows, one));
  if (groupsOfTile(target, target.shape.rows) === groups) few.push(code.op("i32.gt_s", rows, 3));
  return few.reduce((any, one) => code.op("i32.or", any, one));
}

function walkRows(
  code: FunctionBuilder,
  target: Target,
  byRows: ReadonlyMap<number, FunctionRef>,
): void {
  const of = (name: (typeof walkParameters)[number]) =>
    code.param(walkParameters.indexOf(name), "i32");
  const { bytes } = target.element;
  const panel = code.variable("i32", of("panel"));
  const result = code.variable("i32", of("result"));
  const row = code.variable("i32", 0);
  const panelBytes = code.op("i32.mul", of("steps"), target.shape.rows * bytes);
  code.loop((again) => {
    const rows = rowsOfNextTile(code, target, code.op("i32.sub", of("rows"), row));
    const args = tileParameters.map((name) =>
      name === "panel" ? panel : name === "result" ? result : of(name),
    );
    callByRows(code, byRows, rows, args);
    code.increase(panel, panelBytes);
    code.increase(result, code.op("i32.mul", rows, of("resultRow")));
    code.increase(row, rows);
    code.branchIf(code.op("i32.lt_s", row, of("rows")), again);
  });
}

/** Calls the function for a number of rows that is known at run time. */
export function callByRows(
  code: FunctionBuilder,
  byRows: ReadonlyMap<number, FunctionRef>,
  rows: Value<"i32">,
  args: readonly Value<"i32">[],
): void {
  const descending = [...byRows].sort(([a], [b]) => b - a);
  code.block((done) => {
    for (const [count, tile] of descending) {
      code.if(code.op("i32.eq", rows, count), () => {
        code.call(tile, ...args);
        code.branch(done);
      });
    }
  });
}

/** One tile: an element of weights for each row, in all lanes, times the cells of each group. */
function addTile(module: ModuleBuilder, target: Target, rows: number, groups: number): FunctionRef {
  const { element, shape } = target;
  const each = groupVectors(target);
  const name = `tile${rows}x${groups}`;
  const { code, of, ref } = beginFunction(module, name, tileParameters, "own");
  const [panel, offsets, steps] = [of("panel"), of("offsets"), of("steps")];
  const sums = newSums(code, rows, groups * each);
  const bases = Array.from({ length: groups }, (_, i) =>
    code.op("i32.add", of("image"), code.load("i32.load", of("groups"), i * groupBytes)),
  );
  const step = (at: number, out: Parameters<typeof neverLeave>[2] | undefined) => {
    const offset = code.load("i32.load", offsets, at * 4);
    const addresses = bases.map((base) => code.op("i32.add", base, offset));
    const load = (j: number) => {
      const address = addresses[Math.floor(j / each)];
      if (address === undefined) throw new RangeError("no group");
      return code.load("v128.load", address, (j % each) * 16);
    };
    const early = rows > 1;
    const cells = Array.from({ length: early ? groups * each : 0 }, (_, j) => load(j));
    for (const [i, row] of sums.entries()) {
      const weight = code.load(element.splat, panel, (at * shape.rows + i) * element.bytes);
      for (const [j, sum] of row.entries()) {
        const cell = cells[j] ?? load(j);
        code.assign(sum, multiplyAdd(code, element.type, shape.relaxed, weight, cell, sum));
      }
      if (out !== undefined && i < rows - 1) neverLeave(code, steps, out, i);
    }
  };
  writeSteps(code, target, steps, { panel, offsets }, step);
  storeGroups(code, target, sums, of);
  return ref;
}

/** The loop over steps, unrolled as the engine likes it. */
function writeSteps(
  code: FunctionBuilder,
  { element, shape }: Target,
  steps: Value<"i32">,
  { panel, offsets }: { readonly panel: Value<"i32">; readonly offsets: Value<"i32"> },
  step: (at: number, out: Parameters<typeof neverLeave>[2] | undefined) => void,
): void {
  const turn = (count: number, out: Parameters<typeof neverLeave>[2]) => {
    for (let at = 0; at < count; at++) step(at, shape.rowExits ? out : undefined);
    code.increase(panel, count * shape.rows * element.bytes);
    code.increase(offsets, count * 4);
    code.increase(steps, -count);
  };
  if (shape.unroll > 1) {
    code.block((out) => {
      code.branchIf(code.op("i32.lt_s", steps, shape.unroll), out);
      code.loop((again) => {
        turn(shape.unroll, out);
        code.branchIf(code.op("i32.ge_s", steps, shape.unroll), again);
      });
    });
  }
  code.block((out) => {
    code.branchIf(code.op("i32.eqz", steps), out);
    code.loop((again) => {
      turn(1, out);
      code.branchIf(steps, again);
    });
  });
}

/** Stores the cells that each group has, added to what is there where `accumulate`. */
function storeGroups(
  code: FunctionBuilder,
  target: Target,
  sums: TileSums,
  of: (name: (typeof tileParameters)[number]) => Value<"i32">,
): void {
  const { element } = target;
  const each = groupVectors(target);
  const whole = groupCells(target);
  const adjacent = code.op("i32.eq", of("cellStep"), element.bytes);
  for (let group = 0; group < (sums[0]?.length ?? 0) / each; group++) {
    const place = code.load("i32.load", of("groups"), group * groupBytes + 4);
    const count = code.load("i32.load", of("groups"), group * groupBytes + 8);
    const to = code.variable("i32", code.op("i32.add", of("result"), place));
    const own = sums.map((row) => row.slice(group * each, (group + 1) * each));
    code.if(
      code.op("i32.and", adjacent, code.op("i32.eq", count, whole)),
      () => storeWhole(code, target, own, to, of("resultRow"), of("accumulate")),
      () => storePart(code, target, own, { to, count, cellStep: of("cellStep") }, of),
    );
  }
}

function storeWhole(
  code: FunctionBuilder,
  { element: { add } }: Target,
  sums: TileSums,
  to: Value<"i32">,
  resultRow: Value<"i32">,
  accumulate: Value<"i32">,
): void {
  const store = (known: boolean) => {
    for (const [i, row] of sums.entries()) {
      const before = known ? row.map((_, j) => code.load("v128.load", to, j * 16)) : [];
      const totals = row.map((sum, j) => {
        const value = before[j];
        return value === undefined ? sum : code.op(add, value, sum);
      });
      for (const [j, total] of totals.entries()) code.store("v128.store", to, total, j * 16);
      if (i < sums.length - 1) code.increase(to, resultRow);
    }
  };
  code.if(
    accumulate,
    () => store(true),
    () => store(false),
  );
}

interface PartialGroup {
  readonly to: Value<"i32">;
  readonly count: Value<"i32">;
  readonly cellStep: Value<"i32">;
}

function storePart(
  code: FunctionBuilder,
  { element }: Target,
  sums: TileSums,
  { to, count, cellStep }: PartialGroup,
  of: (name: (typeof tileParameters)[number]) => Value<"i32">,
): void {
  const { lanes } = element;
  for (const row of sums) {
    const at = code.variable("i32", to);
    for (const [j, sum] of row.entries()) {
      for (let lane = 0; lane < lanes; lane++) {
        code.if(code.op("i32.gt_s", count, j * lanes + lane), () => {
          const total = code.variable("v128", laneFirst(code, lanes, sum, lane));
          code.if(of("accumulate"), () => {
            const known = code.load(element.loadFirst, at);
            code.assign(total, code.op(element.add, known, total));
          });
          code.storeLane(element.storeLane, 0, at, total);
          code.increase(at, cellStep);
        });
      }
    }
    code.increase(to, of("resultRow"));
  }
}

/** A vector whose first lane is the given one of another. */
function laneFirst(
  code: FunctionBuilder,
  lanes: number,
  vector: Value<"v128">,
  lane: number,
): Value<"v128"> {
  if (lane === 0) return vector;
  const bytes = 16 / lanes;
  const order = Array.from({ length: 16 }, (_, i) => (lane * bytes + i) % 16);
  return code.shuffle(vector, vector, order);
}
