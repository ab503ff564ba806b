import type { FunctionBuilder, ModuleBuilder, Value } from "../assembler/index.js";
import type { ElementCode } from "../contract/element.js";
import { gatherLanes } from "../contract/packPanels.js";
import { functionOf, parametersOf } from "../contract/parameters.js";
import { firstMaximum, lowestVector } from "./maximum.js";
import type { WindowElement } from "./windowElement.js";
import { forEachTapRow, poolParameters, type TapRow } from "./tapRows.js";

/** The three forms of pooling over planes; `positions` is used by `poolMax` alone. */
export function addPooling(module: ModuleBuilder, element: ElementCode<WindowElement>): void {
  writePoolSum(module.function("poolSum", functionOf(poolParameters)), element);
  writePoolSumAdjoint(module.function("poolSumAdjoint", functionOf(poolParameters)), element);
  writePoolMax(module.function("poolMax", functionOf(poolParameters)), element);
}

/** Moves the addresses that are given to the next plane. */
function planeMover(code: FunctionBuilder, { bytes }: ElementCode) {
  const of = parametersOf(code, poolParameters);
  return (data: Value<"i32">, result: Value<"i32">) => {
    code.increase(of("data"), code.op("i32.mul", data, bytes));
    code.increase(of("result"), code.op("i32.mul", result, bytes));
    code.increase(of("positions"), code.op("i32.mul", result, 4));
  };
}

function writePoolSum(code: FunctionBuilder, element: ElementCode): void {
  const of = parametersOf(code, poolParameters);
  const { bytes } = element;
  const addressOf = (result: Value<"i32">) =>
    code.op("i32.add", of("result"), code.op("i32.mul", result, bytes));
  const visit = {
    row: (result: Value<"i32">) =>
      code.clear(addressOf(result), code.op("i32.mul", of("xResult"), bytes)),
    tap(row: TapRow) {
      const sum = code.variable("i32", addressOf(row.result));
      forEachGroup(code, element, row, {
        vector(data) {
          const total = code.op(element.add, code.load("v128.load", sum), data);
          code.store("v128.store", sum, total);
          code.increase(sum, 16);
        },
        single(data) {
          const total = code.op(element.add, code.load(element.loadFirst, sum), data);
          code.storeLane(element.storeLane, 0, sum, total);
          code.increase(sum, bytes);
        },
      });
    },
  };
  forEachTapRow(code, visit, planeMover(code, element));
}

