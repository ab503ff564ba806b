import type { FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import { addMergeTile } from "./mergeTile.js";
import { functionOf, parametersOf } from "./parameters.js";
import { type Target, tileColumns } from "./tile.js";
import { callTile, type TileKernels, tileWidths } from "./tileKernels.js";

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
 * where it reaches over the edge; vectors of the right matrix are read whole.
 */
export function addEdgeTile(
  module: ModuleBuilder,
  target: Target,
  kernels: TileKernels,
): FunctionRef {
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
    callTile(code, target, rows, (count) => kernels.strided(count, vectors), args);
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
