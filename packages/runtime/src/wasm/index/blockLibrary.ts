import { bytesOf, type DType } from "@adjoint/graph";
import type { FunctionBuilder, ModuleBuilder, Value } from "../assembler/index.js";
import { Cells, isSmallInteger } from "../cells/cells.js";
import { foldOf } from "../cells/folds.js";
import type { KernelLibraries } from "../kernelLibraries.js";
import { beginFunction, type Functions, type LibraryDefinition } from "../library/definition.js";
import { type CellWidth, copyBytes } from "../move/moveLibrary.js";

/**
 * Blocks of `bytes` bytes: block `i` of a gathered array is block `offsets[i]` of the data. Offsets
 * are 32-bit integers.
 */
export const blockFunctions = {
  /** `to[item * taken + i] = item * length + positions[i]` for each of `outer` items. */
  takeOffsets: ["positions", "taken", "outer", "length", "to"],
  /**
   * Positions along an axis of (outer, taken, inner), to those of elements in (outer, length,
   * inner), in place.
   */
  alongOffsets: ["positions", "outer", "taken", "inner", "length"],
  gather1: ["data", "offsets", "count", "bytes", "to"],
  gather2: ["data", "offsets", "count", "bytes", "to"],
  gather4: ["data", "offsets", "count", "bytes", "to"],
  gather8: ["data", "offsets", "count", "bytes", "to"],
  /** The last of several blocks for one place wins; places without one are zero. */
  scatter: ["from", "offsets", "count", "bytes", "to", "toBytes"],
  /**
   * Chains of the blocks for each place from `first` to `past`: `heads` holds the first of each
   * place, -1 where there is none, `next` the one after each block, in order.
   */
  chain: ["offsets", "count", "first", "past", "heads", "next"],
} as const;

export type BlockFunctions = Functions<typeof blockFunctions>;

const blockDefinition: LibraryDefinition<typeof blockFunctions> = {
  name: "blocks",
  functions: blockFunctions,
  write({ module }) {
    addTakeOffsets(module);
    addAlongOffsets(module);
    for (const width of [1, 2, 4, 8] as const) addGather(module, width);
    addScatter(module);
    addChain(module);
  },
};

/** Gathering and scattering blocks of any dtype. */
export function blockLibrary(libraries: KernelLibraries): BlockFunctions {
  return libraries.load(blockDefinition);
}

function addTakeOffsets(module: ModuleBuilder): void {
  const { code, of } = beginFunction(module, "takeOffsets", blockFunctions.takeOffsets);
  const [to, base] = [of("to"), code.variable("i32", 0)];
  code.countUp(code.variable("i32", 0), of("outer"), 1, () => {
    const from = code.variable("i32", of("positions"));
    code.countUp(code.variable("i32", 0), of("taken"), 1, () => {
      code.store("i32.store", to, code.op("i32.add", base, code.load("i32.load", from)));
      code.increase(from, 4);
      code.increase(to, 4);
    });
    code.increase(base, of("length"));
  });
}

function addAlongOffsets(module: ModuleBuilder): void {
  const { code, of } = beginFunction(module, "alongOffsets", blockFunctions.alongOffsets);
  const [at, inner] = [of("positions"), of("inner")];
  const base = code.variable("i32", 0);
  const outerStep = code.op("i32.mul", of("length"), inner);
  code.countUp(code.variable("i32", 0), of("outer"), 1, () => {
    code.countUp(code.variable("i32", 0), of("taken"), 1, () => {
      const j = code.variable("i32", 0);
      code.countUp(j, inner, 1, () => {
        const row = code.op("i32.mul", code.load("i32.load", at), inner);
        code.store("i32.store", at, code.op("i32.add", code.op("i32.add", base, row), j));
        code.increase(at, 4);
      });
    });
    code.increase(base, outerStep);
  });
}

/** The address of a block: `base + index * bytes`. */
function blockAt(
  code: FunctionBuilder,
  base: Value<"i32">,
  index: Value<"i32">,
  bytes: Value<"i32"> | number,
): Value<"i32"> {
  return code.op("i32.add", base, code.op("i32.mul", index, bytes));
}

function addGather(module: ModuleBuilder, width: CellWidth): void {
  const name = `gather${width}` as const;
  const { code, of } = beginFunction(module, name, blockFunctions[name]);
  const [offsets, to, bytes] = [of("offsets"), of("to"), of("bytes")];
  code.countUp(code.variable("i32", 0), of("count"), 1, () => {
    const from = blockAt(code, of("data"), code.load("i32.load", offsets), bytes);
    copyBytes(code, width, from, to, bytes);
    code.increase(offsets, 4);
    code.increase(to, bytes);
  });
}

