import type { FunctionRef, ModuleBuilder } from "../assembler/index.js";
import type { ElementCode } from "../contract/element.js";
import { functionOf, parametersOf } from "../contract/parameters.js";
import { writeCopy } from "../move/moveLibrary.js";

/** Copies elements along four axes from strides to strides, both in bytes. */
export const spreadParameters = [
  "from",
  "to",
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

export function addSpread(module: ModuleBuilder, { bytes }: ElementCode): FunctionRef {
  const code = module.helper("spread", functionOf(spreadParameters));
  const of = parametersOf(code, spreadParameters);
  const [row, ...outer] = ([0, 1, 2, 3] as const).map((axis) => ({
    count: of(`count${axis}`),
    strides: [of(`from${axis}`), of(`to${axis}`)] as const,
  }));
  if (row !== undefined) writeCopy(code, bytes, [of("from"), of("to")], outer.reverse(), row);
  return code;
}
