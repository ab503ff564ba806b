import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import type { Target } from "../contract/tile.js";
import { beginFunction } from "../library/definition.js";
import { clearPlanes, paddedPlanes, paddingParameters } from "./padPlanes.js";
import { blockParameters, writeBlocks } from "./weightBlocks.js";

/**
 * For each group, the sum over images of head (rows, cells) times windows (cells, lanes) over
 * planes: a lane is a kernel position of a plane. All in bytes but for counts.
 * - `block`: images whose sums are added up together
 * - `groupCount`: groups of cells for each image of a block
 */
export const convolveWeightsParameters = [
  "images",
  "groups",
  "source",
  "sourceImage",
  "sourceGroup",
  "planes",
  "head",
  "headImage",
  "headGroup",
  "headRow",
  "resultGroup",
  "block",
  "groupCount",
  ...blockParameters,
  ...paddingParameters,
] as const;

type Of = (name: (typeof convolveWeightsParameters)[number]) => Value<"i32">;

/** The functions that sums over cells are taken with; tiles by their rows. */
export interface WeightFunctions {
  readonly packHead: FunctionRef;
  readonly tiles: ReadonlyMap<number, FunctionRef>;
}

export function addConvolveWeights(
  module: ModuleBuilder,
  target: Target,
  pad: FunctionRef,
  { packHead, tiles }: WeightFunctions,
): void {
  const { bytes } = target.element;
  const { code, of } = beginFunction(module, "convolveWeights", convolveWeightsParameters);
  clearPlanes(code, of, code.op("i32.mul", of("planes"), of("block")));
  const nothing = code.op(
    "i32.or",
    code.op("i32.eqz", of("images")),
    code.op("i32.eqz", of("groupCount")),
  );
  code.countUp(code.variable("i32", 0), of("groups"), 1, () => {
    code.if(nothing, () => {
      const row = code.variable("i32", of("result"));
      code.countUp(code.variable("i32", 0), of("rows"), 1, () => {
        code.clear(row, code.op("i32.mul", of("lanes"), bytes));
        code.increase(row, of("resultRow"));
      });
    });
    const [source, head] = [code.variable("i32", of("source")), code.variable("i32", of("head"))];
    const image = code.variable("i32", 0);
    code.loop((again) => {
      const rest = code.op("i32.sub", of("images"), image);
      const isLast = code.op("i32.lt_s", rest, of("block"));
      const count = code.variable("i32", code.select(isLast, rest, of("block")));
      code.if(code.op("i32.gt_s", count, 0), () => {
        const base = paddedBlock(code, of, pad, source, count);
        const groups = code.op("i32.mul", of("groupCount"), count);
        const cells = [of("groupTable"), groups];
        code.call(packHead, head, of("headRow"), of("rows"), ...cells, of("panels"));
        writeBlocks(code, target, of, tiles, { base, groups, image });
        code.increase(head, code.op("i32.mul", of("headImage"), count));
      });
      code.increase(image, of("block"));
      code.branchIf(code.op("i32.lt_s", image, of("images")), again);
    });
    code.increase(of("source"), of("sourceGroup"));
    code.increase(of("head"), of("headGroup"));
    code.increase(of("result"), of("resultGroup"));
  });
}

/** Moves `source` over `count` images; gives the address of their planes as windows need them. */
function paddedBlock(
  code: FunctionBuilder,
  of: Of,
  pad: FunctionRef,
  source: Value<"i32">,
  count: Value<"i32">,
): Value<"i32"> {
  const first = code.variable("i32", source);
  const padded = code.variable("i32", of("padded"));
  code.countUp(code.variable("i32", 0), count, 1, () => {
    paddedPlanes(code, pad, of, source, of("planes"), padded);
    code.increase(source, of("sourceImage"));
    code.increase(padded, code.op("i32.mul", of("planes"), of("plane")));
  });
  return code.select(of("copied"), of("padded"), first);
}
