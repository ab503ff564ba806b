import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import { sumColumns } from "../contract/dots.js";
import { type ElementCode, multiplyAdd } from "../contract/element.js";
import { neverLeave, newSums, type Target, type TileSums } from "../contract/tile.js";
import { beginFunction } from "../library/definition.js";
import { groupBytes } from "./cellTable.js";
import { groupVectors } from "./convolutionTiles.js";

/** Groups of cells after which sums are added up: their heads stay in the first-level cache. */
export const groupsAtATime = 128;

/** Lanes of a tile of so many rows: enough sums to hide the latency of additions. */
export function lanesOfTile(rows: number): number {
  return rows === 1 ? 8 : rows === 2 ? 4 : 2;
}

/** Bytes of the sums of a tile. */
export function tileSumBytes(target: Target): number {
  const rows = Array.from({ length: target.shape.rows }, (_, i) => i + 1);
  const sums = Math.max(...rows.map((count) => count * lanesOfTile(count)));
  return sums * groupVectors(target) * 16;
}

/** Bytes of one group of cells of all rows of a panel. */
export function panelStep(target: Target): number {
  return target.shape.rows * groupVectors(target) * 16;
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

/** By rows, from 1 on. */
export function addLaneTiles(
  module: ModuleBuilder,
  target: Target,
): ReadonlyMap<number, FunctionRef> {
  const counts = Array.from({ length: target.shape.rows }, (_, i) => i + 1);
  return new Map(counts.map((rows) => [rows, addLaneTile(module, target, rows)]));
}

/** Scalar products of the heads of some rows with the windows of some lanes, `many` at the most. */
function addLaneTile(module: ModuleBuilder, target: Target, rows: number): FunctionRef {
  const { element, shape } = target;
  const each = groupVectors(target);
  const name = `lanes${rows}`;
  const { code, of, ref } = beginFunction(module, name, tileParameters, "own");
  const [panel, cells, steps] = [of("panel"), of("cells"), of("steps")];
  const count = lanesOfTile(rows);
  const sums = newSums(code, rows, count * each);
  const has = (lane: number) => code.op("i32.gt_s", of("many"), lane);
  const first = code.load("i32.load", of("offsets"));
  const bases = Array.from({ length: count }, (_, lane) => {
    const offset = code.variable("i32", first);
    if (lane > 0) {
      code.if(has(lane), () => code.assign(offset, code.load("i32.load", of("offsets"), 4 * lane)));
    }
    return code.op("i32.add", of("image"), offset);
  });
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
  for (let lane = 0; lane < count; lane++) {
    const column = joined.flatMap((row) => row[lane] ?? []);
    code.if(has(lane), () => storeColumn(code, element, column, of, lane * element.bytes));
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
