import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import type { ElementCode } from "../contract/element.js";
import { beginFunction } from "../library/definition.js";
import type { LaneCopies } from "./laneCopies.js";
import { isGreater, lowestVector } from "./maximum.js";
import { eachWindow, type TapRange } from "./tapRange.js";
import { poolParameters } from "./tapRows.js";
import type { WindowElement } from "./windowElement.js";

/**
 * Pooling with a plane in each lane, `chunk` planes at a time. In bytes but for counts.
 * - `dataElements`, `resultElements`: of a plane
 * - `table`: where each element of a plane goes in its place
 * - `dataPlace`, `resultPlace`, `positionPlace`: for the planes of a chunk
 */
export const poolLanesParameters = [
  ...poolParameters,
  "chunk",
  "dataElements",
  "resultElements",
  "table",
  "dataPlace",
  "resultPlace",
  "positionPlace",
] as const;

type Of = (name: (typeof poolLanesParameters)[number]) => Value<"i32">;

/** Vectors that are computed together, as long as there are so many. */
const mostVectors = 4;

/** `positions`: copies of 32-bit positions. */
export function addPoolLanes(
  module: ModuleBuilder,
  element: ElementCode<WindowElement>,
  copies: LaneCopies,
  positions: FunctionRef,
): void {
  addPoolSum(module, element, copies);
  addPoolSumAdjoint(module, element, copies);
  addPoolMax(module, element, copies, positions);
}

/** Runs `body` for each chunk; gives it how many planes that has. */
function eachChunk(
  code: FunctionBuilder,
  { bytes }: ElementCode,
  of: Of,
  body: (count: Value<"i32">) => void,
): void {
  const rest = code.variable("i32", of("planes"));
  code.loop((again) => {
    const isLast = code.op("i32.lt_s", rest, of("chunk"));
    const count = code.variable("i32", code.select(isLast, rest, of("chunk")));
    body(count);
    const skip = (name: "data" | "result" | "positions", elements: Value<"i32">, size: number) => {
      const all = code.op("i32.mul", count, elements);
      code.increase(of(name), code.op("i32.mul", all, size));
    };
    skip("data", of("dataElements"), bytes);
    skip("result", of("resultElements"), bytes);
    skip("positions", of("resultElements"), 4);
    code.increase(rest, code.op("i32.sub", 0, count));
    code.branchIf(code.op("i32.gt_s", rest, 0), again);
  });
}

/** Some vectors of one window: where its result is, and a loop over its elements. */
interface LaneWindow {
  readonly vectors: number;
  /** Bytes from the first result's vectors in their place. */
  readonly result: Value<"i32">;
  /** Runs `body` with the address and the number within the plane of each element inside the data. */
  eachElement(body: (address: Value<"i32">, index: Value<"i32">) => void): void;
}

/** Visits all windows of a chunk, some vectors at a time. */
function eachLaneWindow(
  code: FunctionBuilder,
  { bytes }: ElementCode,
  of: Of,
  body: (window: LaneWindow) => void,
): void {
  const step = code.op("i32.mul", of("chunk"), bytes);
  const cell = code.variable("i32", 0);
  const columns = code.op("i32.mul", of("xDilate"), step);
  eachWindow(code, of, "z", (z) =>
    eachWindow(code, of, "y", (y) =>
      eachWindow(code, of, "x", (x) => {
        const window = { of, step, columns, ranges: { z, y, x } };
        const lane = code.variable("i32", 0);
        for (const vectors of [mostVectors, 1]) {
          const end = code.op("i32.sub", step, 16 * (vectors - 1));
          code.countUp(lane, end, 16 * vectors, () =>
            body({
              vectors,
              result: code.op("i32.add", cell, lane),
              eachElement: (visit) => eachElement(code, window, lane, visit),
            }),
          );
        }
        code.increase(cell, step);
      }),
    ),
  );
}

interface WindowLoops {
  readonly of: Of;
  /** Bytes of an element of all planes, and from one element of a window to the next in a row. */
  readonly step: Value<"i32">;
  readonly columns: Value<"i32">;
  readonly ranges: { readonly [A in "z" | "y" | "x"]: TapRange };
}

function eachElement(
  code: FunctionBuilder,
  { of, step, columns, ranges: { z, y, x } }: WindowLoops,
  lane: Value<"i32">,
  visit: (address: Value<"i32">, index: Value<"i32">) => void,
): void {
  const plane = code.variable("i32", z.position);
  code.countUp(code.variable("i32", 0), z.count, 1, () => {
    const row = code.variable("i32", y.position);
    code.countUp(code.variable("i32", 0), y.count, 1, () => {
      const line = code.op("i32.add", code.op("i32.mul", plane, of("yData")), row);
      const start = code.op("i32.mul", line, of("xData"));
      const index = code.variable("i32", code.op("i32.add", start, x.position));
      const place = code.op("i32.add", code.op("i32.mul", index, step), lane);
      const at = code.variable("i32", code.op("i32.add", of("dataPlace"), place));
      code.countUp(code.variable("i32", 0), x.count, 1, () => {
        visit(at, index);
        code.increase(at, columns);
        code.increase(index, of("xDilate"));
      });
      code.increase(row, of("yDilate"));
    });
    code.increase(plane, of("zDilate"));
  });
}

type PoolArray = "data" | "result";

function layOut(
  code: FunctionBuilder,
  { bytes }: ElementCode,
  of: Of,
  { toLanes }: LaneCopies,
  array: PoolArray,
  count: Value<"i32">,
): void {
  const elements = of(`${array}Elements`);
  const plane = code.op("i32.mul", elements, bytes);
  code.call(toLanes, of(array), plane, count, elements, of("table"), of(`${array}Place`));
}

