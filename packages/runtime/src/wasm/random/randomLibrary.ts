import { bytesOf, type DType } from "@adjoint/graph";
import type { FunctionBuilder, FunctionRef, Value } from "../assembler/index.js";
import { Cells } from "../cells/cells.js";
import { importFunctions, type KernelLibraries } from "../kernelLibraries.js";
import {
  beginFunction,
  type Functions,
  type LibraryContext,
  type LibraryDefinition,
} from "../library/definition.js";
import { type SampledDistribution, sampleOf } from "./distributions.js";
import {
  engineBytes,
  engineFields,
  engineFunctions,
  engineLibrary,
  engineLibraryName,
} from "./engineLibrary.js";
import { type Double, SamplerModule } from "./sampler.js";
import { addUniformVectors } from "./uniformVectors.js";

export const drawFunctions = {
  /**
   * Draws the blocks from `from` up to `past` of a sample of `size` elements, `block` each, from an
   * engine of their own: engine `slot` for block 0, and so on. `next` gets the new positions of
   * these engines. One pair of parameters, at `first` and `second`, serves `share` elements.
   */
  draw: [
    "engines",
    "state",
    "next",
    "to",
    "slot",
    "from",
    "past",
    "block",
    "size",
    "first",
    "second",
    "share",
  ],
} as const;

export const multinomialFunctions = {
  /**
   * For each of `rows` rows of `length` probabilities, `share` categories in sequence; `sums` has
   * `length` float32.
   */
  draw: [
    "engines",
    "state",
    "next",
    "to",
    "slot",
    "rows",
    "length",
    "share",
    "probabilities",
    "sums",
  ],
} as const;

const imports = {
  seat: { library: engineLibraryName, name: "seat" },
  twist: { library: engineLibraryName, name: "twist" },
} as const;

/** Samples of one distribution and dtype; parameters are of the other dtype. */
export function drawLibrary(
  libraries: KernelLibraries,
  distribution: SampledDistribution,
  dtype: DType,
  parameters: DType,
): Functions<typeof drawFunctions> {
  engineLibrary(libraries);
  const definition: LibraryDefinition<typeof drawFunctions> = {
    name: `random.${distribution}.${dtype}.${parameters}`,
    functions: drawFunctions,
    imports,
    write: (context) => addDraw(context, distribution, dtype, parameters),
  };
  return libraries.load(definition);
}

/** Categories by probabilities of one dtype, as int32. */
export function multinomialLibrary(
  libraries: KernelLibraries,
  probabilities: DType,
): Functions<typeof multinomialFunctions> {
  engineLibrary(libraries);
  const definition: LibraryDefinition<typeof multinomialFunctions> = {
    name: `random.multinomial.${probabilities}`,
    functions: multinomialFunctions,
    imports,
    write: (context) => addMultinomial(context, probabilities),
  };
  return libraries.load(definition);
}

function importEngines({ module }: LibraryContext) {
  const imported = importFunctions(module, engineFunctions, ["seat", "twist"]);
  return { seat: imported("seat"), twist: imported("twist") };
}

interface Places {
  readonly engines: Value<"i32">;
  readonly state: Value<"i32">;
  readonly next: Value<"i32">;
}

/** Lets `draw` take words from an engine, and counts them. */
function useEngine(
  code: FunctionBuilder,
  seat: FunctionRef,
  { engines, state, next }: Places,
  slot: Value<"i32">,
  draw: (engine: Value<"i32">) => void,
): void {
  const engine = code.op("i32.add", engines, code.op("i32.mul", slot, engineBytes));
  code.call(seat, engine, state, slot);
  draw(engine);
  const begun = code.load("i64.load", engine, engineFields.base);
  const taken = code.op("i64.extend_i32_u", code.load("i32.load", engine, engineFields.next));
  const given = code.op("f64.convert_i64_s", code.op("i64.add", begun, taken));
  code.store("f64.store", code.op("i32.add", next, code.op("i32.shl", slot, 3)), given, 8);
}

