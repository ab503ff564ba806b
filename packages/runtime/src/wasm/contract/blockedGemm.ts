import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import { blocking } from "./kernelShape.js";
import type { MacroKernel } from "./macroKernel.js";
import type { Packers } from "./packPanels.js";
import { functionOf, parametersOf } from "./parameters.js";
import { leftPanelSlack, spillBytes } from "./scratch.js";
import { type Target, tileColumns } from "./tile.js";

/** Strides in bytes, as in `gemm`; `steps` is at most the depth of a block. */
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
 * Copying pays where each element is read often enough afterwards: a right matrix by many rows,
 * unless it stays in the first-level cache as it is; a left one by many tiles.
 */
const directLimits = { rows: 48, rightBytes: 32768, leftTiles: 8 } as const;

/**
 * A function for one part of the inner dimension, in blocks of columns, then of rows. Which
 * matrices are packed is a matter of speed alone: every element of the result is the same sum in
 * the same order.
 */
export function addBlockedGemm(
  module: ModuleBuilder,
  target: Target,
  { macro }: MacroKernel,
  packers: Packers,
): FunctionRef {
  const code = module.helper("blockedGemm", functionOf(blockParameters));
  const of = parametersOf(code, blockParameters);
  const { bytes } = target.element;
  const [m, n, steps] = [of("m"), of("n"), of("steps")];
  const plan = planBlocks(code, target);
  const column = code.variable("i32", 0);
  code.countUp(column, n, blocking.columns, () => {
    const columns = smaller(code, code.op("i32.sub", n, column), blocking.columns);
    const right = packRightBlock(code, target, packers, plan, columns);
    const row = code.variable("i32", 0);
    const a = code.variable("i32", of("a"));
    const c = code.variable("i32", of("c"));
    code.countUp(row, m, blocking.rows, () => {
      const rows = smaller(code, code.op("i32.sub", m, row), blocking.rows);
      const left = packLeftBlock(code, target, packers, plan, a, rows);
      const fixed = [rows, steps, c] as const;
      callMacro(code, macro, fixed, left, right.direct);
      const strip = code.op("i32.add", c, code.op("i32.mul", right.direct.columns, bytes));
      callMacro(code, macro, [rows, steps, strip], left, right.packed);
      code.increase(a, code.op("i32.mul", rows, of("aRow")));
      code.increase(c, code.op("i32.mul", rows, of("cRow")));
    });
    code.increase(of("b"), code.op("i32.mul", columns, of("bColumn")));
    code.increase(of("c"), code.op("i32.mul", columns, bytes));
  });
  return code;
}

interface BlockPlan {
  readonly packLeft: Value<"i32">;
  readonly packRight: Value<"i32">;
  /** Where packed panels lie. */
  readonly left: Value<"i32">;
  readonly right: Value<"i32">;
}

function planBlocks(code: FunctionBuilder, target: Target): BlockPlan {
  const { element, shape } = target;
  const of = parametersOf(code, blockParameters);
  const [m, n, steps] = [of("m"), of("n"), of("steps")];
  const rightBytes = code.op("i32.mul", code.op("i32.mul", n, steps), element.bytes);
  const large = code.op(
    "i32.and",
    code.op("i32.gt_s", m, directLimits.rows),
    code.op("i32.gt_s", rightBytes, directLimits.rightBytes),
  );
  const scattered = code.op("i32.ne", of("bColumn"), element.bytes);
  const packRight = code.op("i32.or", large, scattered);
  const packLeft = code.op("i32.gt_s", n, directLimits.leftTiles * tileColumns(target));
  const left = code.op("i32.add", of("scratch"), spillBytes);
  const rows = roundUp(code, smaller(code, m, blocking.rows), shape.rows);
  const leftBytes = code.op("i32.mul", code.op("i32.mul", rows, steps), element.bytes);
  const right = code.op("i32.add", code.op("i32.add", left, leftBytes), leftPanelSlack);
  return { packLeft, packRight, left, right };
}

