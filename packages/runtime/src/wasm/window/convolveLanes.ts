import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import { stepsOfNextBlock } from "../contract/gemm.js";
import type { Target } from "../contract/tile.js";
import { beginFunction } from "../library/definition.js";
import type { LaneCopies } from "./laneCopies.js";

/** What is known of a product, in this order in memory; see `convolveLanes`. */
export const laneProductParameters = [
  "to",
  "weights",
  "weightGroup",
  "weightRow",
  "weightSteps",
  "steps",
  "groupTable",
  "groupCount",
  "offsets",
  "origin",
  "corner",
] as const;

type ProductField = Exclude<(typeof laneProductParameters)[number], "to">;

const productFields: readonly ProductField[] = laneProductParameters.flatMap((name) =>
  name === "to" ? [] : [name],
);

/** Bytes of a product in the table of products. */
export const laneProductBytes = 4 * productFields.length;

/**
 * As `convolveImages`, with an image in each lane: `chunk` images at a time, `step` bytes for one
 * element of all of them. All in bytes but for counts.
 * - `elements`, `resultElements`: of the planes of one group of an image
 * - `table`: where each of the elements goes in `staged`, which has `stagedBytes` to be zero before
 * - `computed`: place for results, of which `cleared` bytes are made zero each time
 * - `products`, `productTable`: weights (rows, steps) times windows (steps, cells); `origin` is the
 *   first window's corner in `staged`, `corner` the first cell in `computed`
 */
export const convolveLanesParameters = [
  "images",
  "chunk",
  "step",
  "groups",
  "source",
  "sourceImage",
  "sourceGroup",
  "elements",
  "table",
  "staged",
  "stagedBytes",
  "result",
  "resultImage",
  "resultGroup",
  "resultElements",
  "computed",
  "cleared",
  "rows",
  "resultRow",
  "products",
  "productTable",
  "panel",
] as const;

type Of = (name: (typeof convolveLanesParameters)[number]) => Value<"i32">;

/** The functions of `convolveLanes` that are made for products and copies of all kinds. */
export interface LaneFunctions extends LaneCopies {
  readonly packWeights: FunctionRef;
  readonly walk: FunctionRef;
}

export function addConvolveLanes(
  module: ModuleBuilder,
  target: Target,
  functions: LaneFunctions,
): void {
  addLaneProduct(module);
  const { code, of } = beginFunction(module, "convolveLanes", convolveLanesParameters);
  code.clear(of("staged"), of("stagedBytes"));
  const rest = code.variable("i32", of("images"));
  code.loop((again) => {
    const isLast = code.op("i32.lt_s", rest, of("chunk"));
    const count = code.variable("i32", code.select(isLast, rest, of("chunk")));
    const [source, result] = [
      code.variable("i32", of("source")),
      code.variable("i32", of("result")),
    ];
    const group = code.variable("i32", 0);
    code.countUp(group, of("groups"), 1, () => {
      const from = [source, of("sourceImage"), count, of("elements")];
      code.call(functions.toLanes, ...from, of("table"), of("staged"));
      code.clear(of("computed"), of("cleared"));
      writeProducts(code, target, of, functions, group);
      const computed = [of("computed"), of("step"), count, of("resultElements")];
      code.call(functions.fromLanes, ...computed, result, of("resultImage"));
      code.increase(source, of("sourceGroup"));
      code.increase(result, of("resultGroup"));
    });
    code.increase(of("source"), code.op("i32.mul", count, of("sourceImage")));
    code.increase(of("result"), code.op("i32.mul", count, of("resultImage")));
    code.increase(rest, code.op("i32.sub", 0, count));
    code.branchIf(rest, again);
  });
}

/** All products of a group of some images. */
function writeProducts(
  code: FunctionBuilder,
  { element: { bytes } }: Target,
  of: Of,
  { packWeights, walk }: LaneFunctions,
  group: Value<"i32">,
): void {
  const entry = code.variable("i32", of("productTable"));
  code.countUp(code.variable("i32", 0), of("products"), 1, () => {
    const field = (name: ProductField) =>
      code.load("i32.load", entry, 4 * productFields.indexOf(name));
    const before = code.op("i32.mul", group, field("weightGroup"));
    const weights = code.variable("i32", code.op("i32.add", field("weights"), before));
    const offsets = code.variable("i32", field("offsets"));
    const [from, rest] = [code.variable("i32", 0), code.variable("i32", field("steps"))];
    code.loop((again) => {
      const count = stepsOfNextBlock(code, rest);
      const rows = [weights, field("weightRow"), field("weightSteps")];
      code.call(packWeights, ...rows, from, of("rows"), count, of("panel"));
      const image = code.op("i32.add", of("staged"), field("origin"));
      const product = [of("panel"), count, offsets, field("groupTable"), image];
      const to = code.op("i32.add", of("computed"), field("corner"));
      const place = [to, of("resultRow"), code.i32(bytes), from];
      code.call(walk, ...product, ...place, of("rows"), field("groupCount"));
      code.increase(offsets, code.op("i32.shl", count, 2));
      code.increase(from, count);
      code.increase(rest, code.op("i32.sub", 0, count));
      code.branchIf(rest, again);
    });
    code.increase(entry, laneProductBytes);
  });
}

/** A function that writes an entry of the table of products. */
function addLaneProduct(module: ModuleBuilder): void {
  const { code, of } = beginFunction(module, "laneProduct", laneProductParameters);
  for (const [at, name] of productFields.entries()) {
    code.store("i32.store", of("to"), of(name), 4 * at);
  }
}