/** Here `data` is what is computed, from heads at `result`. */
function writePoolSumAdjoint(code: FunctionBuilder, element: ElementCode): void {
  const of = parametersOf(code, poolParameters);
  const { bytes } = element;
  const addressOf = (base: Value<"i32">, index: Value<"i32">) =>
    code.variable("i32", code.op("i32.add", base, code.op("i32.mul", index, bytes)));
  const visit = {
    plane() {
      const rows = code.op("i32.mul", of("zData"), of("yData"));
      const size = code.op("i32.mul", rows, of("xData"));
      code.clear(of("data"), code.op("i32.mul", size, bytes));
    },
    tap(row: TapRow) {
      const head = addressOf(of("result"), row.result);
      const target = addressOf(of("data"), row.data);
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
  forEachTapRow(code, visit, planeMover(code, element));
}

function writePoolMax(code: FunctionBuilder, element: ElementCode<WindowElement>): void {
  const visit = {
    row: (result: Value<"i32">) => clearMaxima(code, element, result),
    tap: (row: TapRow) => updateMaxima(code, element, row),
  };
  forEachTapRow(code, visit, planeMover(code, element));
}

/** Addresses of a maximum and of its position, for a result of the plane. */
function maximumAt(code: FunctionBuilder, { bytes }: ElementCode, result: Value<"i32">) {
  const of = parametersOf(code, poolParameters);
  const at = (base: Value<"i32">, size: number) =>
    code.variable("i32", code.op("i32.add", base, code.op("i32.mul", result, size)));
  return { best: at(of("result"), bytes), where: at(of("positions"), 4) };
}

/** A row of results that have met no data: the lowest value at position -1. */
function clearMaxima(
  code: FunctionBuilder,
  element: ElementCode<WindowElement>,
  result: Value<"i32">,
): void {
  const of = parametersOf(code, poolParameters);
  const { best, where } = maximumAt(code, element, result);
  const lowest = lowestVector(code, element.type);
  const nowhere = code.v128(new Uint8Array(16).fill(255));
  code.countUp(code.variable("i32", 0), of("xResult"), 1, () => {
    code.storeLane(element.storeLane, 0, best, lowest);
    code.storeLane("v128.store32_lane", 0, where, nowhere);
    code.increase(best, element.bytes);
    code.increase(where, 4);
  });
}

function updateMaxima(
  code: FunctionBuilder,
  element: ElementCode<WindowElement>,
  row: TapRow,
): void {
  const of = parametersOf(code, poolParameters);
  const { bytes, lanes, type } = element;
  const { best, where } = maximumAt(code, element, row.result);
  const position = positionVector(code, row.data, of("xStride"));
  const advance = (count: number) => {
    code.increase(best, count * bytes);
    code.increase(where, count * 4);
    const by = code.op("i32.mul", of("xStride"), count);
    code.assign(position, code.op("i32x4.add", position, code.op("i32x4.splat", by)));
  };
  forEachGroup(code, element, row, {
    vector(data) {
      const load = lanes === 4 ? "v128.load" : "v128.load64_zero";
      const known = { value: code.load("v128.load", best), position: code.load(load, where) };
      const found = firstMaximum(code, type, known, { value: data, position });
      code.store("v128.store", best, found.value);
      if (lanes === 4) code.store("v128.store", where, found.position);
      else code.storeLane("v128.store64_lane", 0, where, found.position);
      advance(lanes);
    },
    single(data) {
      const value = code.load(element.loadFirst, best);
      const known = { value, position: code.load("v128.load32_zero", where) };
      const found = firstMaximum(code, type, known, { value: data, position });
      code.storeLane(element.storeLane, 0, best, found.value);
      code.storeLane("v128.store32_lane", 0, where, found.position);
      advance(1);
    },
  });
}

/** The indices of four data elements, `stride` apart. */
function positionVector(
  code: FunctionBuilder,
  first: Value<"i32">,
  stride: Value<"i32">,
): Value<"v128"> {
  const lanes = code.v128(new Uint8Array(Int32Array.of(0, 1, 2, 3).buffer));
  const steps = code.op("i32x4.mul", lanes, code.op("i32x4.splat", stride));
  return code.variable("v128", code.op("i32x4.add", code.op("i32x4.splat", first), steps));
}

/**
 * The data of as many neighbouring results as a vector has lanes, and of one, in its first lane.
 */
interface GroupVisitor {
  vector(data: Value<"v128">): void;
  single(data: Value<"v128">): void;
}

/** Visits a row of taps, vectors first. */
function forEachGroup(
  code: FunctionBuilder,
  element: ElementCode,
  row: TapRow,
  visit: GroupVisitor,
): void {
  const of = parametersOf(code, poolParameters);
  const { bytes, lanes } = element;
  const start = code.op("i32.mul", row.data, bytes);
  const data = code.variable("i32", code.op("i32.add", of("data"), start));
  const step = code.op("i32.mul", of("xStride"), bytes);
  const done = code.variable("i32", 0);
  const vectorsEnd = code.op("i32.sub", row.count, lanes - 1);
  code.countUp(done, vectorsEnd, lanes, () => {
    const addresses = [code.variable("i32", data)];
    for (let lane = 1; lane < lanes; lane++) {
      addresses.push(code.op("i32.add", addresses[lane - 1] ?? data, step));
    }
    code.assign(data, code.op("i32.add", addresses.at(-1) ?? data, step));
    visit.vector(gatherLanes(code, element, addresses));
  });
  code.countUp(done, row.count, 1, () => {
    visit.single(code.load(element.loadFirst, data));
    code.increase(data, step);
  });
}
