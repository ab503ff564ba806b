import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import { stepsOfNextBlock } from "../contract/gemm.js";
import { beginFunction } from "../library/definition.js";
import { clearPlanes, paddedPlanes, paddingParameters } from "./padPlanes.js";

/**
 * For each image and group, weights (rows, steps) times windows (steps, cells) over planes. All in
 * bytes but for counts; steps are plane by plane, `taps` of each.
 * - `weights`: rows of steps, `weightRow` apart, `weightGroup` from group to group; `weightSteps` has
 *   what is before each step, or is 0 where they are adjacent
 * - `groupTable`: `groupCount` groups of cells, see `fillGroups`; `offsets`: an offset for each
 *   step
 * - `cellStep`: between neighbouring cells of the result
 * - `panel`: place for packed weights of one block of steps
 * - `blockPlanes`: planes that one block of steps can meet
 */
export const convolveImagesParameters = [
  "images",
  "groups",
  "source",
  "sourceImage",
  "sourceGroup",
  "weights",
  "weightGroup",
  "weightRow",
  "weightSteps",
  "result",
  "resultImage",
  "resultGroup",
  "resultRow",
  "cellStep",
  "rows",
  "steps",
  "taps",
  "groupTable",
  "groupCount",
  "offsets",
  "panel",
  "blockPlanes",
  ...paddingParameters,
] as const;

type Parameter = (typeof convolveImagesParameters)[number];
type Of = (name: Parameter) => Value<"i32">;

/**
 * Block by block of the steps: the weights of a block stay in the second-level cache while all
 * images are multiplied with them, and of each image only the planes of the block are padded.
 */
export function addConvolveImages(
  module: ModuleBuilder,
  { packWeights, walk, pad }: { readonly [F in "packWeights" | "walk" | "pad"]: FunctionRef },
): void {
  const { code, of } = beginFunction(module, "convolveImages", convolveImagesParameters);
  clearPlanes(code, of, of("blockPlanes"));
  code.countUp(code.variable("i32", 0), of("groups"), 1, () => {
    const from = code.variable("i32", 0);
    const rest = code.variable("i32", of("steps"));
    code.loop((again) => {
      const count = stepsOfNextBlock(code, rest);
      const weights = [of("weights"), of("weightRow"), of("weightSteps")];
      code.call(packWeights, ...weights, from, of("rows"), count, of("panel"));
      writeImages(code, of, walk, pad, { from, count });
      code.increase(from, count);
      code.increase(rest, code.op("i32.sub", 0, count));
      code.branchIf(rest, again);
    });
    code.increase(of("source"), of("sourceGroup"));
    code.increase(of("weights"), of("weightGroup"));
    code.increase(of("result"), of("resultGroup"));
  });
}

interface Block {
  readonly from: Value<"i32">;
  readonly count: Value<"i32">;
}

function writeImages(
  code: FunctionBuilder,
  of: Of,
  walk: FunctionRef,
  pad: FunctionRef,
  { from, count }: Block,
): void {
  const taps = of("taps");
  const first = code.op("i32.div_u", from, taps);
  const reach = code.op("i32.add", code.op("i32.add", from, count), code.op("i32.sub", taps, 1));
  const planes = code.op("i32.sub", code.op("i32.div_u", reach, taps), first);
  const skipped = code.op("i32.mul", first, of("sourcePlane"));
  const source = code.variable("i32", code.op("i32.add", of("source"), skipped));
  const result = code.variable("i32", of("result"));
  const offsets = code.op("i32.add", of("offsets"), code.op("i32.shl", from, 2));
  const before = code.op("i32.mul", first, of("plane"));
  code.countUp(code.variable("i32", 0), of("images"), 1, () => {
    const base = paddedPlanes(code, pad, of, source, planes);
    // Offsets count from the first plane of the image on.
    const image = code.op("i32.sub", base, before);
    const product = [of("panel"), count, offsets, of("groupTable"), image];
    const place = [result, of("resultRow"), of("cellStep"), from];
    code.call(walk, ...product, ...place, of("rows"), of("groupCount"));
    code.increase(source, of("sourceImage"));
    code.increase(result, of("resultImage"));
  });
}