function addScatter(module: ModuleBuilder): void {
  const { code, of } = beginFunction(module, "scatter", blockFunctions.scatter);
  const [from, offsets, bytes] = [of("from"), of("offsets"), of("bytes")];
  code.clear(of("to"), of("toBytes"));
  code.countUp(code.variable("i32", 0), of("count"), 1, () => {
    const to = blockAt(code, of("to"), code.load("i32.load", offsets), bytes);
    copyBytes(code, 1, from, to, bytes);
    code.increase(offsets, 4);
    code.increase(from, bytes);
  });
}

function addChain(module: ModuleBuilder): void {
  const { code, of } = beginFunction(module, "chain", blockFunctions.chain);
  const places = code.op("i32.sub", of("past"), of("first"));
  const head = code.variable("i32", of("heads"));
  code.countUp(code.variable("i32", 0), places, 1, () => {
    code.store("i32.store", head, -1);
    code.increase(head, 4);
  });
  // From the last block on, so that each one comes before those that follow it.
  const block = code.variable("i32", code.op("i32.sub", of("count"), 1));
  code.block((end) => {
    code.loop((again) => {
      code.branchIf(code.op("i32.lt_s", block, 0), end);
      const offset = code.load("i32.load", blockAt(code, of("offsets"), block, 4));
      const place = code.op("i32.sub", offset, of("first"));
      code.if(code.op("i32.lt_u", place, places), () => {
        const at = blockAt(code, of("heads"), place, 4);
        const follower = code.load("i32.load", at);
        code.store("i32.store", blockAt(code, of("next"), block, 4), follower);
        code.store("i32.store", at, block);
      });
      code.increase(block, -1);
      code.branch(again);
    });
  });
}

export const blockSumFunctions = {
  /**
   * For each of `places`, the sum of its chain of blocks of `length` elements; `row` holds `length`
   * sums.
   */
  sumChains: ["from", "length", "heads", "next", "places", "row", "to"],
  /**
   * For each of `outer` items, elements (taken, inner) added up where their positions along an axis
   * say, of (length, inner) `places` in all; `row` holds as many sums.
   */
  sumAlong: ["from", "positions", "outer", "taken", "inner", "places", "row", "to"],
} as const;

/** Sums of blocks of one dtype, in doubles, or modulo a power of two. */
export function blockSumLibrary(
  libraries: KernelLibraries,
  dtype: DType,
): Functions<typeof blockSumFunctions> {
  const definition: LibraryDefinition<typeof blockSumFunctions> = {
    name: `blockSums.${dtype}`,
    functions: blockSumFunctions,
    write({ module }) {
      addSumChains(module, dtype);
      addSumAlong(module, dtype);
    },
  };
  return libraries.load(definition);
}

function addSumChains(module: ModuleBuilder, dtype: DType): void {
  const { code, of } = beginFunction(module, "sumChains", blockSumFunctions.sumChains);
  const bytes = bytesOf(dtype);
  const cells = new Cells(module);
  const sums = sumCode(code, cells, dtype);
  const [heads, to, length] = [of("heads"), of("to"), of("length")];
  code.if(code.op("i32.eq", length, 1), () => {
    sumElements(code, cells, dtype, of);
    code.return();
  });
  const blockBytes = code.op("i32.mul", length, bytes);
  code.countUp(code.variable("i32", 0), of("places"), 1, () => {
    const block = code.variable("i32", code.load("i32.load", heads));
    code.if(
      code.op("i32.lt_s", block, 0),
      () => code.clear(to, blockBytes),
      () => {
        code.clear(of("row"), code.op("i32.mul", length, 8));
        eachOfChain(code, of, block, () => {
          const from = code.variable("i32", blockAt(code, of("from"), block, blockBytes));
          const row = code.variable("i32", of("row"));
          code.countUp(code.variable("i32", 0), length, 1, () => {
            sums.add(from, row);
            code.increase(from, bytes);
            code.increase(row, 8);
          });
        });
        const row = code.variable("i32", of("row"));
        const target = code.variable("i32", to);
        code.countUp(code.variable("i32", 0), length, 1, () => {
          sums.store(row, target);
          code.increase(target, bytes);
          code.increase(row, 8);
        });
      },
    );
    code.increase(heads, 4);
    code.increase(to, blockBytes);
  });
}

