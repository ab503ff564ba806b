import type { FunctionBuilder, ModuleBuilder, Value } from "../assembler/index.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import { beginFunction, type Functions, type LibraryDefinition } from "../library/definition.js";
import { type LoopLevel, nestedLoops } from "../loops.js";

/** Bytes of an element. */
export type CellWidth = 1 | 2 | 4 | 8;

/** Axes of a copy, from the outermost on: counts, and strides in bytes on both sides. */
export const copyAxes = 6;

/** Copies elements along six nested axes. Strides may be negative, or zero where it is read. */
const copyParameters = [
  "from",
  "to",
  "count5",
  "from5",
  "to5",
  "count4",
  "from4",
  "to4",
  "count3",
  "from3",
  "to3",
  "count2",
  "from2",
  "to2",
  "count1",
  "from1",
  "to1",
  "count0",
  "from0",
  "to0",
] as const;

export type CopyParameter = (typeof copyParameters)[number];

/** Writes `count` elements whose bits are `low`, and `high` where they have more than 32. */
const fillParameters = ["to", "count", "low", "high"] as const;

export const moveFunctions = {
  copy1: copyParameters,
  copy2: copyParameters,
  copy4: copyParameters,
  copy8: copyParameters,
  fill1: fillParameters,
  fill2: fillParameters,
  fill4: fillParameters,
  fill8: fillParameters,
} as const;

export type MoveFunctions = Functions<typeof moveFunctions>;

const moveDefinition: LibraryDefinition<typeof moveFunctions> = {
  name: "move",
  functions: moveFunctions,
  write({ module }) {
    for (const width of [1, 2, 4, 8] as const) {
      addCopy(module, width);
      addFill(module, width);
    }
  },
};

/** Moving elements of any width, without arithmetic. */
export function moveLibrary(libraries: KernelLibraries): MoveFunctions {
  return libraries.load(moveDefinition);
}

/** Moves one element. */
export function moveCell(
  code: FunctionBuilder,
  width: CellWidth,
  from: Value<"i32">,
  to: Value<"i32">,
): void {
  switch (width) {
    case 1:
      code.store("i32.store8", to, code.load("i32.load8_u", from));
      return;
    case 2:
      code.store("i32.store16", to, code.load("i32.load16_u", from));
      return;
    case 4:
      code.store("i32.store", to, code.load("i32.load", from));
      return;
    case 8:
      code.store("i64.store", to, code.load("i64.load", from));
      return;
    default:
      width satisfies never;
  }
}

/** From this many bytes on, the engine's own copy beats a loop. */
const longCopy = 256;

/** Copies `bytes` bytes: 16 at a time, then one by one in elements of `width`. */
export function copyBytes(
  code: FunctionBuilder,
  width: CellWidth,
  source: Value<"i32">,
  target: Value<"i32">,
  bytes: Value<"i32">,
): void {
  code.if(
    code.op("i32.ge_u", bytes, longCopy),
    () => code.copy(target, source, bytes),
    () => {
      const [from, to] = [code.variable("i32", source), code.variable("i32", target)];
      const done = code.variable("i32", 0);
      code.countUp(done, code.op("i32.sub", bytes, 15), 16, () => {
        code.store("v128.store", to, code.load("v128.load", from));
        code.increase(from, 16);
        code.increase(to, 16);
      });
      code.countUp(done, bytes, width, () => {
        moveCell(code, width, from, to);
        code.increase(from, width);
        code.increase(to, width);
      });
    },
  );
}

function addCopy(module: ModuleBuilder, width: CellWidth): void {
  const { code, of } = beginFunction(module, `copy${width}`, copyParameters);
  const [row, ...outer] = ([0, 1, 2, 3, 4, 5] as const).map((axis) => ({
    count: of(`count${axis}`),
    strides: [of(`from${axis}`), of(`to${axis}`)] as const,
  }));
  if (row !== undefined) writeCopy(code, width, [of("from"), of("to")], outer.reverse(), row);
}

/** An axis of a copy, with its strides on both sides. */
interface CopyLevel extends LoopLevel {
  readonly strides: readonly [from: Value<"i32">, to: Value<"i32">];
}

/** Code that copies elements along nested axes, of which the last is `row`. */
export function writeCopy(
  code: FunctionBuilder,
  width: CellWidth,
  starts: readonly [from: Value<"i32">, to: Value<"i32">],
  outer: readonly CopyLevel[],
  { count, strides }: CopyLevel,
): void {
  const bytes = code.op("i32.mul", count, width);
  const adjacent = code.op(
    "i32.and",
    code.op("i32.eq", strides[0], width),
    code.op("i32.eq", strides[1], width),
  );
  nestedLoops(code, outer, starts, ([source, target]) => {
    if (source === undefined || target === undefined) throw new RangeError("no addresses");
    code.if(
      adjacent,
      () => copyBytes(code, width, source, target, bytes),
      () => {
        const [from, to] = [code.variable("i32", source), code.variable("i32", target)];
        code.countUp(code.variable("i32", 0), count, 1, () => {
          moveCell(code, width, from, to);
          code.increase(from, strides[0]);
          code.increase(to, strides[1]);
        });
      },
    );
  });
}

function addFill(module: ModuleBuilder, width: CellWidth): void {
  const { code, of } = beginFunction(module, `fill${width}`, fillParameters);
  const [to, low] = [of("to"), of("low")];
  code.if(code.op("i32.eqz", code.op("i32.or", low, of("high"))), () => {
    code.clear(to, code.op("i32.mul", of("count"), width));
    code.return();
  });
  const upper = code.op("i64.shl", code.op("i64.extend_i32_u", of("high")), code.i64(32n));
  const both = code.op("i64.or", upper, code.op("i64.extend_i32_u", low));
  code.countUp(code.variable("i32", 0), of("count"), 1, () => {
    if (width === 8) code.store("i64.store", to, both);
    else if (width === 4) code.store("i32.store", to, low);
    else code.store(width === 2 ? "i32.store16" : "i32.store8", to, low);
    code.increase(to, width);
  });
}
