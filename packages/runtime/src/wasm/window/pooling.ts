import type { FunctionBuilder, ModuleBuilder, Value } from "../assembler/index.js";
import type { ElementCode } from "../contract/element.js";
import { functionOf, parametersOf } from "../contract/parameters.js";
import { isGreater, lowestVector } from "./maximum.js";
import { forEachTapRow, poolParameters, type TapRow } from "./tapRows.js";
import type { WindowElement } from "./windowElement.js";
import { forEachWindowGroup, type WindowGroup } from "./windowGroups.js";

/** The three forms of pooling over planes; `positions` is used by `poolMax` alone. */
export function addPooling(module: ModuleBuilder, element: ElementCode<WindowElement>): void {
  writePoolSum(module.function("poolSum", functionOf(poolParameters)), element);
  writePoolSumAdjoint(module.function("poolSumAdjoint", functionOf(poolParameters)), element);
  writePoolMax(module.function("poolMax", functionOf(poolParameters)), element);
}

/** The address of an element of a plane, `bytes` each. */
function placeOf(
  code: FunctionBuilder,
  base: Value<"i32">,
  index: Value<"i32">,
  bytes: number,
): Value<"i32"> {
  return code.op("i32.add", base, code.op("i32.mul", index, bytes));
}

function writePoolSum(code: FunctionBuilder, element: ElementCode): void {
  const of = parametersOf(code, poolParameters);
  const sum = code.variable("v128");
  forEachWindowGroup(code, element, {
    begin: () => code.assign(sum, code.v128(new Uint8Array(16))),
    element: (_, data) => code.assign(sum, code.op(element.add, sum, data)),
    end({ isVector, result }) {
      const to = placeOf(code, of("result"), result, element.bytes);
      if (isVector) code.store("v128.store", to, sum);
      else code.storeLane(element.storeLane, 0, to, sum);
    },
  });
}

/** Here `data` is what is computed, from heads at `result`. */
function writePoolSumAdjoint(code: FunctionBuilder, element: ElementCode): void {
  const of = parametersOf(code, poolParameters);
  const { bytes } = element;
  const visit = {
    plane() {
      const rows = code.op("i32.mul", of("zData"), of("yData"));
      const size = code.op("i32.mul", rows, of("xData"));
      code.clear(of("data"), code.op("i32.mul", size, bytes));
    },
    tap(row: TapRow) {
      const head = code.variable("i32", placeOf(code, of("result"), row.result, bytes));
      const target = code.variable("i32", placeOf(code, of("data"), row.data, bytes));
      const step = code.op("i32.mul", of("xStride"), bytes);
      code.countUp(code.variable("i32", 0), row.count, 1, () => {
        const known = code.load(element.loadFirst, target);
        const total = code.op(element.add, known, code.load(element.loadFirst, head));
        code.storeLane(element.storeLane, 0, target, total);
        code.increase(head, bytes);
        code.increase(target, step);
      });
    },
  };
  forEachTapRow(code, visit, (data, result) => {
    code.increase(of("data"), code.op("i32.mul", data, bytes));
    code.increase(of("result"), code.op("i32.mul", result, bytes));
  });
}

/**
 * The lowest value at position -1 where a window has no data. Nothing is greater than where all of
 * its data are the lowest value: their position is then that of the first.
 */
function writePoolMax(code: FunctionBuilder, element: ElementCode<WindowElement>): void {
  const { type } = element;
  const of = parametersOf(code, poolParameters);
  const best = code.variable("v128");
  const where = code.variable("v128");
  const first = code.variable("i32");
  const lowest = lowestVector(code, type);
  const lanes = code.v128(new Uint8Array(Int32Array.of(0, 1, 2, 3).buffer));
  const steps = code.op("i32x4.mul", lanes, code.op("i32x4.splat", of("xStride")));
  const positionsFrom = (index: Value<"i32">) =>
    code.op("i32x4.add", code.op("i32x4.splat", index), steps);
  forEachWindowGroup(code, element, {
    begin() {
      code.assign(best, lowest);
      code.assign(where, code.v128(new Uint8Array(16).fill(255)));
      code.assign(first, -1);
    },
    element(_, data, index) {
      const better = isGreater(code, type, data, best);
      code.assign(best, code.op("v128.bitselect", data, best, better.values));
      const position = positionsFrom(index);
      code.assign(where, code.op("v128.bitselect", position, where, better.positions));
      const isFirst = code.op("i32.lt_s", first, 0);
      code.assign(first, code.select(isFirst, index, first));
    },
    end(group) {
      code.if(code.op("i32.ge_s", first, 0), () => {
        const none = code.op("i32x4.shr_s", where, 31);
        code.assign(where, code.op("v128.bitselect", positionsFrom(first), where, none));
      });
      storeMaxima(code, element, group, best, where);
    },
  });
}

function storeMaxima(
  code: FunctionBuilder,
  { bytes, lanes, storeLane }: ElementCode,
  { isVector, result }: WindowGroup,
  best: Value<"v128">,
  where: Value<"v128">,
): void {
  const of = parametersOf(code, poolParameters);
  const to = placeOf(code, of("result"), result, bytes);
  const position = placeOf(code, of("positions"), result, 4);
  if (!isVector) {
    code.storeLane(storeLane, 0, to, best);
    code.storeLane("v128.store32_lane", 0, position, where);
    return;
  }
  code.store("v128.store", to, best);
  if (lanes === 4) code.store("v128.store", position, where);
  else code.storeLane("v128.store64_lane", 0, position, where);
}
