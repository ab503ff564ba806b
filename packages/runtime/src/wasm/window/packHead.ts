import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import type { ElementCode } from "../contract/element.js";
import type { Target } from "../contract/tile.js";
import { rowsOfNextTile } from "../contract/tileKernels.js";
import { beginFunction } from "../library/definition.js";
import { groupBytes } from "./cellTable.js";
import { groupVectors } from "./convolutionTiles.js";
import { panelStep } from "./weightTiles.js";

const packParameters = ["head", "headRow", "rows", "groupTable", "groupCount", "to"] as const;

/**
 * A function that copies a head to panels as high as tiles: for each group of cells, the vectors of
 * each row. Groups that are not whole are filled up with zeros.
 */
export function addPackHead(module: ModuleBuilder, target: Target): FunctionRef {
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
