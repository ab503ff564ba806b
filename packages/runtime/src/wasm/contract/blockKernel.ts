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
 * bytes, as in `gemm`. `directRows`: for so many rows a right matrix is read as it lies.
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
  "directRows",
] as const;

/**
 * Copying pays where each element is read often enough afterwards: a right matrix by many rows of
 * tiles, unless it stays in the first-level cache as it is; a left one by many columns, sooner where a
 * tile's rows are adjacent, as it then reads a little of many lines of the cache. A right matrix that
 * the second-level cache does not hold is copied sooner: memory is read best along its rows.
 */
const directLimits = {
  rightBytes: 32768,
  /** Of the result: for contiguous rows times the vectors of a tile's row, as wide ones are few. */
  rowBytes: { contiguous: 256, adjacent: 128 },
  cachedBytes: 1 << 21,
  rowsOfTiles: { cached: 12, other: 2 },
} as const;

/** For how many rows a product reads its right matrix (k, n) as it lies. */
export function directRows(
  code: FunctionBuilder,
  { element, shape }: Target,
  n: Value<"i32">,
  k: Value<"i32">,
): Value<"i32"> {
  const { cachedBytes, rowsOfTiles } = directLimits;
  const rows = code.variable("i32", rowsOfTiles.other * shape.rows);
  // By numbers of elements along both sides, whose product may pass 32 bits.
  const most = code.op("i32.div_u", code.i32(cachedBytes / element.bytes), n);
  code.if(code.op("i32.le_u", k, most), () => {
    code.assign(rows, rowsOfTiles.cached * shape.rows);
  });
  return rows;
}

/**
 * A function that computes a block, one row of tiles after another. So a panel of the left matrix is
 * in the first-level cache for the whole row, panels of the right one come from the second-level
 * cache in the order in which they lie there, and the result is read and written along its rows,
 * however large it is.
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
  packRightColumns(context, packing);
  const row = code.variable("i32", 0);
  const a = code.variable("i32", of("a"));
  const c = code.variable("i32", of("c"));
  code.loop((again) => {
    const rows = rowsOfNextTile(code, target, code.op("i32.sub", of("m"), row));
    const left = packLeftPanel(context, packing, a, rows);
    writeRowOfTiles(context, packing, { rows, left, c });
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
  /** Where a panel of the left matrix is packed. */
  readonly left: Value<"i32">;
  /** Columns from here on are packed. */
  readonly packedFrom: Value<"i32">;
  /** Where these lie, and bytes from one panel to the next. */
  readonly right: Value<"i32">;
  readonly panelBytes: Value<"i32">;
}

function choosePacking(context: Context): Packing {
  const { code, of, target } = context;
  const { element, shape } = target;
  const [n, steps] = [of("n"), of("steps")];
  const { contiguous, adjacent } = directLimits.rowBytes;
  const few = code.select(
    code.op("i32.eq", of("aRow"), element.bytes),
    code.i32(adjacent / element.bytes),
    code.i32((contiguous * shape.vectors) / element.bytes),
  );
  const packLeft = code.op("i32.gt_s", n, few);
  const left = code.op("i32.add", of("scratch"), spillBytes);
  const leftBytes = code.op("i32.mul", steps, shape.rows * element.bytes);
  const leftEnd = code.op("i32.add", left, leftBytes);
  const above = code.op("i32.add", leftEnd, leftPanelSlack + panelAlignment - 1);
  const right = code.op("i32.and", above, -panelAlignment);
  const panelBytes = code.op("i32.mul", steps, tileColumns(target) * element.bytes);
  const packedFrom = firstPackedColumn(context);
  return { packLeft, left, packedFrom, right, panelBytes };
}

/**
 * All columns are packed, or those beyond the last full tile, unless they are half a tile at most and
 * fill vectors: tiles at the edge read more.
 */
function firstPackedColumn({ code, of, target }: Context): Value<"i32"> {
  const { bytes, lanes } = target.element;
  const width = tileColumns(target);
  const [m, n] = [of("m"), of("n")];
  const rest = code.op("i32.and", n, width - 1);
  const ragged = code.op("i32.and", n, lanes - 1);
  const wide = code.op("i32.gt_s", rest, width / 2);
  const packedFrom = code.variable("i32", n);
  code.if(code.op("i32.or", ragged, wide), () => {
    code.assign(packedFrom, code.op("i32.sub", n, rest));
  });
  const rightBytes = code.op("i32.mul", code.op("i32.mul", n, of("steps")), bytes);
  const large = code.op(
    "i32.and",
    code.op("i32.gt_s", m, of("directRows")),
    code.op("i32.gt_s", rightBytes, directLimits.rightBytes),
  );
  const scattered = code.op("i32.ne", of("bColumn"), bytes);
  code.if(code.op("i32.or", large, scattered), () => code.assign(packedFrom, 0));
  return packedFrom;
}

function packRightColumns({ code, of, packers }: Context, packing: Packing): void {
  const { packedFrom, right } = packing;
  const columns = code.op("i32.sub", of("n"), packedFrom);
  code.if(columns, () => {
    const from = code.op("i32.add", of("b"), code.op("i32.mul", packedFrom, of("bColumn")));
    code.call(packers.packRight, from, of("bColumn"), of("bRow"), columns, of("steps"), right);
  });
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
}

/** Columns that are read as they lie, then those that are packed. */
function writeRowOfTiles(context: Context, packing: Packing, row: RowOfTiles): void {
  const { code, of, target } = context;
  const { bytes } = target.element;
  const width = tileColumns(target);
  const b = code.variable("i32", of("b"));
  const bStep = code.variable("i32", of("bRow"));
  const bPanel = code.variable("i32", width * bytes);
  const c = code.variable("i32", row.c);
  const column = code.variable("i32", 0);
  const usePacked = () => {
    code.if(code.op("i32.eq", column, packing.packedFrom), () => {
      code.assign(b, packing.right);
      code.assign(bStep, width * bytes);
      code.assign(bPanel, packing.panelBytes);
    });
  };
  usePacked();
  code.countUp(column, code.op("i32.sub", of("n"), width - 1), width, () => {
    writeFullTile(context, packing, row, { b, bStep, c });
    code.increase(b, bPanel);
    code.increase(c, width * bytes);
  });
  usePacked();
  const rest = code.op("i32.sub", of("n"), column);
  code.if(rest, () => {
    const { rows, left } = row;
    const operands = [left.a, left.aRow, left.aStep, b, bStep];
    const result = [c, of("cRow"), of("steps"), of("accumulate"), of("scratch")];
    code.call(context.edge, rows, rest, ...operands, ...result);
  });
}

/** Columns of one tile. */
interface TileColumns {
  readonly b: Value<"i32">;
  readonly bStep: Value<"i32">;
  readonly c: Value<"i32">;
}

function writeFullTile(
  { code, of, target, kernels }: Context,
  { packLeft }: Packing,
  { rows, left: { a, aRow, aStep } }: RowOfTiles,
  { b, bStep, c }: TileColumns,
): void {
  const result = [b, bStep, c, of("cRow"), of("steps"), of("accumulate")];
  const tile = (kernel: (rows: number) => FunctionRef, left: readonly Value<"i32">[]) => () =>
    callTile(code, target, rows, kernel, [...left, ...result]);
  const strided = (count: number) => kernels.strided(count, target.shape.vectors);
  code.if(packLeft, tile(kernels.packed, [a]), () => {
    const contiguous = code.op("i32.eq", aStep, target.element.bytes);
    code.if(contiguous, tile(kernels.contiguous, [a, aRow]), tile(strided, [a, aRow, aStep]));
  });
}
