import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import { addEdgeTile } from "./edgeTile.js";
import type { Packers } from "./packPanels.js";
import { functionOf, parametersOf } from "./parameters.js";
import { leftPanelSlack, panelAlignment, spillBytes } from "./scratch.js";
import { type Target, tileColumns } from "./tile.js";
import { callTile, rowsOfNextTile, type TileKernels } from "./tileKernels.js";

/**
 * One block of a product: `c (m, n) = a b`, or `+=` where `accumulate`, over `steps` of the inner
 * dimension (1 to the depth of a block), with at most as many columns as a block has. Strides in
 * bytes, as in `gemm`.
 */
const blockParameters = [
  "m",
  "n",
  "steps",
  "a",
  "aRow",
  "aColumn",
  "b",
  "bRow",
  "bColumn",
  "c",
  "cRow",
  "accumulate",
  "scratch",
] as const;

/**
 * Copying pays where each element is read often enough afterwards: a right matrix by many rows of
 * tiles, unless it stays in the first-level cache as it is; a left one by many tiles.
 */
const directLimits = { rowsOfTiles: 2, rightBytes: 32768, leftTiles: 8 } as const;

/**
 * A function that computes a block, one row of tiles after another. So a panel of the left matrix is
 * in the first-level cache for the whole row, panels of the right one come from the second-level
 * cache in the order in which they lie there, and the result is read and written along its rows,
 * however large it is. The first row of tiles packs the right matrix as it reads it.
 *
 * Which matrices are packed is a matter of speed alone: every element of the result is the same sum
 * in the same order.
 */
export function addBlockKernel(
  module: ModuleBuilder,
  target: Target,
  kernels: TileKernels,
  packers: Packers,
): FunctionRef {
  const edge = addEdgeTile(module, target, kernels);
  const code = module.helper("block", functionOf(blockParameters));
  const of = parametersOf(code, blockParameters);
  const context = { code, of, target, kernels, packers, edge };
  const packing = choosePacking(context);
  const row = code.variable("i32", 0);
  const a = code.variable("i32", of("a"));
  const c = code.variable("i32", of("c"));
  code.loop((again) => {
    const rows = rowsOfNextTile(code, target, code.op("i32.sub", of("m"), row));
    const left = packLeftPanel(context, packing, a, rows);
    const packsRight = code.op("i32.eqz", row);
    writeRowOfTiles(context, packing, { rows, left, c, packsRight });
    code.increase(a, code.op("i32.mul", rows, of("aRow")));
    code.increase(c, code.op("i32.mul", rows, of("cRow")));
    code.increase(row, rows);
    code.branchIf(code.op("i32.lt_s", row, of("m")), again);
  });
  return code;
}

interface Context {
  readonly code: FunctionBuilder;
  readonly of: (name: (typeof blockParameters)[number]) => Value<"i32">;
  readonly target: Target;
  readonly kernels: TileKernels;
  readonly packers: Packers;
  readonly edge: FunctionRef;
}

interface Packing {
  readonly packLeft: Value<"i32">;
  readonly packRight: Value<"i32">;
  /** Whether columns of the right matrix are adjacent, so that tiles can read it as it lies. */
  readonly adjacent: Value<"i32">;
  /** Where one panel of the left matrix lies, and all of the right one. */
  readonly left: Value<"i32">;
  readonly right: Value<"i32">;
}

function choosePacking({ code, of, target }: Context): Packing {
  const { element, shape } = target;
  const [m, n, steps] = [of("m"), of("n"), of("steps")];
  const rightBytes = code.op("i32.mul", code.op("i32.mul", n, steps), element.bytes);
  const large = code.op(
    "i32.and",
    code.op("i32.gt_s", m, directLimits.rowsOfTiles * shape.rows),
    code.op("i32.gt_s", rightBytes, directLimits.rightBytes),
  );
  const adjacent = code.op("i32.eq", of("bColumn"), element.bytes);
  const packRight = code.op("i32.or", large, code.op("i32.eqz", adjacent));
  const packLeft = code.op("i32.gt_s", n, directLimits.leftTiles * tileColumns(target));
  const left = code.op("i32.add", of("scratch"), spillBytes);
  const leftBytes = code.op("i32.mul", steps, shape.rows * element.bytes);
  const leftEnd = code.op("i32.add", left, leftBytes);
  const above = code.op("i32.add", leftEnd, leftPanelSlack + panelAlignment - 1);
  const right = code.op("i32.and", above, -panelAlignment);
  return { packLeft, packRight, adjacent, left, right };
}

/** Rows in the form that tiles read. */
interface LeftRows {
  readonly a: Value<"i32">;
  readonly aRow: Value<"i32">;
  readonly aStep: Value<"i32">;
}

