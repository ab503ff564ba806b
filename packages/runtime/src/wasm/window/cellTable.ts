import type { ModuleBuilder } from "../assembler/index.js";
import { beginFunction } from "../library/definition.js";
import { nestedLoops } from "../loops.js";

/** Bytes of a group: where it is read, where it is written, how many cells it has. */
export const groupBytes = 12;

/**
 * Writes a table of groups of neighbouring cells, at most `width` (constant) of them: the rows of z
 * and y, each cut from its beginning on, for each of `images`. Offsets in bytes; `xIn` and `xOut` are
 * those of one cell. `spare` groups without cells follow.
 */
export const fillGroupsParameters = [
  "to",
  "imageCount",
  "imageIn",
  "imageOut",
  "zCount",
  "zIn",
  "zOut",
  "yCount",
  "yIn",
  "yOut",
  "xCount",
  "xIn",
  "xOut",
  "width",
  "spare",
] as const;

export function addFillGroups(module: ModuleBuilder): void {
  const { code, of } = beginFunction(module, "fillGroups", fillGroupsParameters);
  const [to, width] = [of("to"), of("width")];
  const levels = (["image", "z", "y"] as const).map((axis) => ({
    count: of(`${axis}Count`),
    strides: [of(`${axis}In`), of(`${axis}Out`)],
  }));
  nestedLoops(code, levels, [code.i32(0), code.i32(0)], ([rowIn, rowOut]) => {
    if (rowIn === undefined || rowOut === undefined) throw new RangeError("no offsets");
    const [from, into] = [code.variable("i32", rowIn), code.variable("i32", rowOut)];
    const rest = code.variable("i32", of("xCount"));
    code.block((end) => {
      code.loop((again) => {
        code.branchIf(code.op("i32.le_s", rest, 0), end);
        const whole = code.op("i32.ge_s", rest, width);
        code.store("i32.store", to, from);
        code.store("i32.store", to, into, 4);
        code.store("i32.store", to, code.select(whole, width, rest), 8);
        code.increase(to, groupBytes);
        code.increase(rest, code.op("i32.sub", 0, width));
        code.increase(from, code.op("i32.mul", width, of("xIn")));
        code.increase(into, code.op("i32.mul", width, of("xOut")));
        code.branch(again);
      });
    });
  });
  code.countUp(code.variable("i32", 0), of("spare"), 1, () => {
    for (const field of [0, 4, 8]) code.store("i32.store", to, 0, field);
    code.increase(to, groupBytes);
  });
}
