import type { FunctionRef, ModuleBuilder } from "../assembler/index.js";
import type { Target } from "../contract/tile.js";
import { beginFunction } from "../library/definition.js";
import type { WeightFunctions } from "./convolveWeights.js";
import { blockParameters, writeBlocks } from "./weightBlocks.js";

/**
 * As `convolveWeights`, where the cells of a group are the same of some images: `chunk` images at a
 * time, of at least one. All in bytes but for counts.
 * - `elements`, `headElements`: of the planes of one group of an image
 * - `table`, `headTable`: where each of the elements goes in `staged` and `heads`
 * - `stagedBytes`, `headBytes`: of these places; zeros where no image is
 */
export const convolveWeightLanesParameters = [
  "images",
  "chunk",
  "groups",
  "source",
  "sourceImage",
  "sourceGroup",
  "elements",
  "table",
  "staged",
  "stagedBytes",
  "head",
  "headImage",
  "headGroup",
  "headElements",
  "headTable",
  "heads",
  "headBytes",
  "headRow",
  "groupCount",
  "resultGroup",
  ...blockParameters,
] as const;

export function addConvolveWeightLanes(
  module: ModuleBuilder,
  target: Target,
  toLanes: FunctionRef,
  { packHead, tiles }: WeightFunctions,
): void {
  const { code, of } = beginFunction(module, "convolveWeightLanes", convolveWeightLanesParameters);
  const rest = code.variable("i32", of("images"));
  const image = code.variable("i32", 0);
  code.loop((again) => {
    const isLast = code.op("i32.lt_s", rest, of("chunk"));
    const count = code.variable("i32", code.select(isLast, rest, of("chunk")));
    code.if(code.op("i32.or", isLast, code.op("i32.eqz", image)), () => {
      code.clear(of("staged"), of("stagedBytes"));
      code.clear(of("heads"), of("headBytes"));
    });
    const [source, head] = [code.variable("i32", of("source")), code.variable("i32", of("head"))];
    const result = code.variable("i32", of("result"));
    code.countUp(code.variable("i32", 0), of("groups"), 1, () => {
      const planes = [source, of("sourceImage"), count, of("elements")];
      code.call(toLanes, ...planes, of("table"), of("staged"));
      const rows = [head, of("headImage"), count, of("headElements")];
      code.call(toLanes, ...rows, of("headTable"), of("heads"));
      const cells = [of("groupTable"), of("groupCount")];
      code.call(packHead, of("heads"), of("headRow"), of("rows"), ...cells, of("panels"));
      const block = { base: of("staged"), groups: of("groupCount"), image };
      writeBlocks(code, target, (name) => (name === "result" ? result : of(name)), tiles, block);
      code.increase(source, of("sourceGroup"));
      code.increase(head, of("headGroup"));
      code.increase(result, of("resultGroup"));
    });
    code.increase(of("source"), code.op("i32.mul", count, of("sourceImage")));
    code.increase(of("head"), code.op("i32.mul", count, of("headImage")));
    code.increase(image, count);
    code.increase(rest, code.op("i32.sub", 0, count));
    code.branchIf(rest, again);
  });
}