function packLeftPanel(
  { code, of, target: { element, shape }, packers }: Context,
  { packLeft, left }: Packing,
  from: Value<"i32">,
  rows: Value<"i32">,
): LeftRows {
  const a = code.variable("i32", from);
  const aRow = code.variable("i32", of("aRow"));
  const aStep = code.variable("i32", of("aColumn"));
  code.if(packLeft, () => {
    code.call(packers.packLeft, from, of("aRow"), of("aColumn"), rows, of("steps"), left);
    code.assign(a, left);
    code.assign(aRow, element.bytes);
    code.assign(aStep, shape.rows * element.bytes);
  });
  return { a, aRow, aStep };
}

interface RowOfTiles {
  readonly rows: Value<"i32">;
  readonly left: LeftRows;
  readonly c: Value<"i32">;
  /** Whether the right matrix is not packed yet. */
  readonly packsRight: Value<"i32">;
}

function writeRowOfTiles(context: Context, packing: Packing, row: RowOfTiles): void {
  const { code, of, target } = context;
  const { bytes } = target.element;
  const width = tileColumns(target);
  const b = code.variable("i32", of("b"));
  const panel = code.variable("i32", packing.right);
  const c = code.variable("i32", row.c);
  const bWidth = code.op("i32.mul", of("bColumn"), width);
  const panelBytes = code.op("i32.mul", of("steps"), width * bytes);
  const column = code.variable("i32", 0);
  code.countUp(column, code.op("i32.sub", of("n"), width - 1), width, () => {
    writeFullTile(context, packing, row, { b, panel, c });
    code.increase(b, bWidth);
    code.increase(panel, panelBytes);
    code.increase(c, width * bytes);
  });
  const rest = code.op("i32.sub", of("n"), column);
  code.if(rest, () => writeLastTile(context, packing, row, { b, panel, c }, rest));
}

/** Where a tile's columns lie: as they are, packed, and those of the result. */
interface TilePlace {
  readonly b: Value<"i32">;
  readonly panel: Value<"i32">;
  readonly c: Value<"i32">;
}

function writeFullTile(
  { code, of, target, kernels, packers }: Context,
  { packLeft, packRight, adjacent }: Packing,
  { rows, left, packsRight }: RowOfTiles,
  { b, panel, c }: TilePlace,
): void {
  const { element, shape } = target;
  const width = tileColumns(target);
  const source = code.variable("i32", b);
  const step = code.variable("i32", of("bRow"));
  const result = [c, of("cRow"), of("steps"), of("accumulate")];
  code.block((done) => {
    code.if(packRight, () => {
      code.if(packsRight, () => {
        const whole = code.op("i32.eq", rows, shape.rows);
        const inOne = code.op("i32.and", code.op("i32.and", adjacent, packLeft), whole);
        code.if(inOne, () => {
          code.call(kernels.packing, left.a, b, of("bRow"), ...result, panel);
          code.branch(done);
        });
        const count = code.i32(width);
        code.call(packers.packRight, b, of("bColumn"), of("bRow"), count, of("steps"), panel);
      });
      code.assign(source, panel);
      code.assign(step, width * element.bytes);
    });
    code.if(packLeft, () => {
      callTile(code, target, rows, kernels.packed, [left.a, source, step, ...result]);
      code.branch(done);
    });
    const strided = (count: number) => kernels.strided(count, shape.vectors);
    const args = [left.a, left.aRow, left.aStep, source, step, ...result];
    callTile(code, target, rows, strided, args);
  });
}

/**
 * The last `rest` columns, fewer than a tile's. They are packed, too, where tiles at the edge would
 * read more than there is.
 */
function writeLastTile(
  { code, of, target, packers, edge }: Context,
  { packRight }: Packing,
  { rows, left, packsRight }: RowOfTiles,
  { b, panel, c }: TilePlace,
  rest: Value<"i32">,
): void {
  const { bytes, lanes } = target.element;
  const width = tileColumns(target);
  const ragged = code.op("i32.and", rest, lanes - 1);
  const wide = code.op("i32.gt_s", rest, width / 2);
  const isPacked = code.op("i32.or", packRight, code.op("i32.or", ragged, wide));
  const source = code.variable("i32", b);
  const step = code.variable("i32", of("bRow"));
  code.if(isPacked, () => {
    code.if(packsRight, () => {
      code.call(packers.packRight, b, of("bColumn"), of("bRow"), rest, of("steps"), panel);
    });
    code.assign(source, panel);
    code.assign(step, width * bytes);
  });
  const operands = [left.a, left.aRow, left.aStep, source, step];
  const result = [c, of("cRow"), of("steps"), of("accumulate"), of("scratch")];
  code.call(edge, rows, rest, ...operands, ...result);
}