function addSumAlong(module: ModuleBuilder, dtype: DType): void {
  const { code, of } = beginFunction(module, "sumAlong", blockSumFunctions.sumAlong);
  const bytes = bytesOf(dtype);
  const sums = sumCode(code, new Cells(module), dtype);
  const [from, positions, inner, row] = [of("from"), of("positions"), of("inner"), of("row")];
  code.countUp(code.variable("i32", 0), of("outer"), 1, () => {
    code.clear(row, code.op("i32.mul", of("places"), 8));
    code.countUp(code.variable("i32", 0), of("taken"), 1, () => {
      const column = code.variable("i32", 0);
      code.countUp(column, inner, 1, () => {
        const line = code.op("i32.mul", code.load("i32.load", positions), inner);
        sums.add(from, blockAt(code, row, code.op("i32.add", line, column), 8));
        code.increase(from, bytes);
        code.increase(positions, 4);
      });
    });
    const sum = code.variable("i32", row);
    const place = code.variable("i32", 0);
    if (dtype === "float32") storePairs(code, of("places"), place, sum, of("to"));
    code.countUp(place, of("places"), 1, () => {
      sums.store(sum, of("to"));
      code.increase(sum, 8);
      code.increase(of("to"), bytes);
    });
  });
}

/** Stores sums as floats, four at a time as long as there are so many. */
function storePairs(
  code: FunctionBuilder,
  places: Value<"i32">,
  place: Value<"i32">,
  sum: Value<"i32">,
  to: Value<"i32">,
): void {
  const lowHalves = Array.from({ length: 16 }, (_, i) => (i < 8 ? i : i + 8));
  code.countUp(place, code.op("i32.sub", places, 3), 4, () => {
    const [first, second] = [0, 16].map((offset) =>
      code.op("f32x4.demote_f64x2_zero", code.load("v128.load", sum, offset)),
    );
    if (first === undefined || second === undefined) return;
    code.store("v128.store", to, code.shuffle(first, second, lowHalves));
    code.increase(sum, 32);
    code.increase(to, 16);
  });
}

type OfSums = (name: (typeof blockSumFunctions.sumChains)[number]) => Value<"i32">;

/** Blocks of one element: their sum is kept in a variable. */
function sumElements(code: FunctionBuilder, cells: Cells, dtype: DType, of: OfSums): void {
  const [heads, to] = [of("heads"), of("to")];
  const fold = foldOf(code, cells, "sum", dtype, dtype);
  const block = code.variable("i32");
  code.countUp(code.variable("i32", 0), of("places"), 1, () => {
    code.assign(block, code.load("i32.load", heads));
    fold.reset();
    code.if(code.op("i32.ge_s", block, 0), () =>
      eachOfChain(code, of, block, () =>
        fold.add(blockAt(code, of("from"), block, bytesOf(dtype))),
      ),
    );
    fold.store(to);
    code.increase(heads, 4);
    code.increase(to, bytesOf(dtype));
  });
}

/** Runs `body` for `block`, which is one, and for all that follow it. */
function eachOfChain(
  code: FunctionBuilder,
  of: OfSums,
  block: Value<"i32">,
  body: () => void,
): void {
  code.loop((again) => {
    body();
    code.assign(block, code.load("i32.load", blockAt(code, of("next"), block, 4)));
    code.branchIf(code.op("i32.ge_s", block, 0), again);
  });
}

/** How elements are added to sums of 8 bytes, and sums stored as elements. */
function sumCode(code: FunctionBuilder, cells: Cells, dtype: DType) {
  type Address = Value<"i32">;
  if (dtype === "int64") {
    return {
      add(from: Address, row: Address) {
        const sum = code.op("i64.add", code.load("i64.load", row), code.load("i64.load", from));
        code.store("i64.store", row, sum);
      },
      store: (row: Address, to: Address) => code.store("i64.store", to, code.load("i64.load", row)),
    };
  }
  if (isSmallInteger(dtype)) {
    return {
      add(from: Address, row: Address) {
        const element = cells.loadInteger(code, dtype, from);
        code.store("i32.store", row, code.op("i32.add", code.load("i32.load", row), element));
      },
      store: (row: Address, to: Address) =>
        cells.storeInteger(code, dtype, to, code.load("i32.load", row)),
    };
  }
  return {
    add(from: Address, row: Address) {
      const element = cells.load(code, dtype, from);
      code.store("f64.store", row, code.op("f64.add", code.load("f64.load", row), element));
    },
    store: (row: Address, to: Address) => cells.store(code, dtype, to, code.load("f64.load", row)),
  };
}
