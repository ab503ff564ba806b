import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import type { Target } from "../contract/tile.js";
import { rowsOfNextTile } from "../contract/tileKernels.js";
import { beginFunction } from "../library/definition.js";
import { callByRows } from "./convolutionTiles.js";

/**
 * Packs `count` steps of weights from step `first` on to panels of `rows` rows, `row` bytes apart.
 * `table` has the bytes before each step, or is 0 where steps are adjacent.
 */
const packParameters = ["weights", "row", "table", "first", "rows", "count", "to"] as const;

const tileParameters = ["from", "row", "table", "count", "to"] as const;

/** `packLeft` packs rows of adjacent steps. */
export function addPackWeights(
  module: ModuleBuilder,
  target: Target,
  packLeft: FunctionRef,
): FunctionRef {
  const { bytes } = target.element;
  const heights = Array.from({ length: target.shape.rows }, (_, i) => i + 1);
  const tiles = new Map(heights.map((rows) => [rows, addPackTile(module, target, rows)]));
  const { code, of, ref } = beginFunction(module, "packWeights", packParameters, "own");
  const [from, to, row] = [of("weights"), of("to"), of("row")];
  code.if(code.op("i32.eqz", of("table")), () => {
    code.increase(from, code.op("i32.mul", of("first"), bytes));
    code.call(packLeft, from, row, code.i32(bytes), of("rows"), of("count"), to);
    code.return();
  });
  code.increase(of("table"), code.op("i32.shl", of("first"), 2));
  const panelBytes = code.op("i32.mul", of("count"), target.shape.rows * bytes);
  const done = code.variable("i32", 0);
  code.loop((again) => {
    const rows = rowsOfNextTile(code, target, code.op("i32.sub", of("rows"), done));
    callByRows(code, tiles, rows, [from, row, of("table"), of("count"), to]);
    code.increase(from, code.op("i32.mul", rows, row));
    code.increase(to, panelBytes);
    code.increase(done, rows);
    code.branchIf(code.op("i32.lt_s", done, of("rows")), again);
  });
  return ref;
}

/** One panel of so many rows. */
function addPackTile(module: ModuleBuilder, { element, shape }: Target, rows: number): FunctionRef {
  const { bytes } = element;
  const { code, of, ref } = beginFunction(module, `packRows${rows}`, tileParameters, "own");
  const bases = [of("from")];
  for (let i = 1; i < rows; i++) {
    const before = bases[i - 1] ?? of("from");
    bases.push(code.variable("i32", code.op("i32.add", before, of("row"))));
  }
  code.countUp(code.variable("i32", 0), of("count"), 1, () => {
    const offset = code.load("i32.load", of("table"));
    for (const [i, base] of bases.entries()) {
      copyElement(code, bytes, code.op("i32.add", base, offset), of("to"), i * bytes);
    }
    code.increase(of("table"), 4);
    code.increase(of("to"), shape.rows * bytes);
  });
  return ref;
}

function copyElement(
  code: FunctionBuilder,
  bytes: 4 | 8,
  from: Value<"i32">,
  to: Value<"i32">,
  offset: number,
): void {
  if (bytes === 4) code.store("i32.store", to, code.load("i32.load", from), offset);
  else code.store("i64.store", to, code.load("i64.load", from), offset);
}
