import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import { addMergeTile } from "./mergeTile.js";
import { functionOf, parametersOf } from "./parameters.js";
import { type Target, tileColumns } from "./tile.js";
import {
  addTileKernels,
  callTile,
  rowsOfNextTile,
  type TileKernels,
  tileWidths,
} from "./tileKernels.js";

/**
 * One block of a product: `c (rows, columns) = a b`, or `+=` where `accumulate`, over `steps` (at
 * least 1) of the inner dimension. Strides in bytes.
 * - a: element (row, step) at `a + row * aRow + step * aStep`; or packed, where `aPanel` is not 0:
 *   panels of tiles of rows, `aPanel` bytes from one to the next, elements of a step side by side.
 * - b: panels as wide as a tile, `bPanel` bytes from one to the next, the elements of a step side
 *   by side, `bStep` bytes from step to step. Vectors are read whole up to the last column.
 * - `spill`: place for one tile.
 */
const macroKernelParameters = [
  "rows",
  "columns",
  "steps",
  "a",
  "aRow",
  "aStep",
  "aPanel",
  "b",
  "bStep",
  "bPanel",
  "c",
  "cRow",
  "accumulate",
  "spill",
] as const;

/** Functions of a module that compute tiles and blocks of tiles. */
export interface MacroKernel {
  readonly kernels: TileKernels;
  readonly macro: FunctionRef;
}

export function addMacroKernel(module: ModuleBuilder, target: Target): MacroKernel {
  const kernels = addTileKernels(module, target);
  const edge = addEdgeTile(module, target, kernels);
  const macro = module.helper("macro", functionOf(macroKernelParameters));
  writeMacroKernel(macro, target, kernels, edge);
  return { kernels, macro };
}

function writeMacroKernel(
  code: FunctionBuilder,
  target: Target,
  kernels: TileKernels,
  edge: FunctionRef,
): void {
  const of = parametersOf(code, macroKernelParameters);
  const width = tileColumns(target);
  const { bytes } = target.element;
  code.if(code.op("i32.eqz", of("rows")), () => code.return());
  const column = code.variable("i32");
  code.countUp(column, of("columns"), width, () => {
    const rest = code.op("i32.sub", of("columns"), column);
    const a = code.variable("i32", of("a"));
    const c = code.variable("i32", of("c"));
    const row = code.variable("i32", 0);
    code.loop((again) => {
      const rows = rowsOfNextTile(code, target, code.op("i32.sub", of("rows"), row));
      writeTile(code, target, kernels, edge, { rows, rest, a, c });
      const panel = code.variable("i32", of("aPanel"));
      code.if(code.op("i32.eqz", panel), () => {
        code.assign(panel, code.op("i32.mul", rows, of("aRow")));
      });
      code.increase(a, panel);
      code.increase(c, code.op("i32.mul", rows, of("cRow")));
      code.increase(row, rows);
      code.branchIf(code.op("i32.lt_s", row, of("rows")), again);
    });
    code.increase(of("b"), of("bPanel"));
    code.increase(of("c"), width * bytes);
  });
}

interface TilePlace {
  readonly rows: Value<"i32">;
  /** Columns from here to the end. */
  readonly rest: Value<"i32">;
  readonly a: Value<"i32">;
  readonly c: Value<"i32">;
}

/** One tile, by the kernel that fits. */
function writeTile(
  code: FunctionBuilder,
  target: Target,
  kernels: TileKernels,
  edge: FunctionRef,
  { rows, rest, a, c }: TilePlace,
): void {
  const of = parametersOf(code, macroKernelParameters);
  const { element, shape } = target;
  const width = tileColumns(target);
  const [b, cRow, steps, accumulate] = [of("b"), of("cRow"), of("steps"), of("accumulate")];
  const left = [a, of("aRow"), of("aStep")];
  const right = [b, of("bStep")];
  const result = [c, cRow, steps, accumulate];
  code.block((done) => {
    code.if(code.op("i32.ge_s", rest, width), () => {
      const rightPacked = code.op("i32.eq", of("bStep"), width * element.bytes);
      const packed = code.op("i32.and", code.op("i32.ne", of("aPanel"), 0), rightPacked);
      code.if(code.op("i32.and", packed, code.op("i32.eq", rows, shape.rows)), () => {
        code.call(kernels.packed, a, b, c, cRow, steps, accumulate);
        code.branch(done);
      });
      callTile(code, target, kernels, rows, shape.vectors, [...left, ...right, ...result]);
      code.branch(done);
    });
    code.call(edge, rows, rest, ...left, ...right, ...result, of("spill"));
  });
}

const edgeParameters = [
  "rows",
  "columns",
  "a",
  "aRow",
  "aStep",
  "b",
  "bStep",
  "c",
  "cRow",
  "steps",
  "accumulate",
  "spill",
] as const;

/**
 * Fewer columns than a full tile's: in tiles of descending width. The last is computed at `spill`
 * where it reaches over the edge.
 */
function addEdgeTile(module: ModuleBuilder, target: Target, kernels: TileKernels): FunctionRef {
  const merge = addMergeTile(module, target);
  const code = module.helper("edgeTile", functionOf(edgeParameters));
  const of = parametersOf(code, edgeParameters);
  const { lanes, bytes } = target.element;
  const [rows, columns, spill] = [of("rows"), of("columns"), of("spill")];
  const spillRow = code.i32(tileColumns(target) * bytes);
  const zero = code.i32(0);
  const tile = (vectors: number, c: Value<"i32">, cRow: Value<"i32">, add: Value<"i32">) => {
    const left = [of("a"), of("aRow"), of("aStep")];
    const args = [...left, of("b"), of("bStep"), c, cRow, of("steps"), add];
    callTile(code, target, kernels, rows, vectors, args);
  };
  for (const vectors of tileWidths(target)) {
    // Half a tile more takes less time than two tiles.
    const least = Math.floor(vectors / 2) * lanes + 1;
    code.if(code.op("i32.ge_s", columns, least), () => {
      code.if(
        code.op("i32.ge_s", columns, vectors * lanes),
        () => tile(vectors, of("c"), of("cRow"), of("accumulate")),
        () => {
          tile(vectors, spill, spillRow, zero);
          code.call(merge, rows, columns, spill, of("c"), of("cRow"), of("accumulate"));
        },
      );
      code.increase(of("b"), vectors * 16);
      code.increase(of("c"), vectors * 16);
      code.increase(columns, -vectors * lanes);
    });
  }
  return code;
}