function addDraw(
  context: LibraryContext,
  distribution: SampledDistribution,
  dtype: DType,
  parameters: DType,
): void {
  const { module } = context;
  const { seat, twist } = importEngines(context);
  const samplers = new SamplerModule(context, twist);
  const cells = new Cells(module);
  const write = sampleOf(distribution, dtype);
  const vectors =
    distribution === "uniform" && dtype === "float32" ? addUniformVectors(module) : undefined;
  const { code, of } = beginFunction(module, "draw", drawFunctions.draw);
  const places = { engines: of("engines"), state: of("state"), next: of("next") };
  const nothing = code.f64(0);
  const sample = samplers.drawing("sample", 2, (s, first = nothing, second = nothing) =>
    write(s, first, second),
  );
  const bytes = bytesOf(parameters);
  code.countUp(of("from"), of("past"), 1, () => {
    const start = code.op("i32.mul", of("from"), of("block"));
    const rest = code.op("i32.sub", of("size"), start);
    const whole = code.op("i32.lt_s", of("block"), rest);
    const count = code.select(whole, of("block"), rest);
    const to = code.variable("i32", address(code, of("to"), start, bytesOf(dtype)));
    const group = code.op("i32.div_u", start, of("share"));
    const own = code.op("i32.rem_u", start, of("share"));
    const left = code.variable("i32", code.op("i32.sub", of("share"), own));
    const first = code.variable("i32", address(code, of("first"), group, bytes));
    const second = code.variable("i32", address(code, of("second"), group, bytes));
    const values: readonly [Double, Double] = [code.variable("f64"), code.variable("f64")];
    const read = () => {
      code.assign(values[0], cells.load(code, parameters, first));
      code.assign(values[1], cells.load(code, parameters, second));
    };
    read();
    const slot = code.op("i32.add", of("slot"), of("from"));
    useEngine(code, seat, places, slot, (engine) => {
      const done = code.variable("i32", 0);
      code.block((finished) => {
        code.countUp(done, count, 1, () => {
          // Its parameters are numbers, the same for all samples.
          if (vectors !== undefined) {
            const rest = code.op("i32.sub", count, done);
            const drawn = code.callFor(vectors, "i32", engine, to, rest, ...values);
            code.increase(to, code.op("i32.shl", drawn, 2));
            code.increase(done, drawn);
            code.branchIf(code.op("i32.ge_s", done, count), finished);
          }
          code.if(code.op("i32.eqz", left), () => {
            code.increase(first, bytes);
            code.increase(second, bytes);
            code.assign(left, of("share"));
            read();
          });
          const drawn = code.callFor(sample, "f64", engine, ...values);
          // Doubles become halves by way of float32, rounded twice.
          const kept = dtype === "float16" ? throughFloat(code, drawn) : drawn;
          cells.store(code, dtype, to, kept);
          code.increase(to, bytesOf(dtype));
          code.increase(left, -1);
        });
      });
    });
  });
}

function throughFloat(code: FunctionBuilder, value: Double): Double {
  return code.op("f64.promote_f32", code.op("f32.demote_f64", value));
}

function address(
  code: FunctionBuilder,
  base: Value<"i32">,
  index: Value<"i32">,
  bytes: number,
): Value<"i32"> {
  return code.op("i32.add", base, code.op("i32.mul", index, bytes));
}

function addMultinomial(context: LibraryContext, dtype: DType): void {
  const { module } = context;
  const { seat, twist } = importEngines(context);
  const samplers = new SamplerModule(context, twist);
  const cells = new Cells(module);
  const unit = samplers.drawing("unit", 0, (s) => s.code.return(s.unit("single")));
  const { code, of } = beginFunction(module, "draw", multinomialFunctions.draw);
  const places = { engines: of("engines"), state: of("state"), next: of("next") };
  const to = of("to");
  const row = code.variable("i32", of("probabilities"));
  useEngine(code, seat, places, of("slot"), (engine) => {
    code.countUp(code.variable("i32", 0), of("rows"), 1, () => {
      const last = sumProbabilities(code, cells, dtype, row, of("length"), of("sums"));
      code.countUp(code.variable("i32", 0), of("share"), 1, () => {
        const u = code.callFor(unit, "f64", engine);
        code.store("i32.store", to, findCategory(code, of("sums"), last, u));
        code.increase(to, 4);
      });
      code.increase(row, code.op("i32.mul", of("length"), bytesOf(dtype)));
    });
  });
}

/**
 * Fills running sums, in double, kept as float32; gives the last category that has a chance, or -1.
 */
function sumProbabilities(
  code: FunctionBuilder,
  cells: Cells,
  dtype: DType,
  row: Value<"i32">,
  length: Value<"i32">,
  sums: Value<"i32">,
): Value<"i32"> {
  const [from, to] = [code.variable("i32", row), code.variable("i32", sums)];
  const sum = code.variable("f64", code.f64(0));
  const [last, index] = [code.variable("i32", -1), code.variable("i32", 0)];
  code.block((refused) => {
    code.countUp(index, length, 1, () => {
      const probability = cells.load(code, dtype, from);
      const valid = code.op(
        "i32.and",
        code.op("f64.ge", probability, code.f64(0)),
        code.op("f64.lt", probability, code.f64(Infinity)),
      );
      code.if(code.op("i32.eqz", valid), () => {
        code.assign(last, -1);
        code.branch(refused);
      });
      code.assign(sum, code.op("f64.add", sum, probability));
      code.store("f32.store", to, code.op("f32.demote_f64", sum));
      code.if(code.op("f64.gt", probability, code.f64(0)), () => code.assign(last, index));
      code.increase(from, bytesOf(dtype));
      code.increase(to, 4);
    });
  });
  return last;
}

/**
 * The first category whose running sum reaches `u`, by bisection; the one that takes what is left
 * over otherwise.
 */
function findCategory(
  code: FunctionBuilder,
  sums: Value<"i32">,
  last: Value<"i32">,
  u: Double,
): Value<"i32"> {
  // The running sums before the first category with a chance are 0, which u may be.
  const target = code.op("f64.max", u, code.f64(Number.MIN_VALUE));
  const low = code.variable("i32", code.select(code.op("i32.lt_s", last, 0), last, code.i32(0)));
  const high = code.variable("i32", last);
  code.block((found) => {
    code.loop((again) => {
      code.branchIf(code.op("i32.ge_s", low, high), found);
      const middle = code.op("i32.shr_u", code.op("i32.add", low, high), 1);
      const sum = code.load("f32.load", address(code, sums, middle, 4));
      const before = code.op("f64.lt", code.op("f64.promote_f32", sum), target);
      code.if(
        before,
        () => code.assign(low, code.op("i32.add", middle, 1)),
        () => code.assign(high, middle),
      );
      code.branch(again);
    });
  });
  return low;
}