/** Columns in the form that the macro kernel reads. */
interface RightColumns {
  readonly columns: Value<"i32">;
  readonly b: Value<"i32">;
  readonly bStep: Value<"i32">;
  readonly bPanel: Value<"i32">;
}

/**
 * Columns that are read as they lie, then those that are packed: all, or those beyond the last full
 * tile, unless they are half a tile at most and fill vectors: tiles at the edge read more.
 */
function packRightBlock(
  code: FunctionBuilder,
  target: Target,
  { packRight }: Packers,
  plan: BlockPlan,
  columns: Value<"i32">,
): { readonly direct: RightColumns; readonly packed: RightColumns } {
  const of = parametersOf(code, blockParameters);
  const { bytes, lanes } = target.element;
  const width = tileColumns(target);
  const [b, steps] = [of("b"), of("steps")];
  const direct = code.variable("i32", columns);
  const rest = code.op("i32.and", columns, width - 1);
  const ragged = code.op("i32.and", columns, lanes - 1);
  const wide = code.op("i32.gt_s", rest, width / 2);
  code.if(code.op("i32.or", ragged, wide), () => {
    code.assign(direct, code.op("i32.sub", columns, rest));
  });
  code.if(plan.packRight, () => code.assign(direct, 0));
  const packed = code.op("i32.sub", columns, direct);
  code.if(packed, () => {
    const from = code.op("i32.add", b, code.op("i32.mul", direct, of("bColumn")));
    code.call(packRight, from, of("bColumn"), of("bRow"), packed, steps, plan.right);
  });
  const panel = code.op("i32.mul", steps, width * bytes);
  return {
    direct: { columns: direct, b, bStep: of("bRow"), bPanel: code.i32(width * bytes) },
    packed: { columns: packed, b: plan.right, bStep: code.i32(width * bytes), bPanel: panel },
  };
}

/** Rows in the form that the macro kernel reads. */
interface LeftRows {
  readonly a: Value<"i32">;
  readonly aRow: Value<"i32">;
  readonly aStep: Value<"i32">;
  readonly aPanel: Value<"i32">;
}

function packLeftBlock(
  code: FunctionBuilder,
  { element, shape }: Target,
  { packLeft }: Packers,
  plan: BlockPlan,
  from: Value<"i32">,
  rows: Value<"i32">,
): LeftRows {
  const of = parametersOf(code, blockParameters);
  const a = code.variable("i32", from);
  const aRow = code.variable("i32", of("aRow"));
  const aStep = code.variable("i32", of("aColumn"));
  const aPanel = code.variable("i32", 0);
  code.if(plan.packLeft, () => {
    code.call(packLeft, from, of("aRow"), of("aColumn"), rows, of("steps"), plan.left);
    code.assign(a, plan.left);
    code.assign(aRow, element.bytes);
    code.assign(aStep, shape.rows * element.bytes);
    code.assign(aPanel, code.op("i32.mul", of("steps"), shape.rows * element.bytes));
  });
  return { a, aRow, aStep, aPanel };
}

function callMacro(
  code: FunctionBuilder,
  macro: FunctionRef,
  [rows, steps, c]: readonly [Value<"i32">, Value<"i32">, Value<"i32">],
  { a, aRow, aStep, aPanel }: LeftRows,
  { columns, b, bStep, bPanel }: RightColumns,
): void {
  const of = parametersOf(code, blockParameters);
  code.if(columns, () => {
    const left = [a, aRow, aStep, aPanel];
    const result = [c, of("cRow"), of("accumulate"), of("scratch")];
    code.call(macro, rows, columns, steps, ...left, b, bStep, bPanel, ...result);
  });
}

function smaller(code: FunctionBuilder, x: Value<"i32">, limit: number): Value<"i32"> {
  return code.select(code.op("i32.lt_s", x, limit), x, code.i32(limit));
}

/** The next multiple of `unit`, which need not be a power of two. */
function roundUp(code: FunctionBuilder, x: Value<"i32">, unit: number): Value<"i32"> {
  const units = code.op("i32.div_u", code.op("i32.add", x, unit - 1), unit);
  return code.op("i32.mul", units, unit);
}
