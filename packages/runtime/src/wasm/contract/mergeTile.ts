import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import type { ElementCode } from "./element.js";
import { functionOf, parametersOf } from "./parameters.js";
import { type Target, tileColumns } from "./tile.js";

const parameters = ["rows", "columns", "from", "to", "toRow", "accumulate"] as const;

/**
 * A function that brings the first rows and columns of a tile, stored row by row at `from`, to
 * their place in the result, for tiles that reach over its edge.
 */
export function addMergeTile(module: ModuleBuilder, target: Target): FunctionRef {
  const code = module.helper("mergeTile", functionOf(parameters));
  const of = parametersOf(code, parameters);
  const { element } = target;
  const row = code.variable("i32");
  code.countUp(row, of("rows"), 1, () => {
    const source = code.variable("i32", of("from"));
    const place = code.variable("i32", of("to"));
    const column = code.variable("i32", element.lanes);
    const whole = code.op("i32.add", of("columns"), 1);
    code.countUp(column, whole, element.lanes, () => {
      moveLanes(code, element, element.lanes, source, place, of("accumulate"));
    });
    for (let count = element.lanes / 2; count >= 1; count /= 2) {
      code.if(code.op("i32.and", of("columns"), count), () => {
        moveLanes(code, element, count, source, place, of("accumulate"));
      });
    }
    code.increase(of("from"), tileColumns(target) * element.bytes);
    code.increase(of("to"), of("toRow"));
  });
  return code;
}

/** Moves 1, 2 or 4 neighbouring elements, and both addresses on. */
function moveLanes(
  code: FunctionBuilder,
  element: ElementCode,
  count: number,
  source: Value<"i32">,
  place: Value<"i32">,
  accumulate: Value<"i32">,
): void {
  const bytes = count * element.bytes;
  const load = bytes === 16 ? "v128.load" : bytes === 8 ? "v128.load64_zero" : "v128.load32_zero";
  const value = code.variable("v128", code.load(load, source));
  code.if(accumulate, () => {
    code.assign(value, code.op(element.add, code.load(load, place), value));
  });
  if (bytes === 16) code.store("v128.store", place, value);
  else code.storeLane(bytes === 8 ? "v128.store64_lane" : "v128.store32_lane", 0, place, value);
  code.increase(source, bytes);
  code.increase(place, bytes);
}