function bringBack(
  code: FunctionBuilder,
  { bytes }: ElementCode,
  of: Of,
  { fromLanes }: LaneCopies,
  array: PoolArray,
  count: Value<"i32">,
): void {
  const elements = of(`${array}Elements`);
  const [step, plane] = [of("chunk"), elements].map((factor) => code.op("i32.mul", factor, bytes));
  if (step === undefined || plane === undefined) return;
  code.call(fromLanes, of(`${array}Place`), step, count, elements, of(array), plane);
}

/** A variable for each of the vectors that are computed together. */
function newVectors(code: FunctionBuilder): readonly Value<"v128">[] {
  return Array.from({ length: mostVectors }, () => code.variable("v128"));
}

function addPoolSum(module: ModuleBuilder, element: ElementCode, copies: LaneCopies): void {
  const { code, of } = beginFunction(module, "poolSumLanes", poolLanesParameters);
  const all = newVectors(code);
  const zero = code.v128(new Uint8Array(16));
  eachChunk(code, element, of, (count) => {
    layOut(code, element, of, copies, "data", count);
    eachLaneWindow(code, element, of, ({ vectors, result, eachElement }) => {
      const sums = all.slice(0, vectors);
      for (const sum of sums) code.assign(sum, zero);
      eachElement((at) => {
        for (const [i, sum] of sums.entries()) {
          code.assign(sum, code.op(element.add, sum, code.load("v128.load", at, 16 * i)));
        }
      });
      const to = code.op("i32.add", of("resultPlace"), result);
      for (const [i, sum] of sums.entries()) code.store("v128.store", to, sum, 16 * i);
    });
    bringBack(code, element, of, copies, "result", count);
  });
}

/** Here `data` is what is computed, from heads at `result`. */
function addPoolSumAdjoint(module: ModuleBuilder, element: ElementCode, copies: LaneCopies): void {
  const { code, of } = beginFunction(module, "poolSumAdjointLanes", poolLanesParameters);
  const all = newVectors(code);
  const step = code.op("i32.mul", of("chunk"), element.bytes);
  const bytes = code.op("i32.mul", step, of("dataElements"));
  eachChunk(code, element, of, (count) => {
    layOut(code, element, of, copies, "result", count);
    code.clear(of("dataPlace"), bytes);
    eachLaneWindow(code, element, of, ({ vectors, result, eachElement }) => {
      const heads = all.slice(0, vectors);
      const from = code.op("i32.add", of("resultPlace"), result);
      for (const [i, head] of heads.entries()) {
        code.assign(head, code.load("v128.load", from, 16 * i));
      }
      eachElement((at) => {
        for (const [i, head] of heads.entries()) {
          const sum = code.op(element.add, code.load("v128.load", at, 16 * i), head);
          code.store("v128.store", at, sum, 16 * i);
        }
      });
    });
    bringBack(code, element, of, copies, "data", count);
  });
}

/** As without lanes: see `poolMax`. */
function addPoolMax(
  module: ModuleBuilder,
  element: ElementCode<WindowElement>,
  copies: LaneCopies,
  positionsFromLanes: FunctionRef,
): void {
  const { type, lanes, bytes } = element;
  const { code, of } = beginFunction(module, "poolMaxLanes", poolLanesParameters);
  const [allBests, allPlaces] = [newVectors(code), newVectors(code)];
  const first = code.variable("i32");
  const lowest = lowestVector(code, type);
  const nowhere = code.v128(new Uint8Array(16).fill(255));
  eachChunk(code, element, of, (count) => {
    layOut(code, element, of, copies, "data", count);
    eachLaneWindow(code, element, of, ({ vectors, result, eachElement }) => {
      const [bests, places] = [allBests.slice(0, vectors), allPlaces.slice(0, vectors)];
      for (const best of bests) code.assign(best, lowest);
      for (const place of places) code.assign(place, nowhere);
      code.assign(first, -1);
      eachElement((at, index) => {
        const position = code.op("i32x4.splat", index);
        for (const [i, best] of bests.entries()) {
          const place = places[i] ?? best;
          const next = code.load("v128.load", at, 16 * i);
          const better = isGreater(code, type, next, best);
          code.assign(best, code.op("v128.bitselect", next, best, better.values));
          code.assign(place, code.op("v128.bitselect", position, place, better.positions));
        }
        const isFirst = code.op("i32.lt_s", first, 0);
        code.assign(first, code.select(isFirst, index, first));
      });
      const none = code.op("i32x4.splat", first);
      const to = code.op("i32.add", of("resultPlace"), result);
      const share = bytes === 4 ? result : code.op("i32.shr_u", result, 1);
      const position = code.op("i32.add", of("positionPlace"), share);
      for (const [i, best] of bests.entries()) {
        const place = places[i] ?? best;
        const isNone = code.op("i32x4.shr_s", place, 31);
        const where = code.op("v128.bitselect", none, place, isNone);
        code.store("v128.store", to, best, 16 * i);
        if (lanes === 4) code.store("v128.store", position, where, 16 * i);
        else code.storeLane("v128.store64_lane", 0, position, where, 8 * i);
      }
    });
    bringBack(code, element, of, copies, "result", count);
    const elements = of("resultElements");
    const [step, plane] = [of("chunk"), elements].map((factor) => code.op("i32.shl", factor, 2));
    if (step === undefined || plane === undefined) return;
    const from = [of("positionPlace"), step, count, elements];
    code.call(positionsFromLanes, ...from, of("positions"), plane);
  });
}
