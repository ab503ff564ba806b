import type { FunctionRef, ModuleBuilder } from "../assembler/index.js";
import type { ElementCode } from "../contract/element.js";
import { functionOf, parametersOf } from "../contract/parameters.js";
import { nestedLoops } from "../loops.js";

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

export function addSpread(module: ModuleBuilder, { bytes, lanes }: ElementCode): FunctionRef {
  const code = module.helper("spread", functionOf(spreadParameters));
  const of = parametersOf(code, spreadParameters);
  const levels = ([3, 2, 1] as const).map((axis) => ({
    count: of(`count${axis}`),
    strides: [of(`from${axis}`), of(`to${axis}`)],
  }));
  const adjacent = code.op(
    "i32.and",
    code.op("i32.eq", of("from0"), bytes),
    code.op("i32.eq", of("to0"), bytes),
  );
  const vectorsEnd = code.op("i32.sub", of("count0"), lanes - 1);
  nestedLoops(code, levels, [of("from"), of("to")], (starts) => {
    const [from, to] = starts.map((start) => code.variable("i32", start));
    if (from === undefined || to === undefined) throw new RangeError("no addresses");
    const done = code.variable("i32", 0);
    code.if(adjacent, () => {
      code.countUp(done, vectorsEnd, lanes, () => {
        code.store("v128.store", to, code.load("v128.load", from));
        code.increase(from, 16);
        code.increase(to, 16);
      });
    });
    code.countUp(done, of("count0"), 1, () => {
      if (bytes === 4) code.store("i32.store", to, code.load("i32.load", from));
      else code.store("i64.store", to, code.load("i64.load", from));
      code.increase(from, of("from0"));
      code.increase(to, of("to0"));
    });
  });
  return code;
}
