import type { ModuleBuilder } from "../assembler/index.js";
import { beginFunction } from "../library/definition.js";
import { nestedLoops } from "../loops.js";

/**
 * Writes 32-bit numbers `toStep` bytes apart: `start` plus the sum of index times stride over four
 * nested indices, the last one running fastest.
 */
export const fillOffsetsParameters = [
  "to",
  "toStep",
  "start",
  "count3",
  "stride3",
  "count2",
  "stride2",
  "count1",
  "stride1",
  "count0",
  "stride0",
] as const;

export function addFillOffsets(module: ModuleBuilder): void {
  const { code, of } = beginFunction(module, "fillOffsets", fillOffsetsParameters);
  const levels = ([3, 2, 1, 0] as const).map((axis) => ({
    count: of(`count${axis}`),
    strides: [of(`stride${axis}`)],
  }));
  nestedLoops(code, levels, [of("start")], (at) => {
    code.store("i32.store", of("to"), at[0] ?? of("start"));
    code.increase(of("to"), of("toStep"));
  });
}
