import type { FunctionBuilder, ModuleBuilder, Value } from "../assembler/index.js";
import type { ElementCode } from "../contract/element.js";
import { functionOf, parametersOf } from "../contract/parameters.js";
import { isGreater, lowestVector } from "./maximum.js";
import { forEachTapRow, poolParameters, type TapRow } from "./tapRows.js";
import type { WindowElement } from "./windowElement.js";
import { forEachWindowGroup, mostVectors, type WindowGroup } from "./windowGroups.js";

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

/** A variable for each vector of a group. */
function newVectors(code: FunctionBuilder): readonly Value<"v128">[] {
  return Array.from({ length: mostVectors }, () => code.variable("v128"));
}

function writePoolSum(code: FunctionBuilder, element: ElementCode): void {
  const of = parametersOf(code, poolParameters);
  const sums = newVectors(code);
  const zero = code.v128(new Uint8Array(16));
  forEachWindowGroup(code, element, {
    begin({ vectors }) {
      for (const sum of sums.slice(0, vectors)) code.assign(sum, zero);
    },
    element(_, data) {
      for (const [i, vector] of data.entries()) {
        const sum = sums[i] ?? vector;
        code.assign(sum, code.op(element.add, sum, vector));
      }
    },
    end({ isSingle, vectors, result }) {
      const to = placeOf(code, of("result"), result, element.bytes);
      for (const [i, sum] of sums.slice(0, vectors).entries()) {
        if (isSingle) code.storeLane(element.storeLane, 0, to, sum);
        else code.store("v128.store", to, sum, 16 * i);
      }
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
      const done = code.variable("i32", 0);
      code.if(code.op("i32.eq", step, bytes), () => {
        const whole = code.op("i32.sub", row.count, element.lanes - 1);
        code.countUp(done, whole, element.lanes, () => {
          const known = code.load("v128.load", target);
          const total = code.op(element.add, known, code.load("v128.load", head));
          code.store("v128.store", target, total);
          code.increase(head, 16);
          code.increase(target, 16);
        });
      });
      code.countUp(done, row.count, 1, () => {
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

/** The greatest elements of a vector of windows so far, and where they are. */
interface Maxima {
  readonly best: Value<"v128">;
  readonly where: Value<"v128">;
}

/**
 * The lowest value at position -1 where a window has no data. Nothing is greater than where all of
 * its data are the lowest value: their position is then that of the first.
 */
function writePoolMax(code: FunctionBuilder, element: ElementCode<WindowElement>): void {
  const { type, lanes } = element;
  const of = parametersOf(code, poolParameters);
  const bests = newVectors(code);
  const maxima = newVectors(code).map((where, i): Maxima => ({ best: bests[i] ?? where, where }));
  const first = code.variable("i32");
  const lowest = lowestVector(code, type);
  const nowhere = code.v128(new Uint8Array(16).fill(255));
  const stride = code.op("i32x4.splat", of("xStride"));
  // From the first result's element to those of each vector's results.
  const distances = maxima.map((_, i) => {
    const order = Int32Array.from({ length: 4 }, (_unused, lane) => i * lanes + lane);
    return code.op("i32x4.mul", code.v128(new Uint8Array(order.buffer)), stride);
  });
  const positions = (index: Value<"i32">, vectors: number) => {
    const splat = code.op("i32x4.splat", index);
    return distances.slice(0, vectors).map((distance) => code.op("i32x4.add", splat, distance));
  };
  forEachWindowGroup(code, element, {
    begin({ vectors }) {
      for (const { best, where } of maxima.slice(0, vectors)) {
        code.assign(best, lowest);
        code.assign(where, nowhere);
      }
      code.assign(first, -1);
    },
    element({ vectors }, data, index) {
      const places = positions(index, vectors);
      for (const [i, { best, where }] of maxima.slice(0, vectors).entries()) {
        const [next, place] = [data[i] ?? best, places[i] ?? where];
        const better = isGreater(code, type, next, best);
        code.assign(best, code.op("v128.bitselect", next, best, better.values));
        code.assign(where, code.op("v128.bitselect", place, where, better.positions));
      }
      const isFirst = code.op("i32.lt_s", first, 0);
      code.assign(first, code.select(isFirst, index, first));
    },
    end(group) {
      code.if(code.op("i32.ge_s", first, 0), () => {
        const places = positions(first, group.vectors);
        for (const [i, place] of places.entries()) {
          const where = maxima[i]?.where ?? place;
          const none = code.op("i32x4.shr_s", where, 31);
          code.assign(where, code.op("v128.bitselect", place, where, none));
        }
      });
      storeMaxima(code, element, group, maxima.slice(0, group.vectors));
    },
  });
}

function storeMaxima(
  code: FunctionBuilder,
  { bytes, lanes, storeLane }: ElementCode,
  { isSingle, result }: WindowGroup,
  maxima: readonly Maxima[],
): void {
  const of = parametersOf(code, poolParameters);
  const to = placeOf(code, of("result"), result, bytes);
  const position = placeOf(code, of("positions"), result, 4);
  for (const [i, { best, where }] of maxima.entries()) {
    if (isSingle) {
      code.storeLane(storeLane, 0, to, best);
      code.storeLane("v128.store32_lane", 0, position, where);
      continue;
    }
    code.store("v128.store", to, best, 16 * i);
    if (lanes === 4) code.store("v128.store", position, where, 16 * i);
    else code.storeLane("v128.store64_lane", 0, position, where, 8 * i);
  }
}
