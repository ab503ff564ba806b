import type { FunctionBuilder, FunctionRef, Value } from "../assembler/index.js";
import type { Target } from "../contract/tile.js";
import { rowsOfNextTile } from "../contract/tileKernels.js";
import { groupBytes } from "./cellTable.js";
import { callByRows } from "./convolutionTiles.js";
import { groupsAtATime, lanesOfTile, panelStep } from "./weightTiles.js";

/**
 * What sums of products over cells are taken of, and where they go. In bytes but for counts.
 * - `groupTable`: groups of cells; `laneTable`: an offset for each lane
 * - `panels`: place for heads with their groups filled up with zeros; `sums`: for the sums of a tile
 */
export const blockParameters = [
  "result",
  "resultRow",
  "rows",
  "lanes",
  "groupTable",
  "laneTable",
  "panels",
  "sums",
] as const;

type BlockParameter = (typeof blockParameters)[number];

/** Images about to be summed over. */
export interface BlockOfImages {
  readonly base: Value<"i32">;
  readonly groups: Value<"i32">;
  /** The first one: where it is 0, nothing is there to be added to. */
  readonly image: Value<"i32">;
}

/** Blocks of groups, in each all rows, in each tile of rows all lanes. */
export function writeBlocks(
  code: FunctionBuilder,
  target: Target,
  of: (name: BlockParameter) => Value<"i32">,
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
      const together = lanesTogether(code, rows);
      code.loop((again) => {
        const many = code.op("i32.sub", of("lanes"), lane);
        const product = [panel, count, cells, base, offsets, many];
        callByRows(code, tiles, rows, [...product, to, of("resultRow"), accumulate, of("sums")]);
        code.increase(to, code.op("i32.mul", together, target.element.bytes));
        code.increase(offsets, code.op("i32.shl", together, 2));
        code.increase(lane, together);
        code.branchIf(code.op("i32.lt_s", lane, of("lanes")), again);
      });
      code.increase(panel, panelBytes);
      code.increase(result, code.op("i32.mul", rows, of("resultRow")));
      // The loop itself counts one.
      code.increase(row, code.op("i32.sub", rows, 1));
    });
  });
}

/** `lanesOfTile` of a number that is known at run time. */
function lanesTogether(code: FunctionBuilder, rows: Value<"i32">): Value<"i32"> {
  const two = code.select(
    code.op("i32.eq", rows, 2),
    code.i32(lanesOfTile(2)),
    code.i32(lanesOfTile(3)),
  );
  return code.select(code.op("i32.eq", rows, 1), code.i32(lanesOfTile(1)), two);
}
