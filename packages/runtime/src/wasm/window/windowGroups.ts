import type { FunctionBuilder, Value } from "../assembler/index.js";
import type { ElementCode } from "../contract/element.js";
import { gatherLanes } from "../contract/packPanels.js";
import { parametersOf } from "../contract/parameters.js";
import { bytesOfLanes } from "../contract/transpose.js";
import { eachWindow, type PoolNames, type TapRange } from "./tapRange.js";
import { poolParameters } from "./tapRows.js";

/** Neighbouring results of a row: as many as some vectors have lanes, or one, in the first lane. */
export interface WindowGroup {
  readonly isSingle: boolean;
  readonly vectors: number;
  /** The number of the first one within the plane. */
  readonly result: Value<"i32">;
}

/** What is done for a group before its windows are read, with each of their elements, and after. */
export interface GroupVisitor {
  begin(group: WindowGroup): void;
  /**
   * `data` by vectors of the group; `index`: of the first result's element, within the plane.
   */
  element(group: WindowGroup, data: readonly Value<"v128">[], index: Value<"i32">): void;
  end(group: WindowGroup): void;
}

/** Vectors of the largest groups: their windows are read with the same loops. */
export const mostVectors = 2;

type Of = PoolNames;

/**
 * Visits all results of planes: vectors where all of their windows lie inside the data along the rows;
 * some results are visited twice. Elements of a window are visited in order, those inside the data.
 */
export function forEachWindowGroup(
  code: FunctionBuilder,
  element: ElementCode,
  visit: GroupVisitor,
): void {
  const of = parametersOf(code, poolParameters);
  const { bytes } = element;
  const inside = resultsInside(code, of);
  const row = code.variable("i32", 0);
  code.countUp(code.variable("i32", 0), of("planes"), 1, () => {
    code.assign(row, 0);
    eachWindow(code, of, "z", (z) =>
      eachWindow(code, of, "y", (y) => {
        visitRow(code, element, of, { z, y, row, inside }, visit);
        code.increase(row, of("xResult"));
      }),
    );
    const product = (...names: Parameters<Of>[0][]) =>
      names.reduce((all, name) => code.op("i32.mul", all, of(name)), code.i32(1));
    code.increase(of("data"), code.op("i32.mul", product("zData", "yData", "xData"), bytes));
    code.increase(of("result"), code.op("i32.mul", row, bytes));
    code.increase(of("positions"), code.op("i32.mul", row, 4));
  });
}

/** Results of a row from `from` up to `to` have windows that lie inside the data along it. */
interface InsideResults {
  readonly from: Value<"i32">;
  readonly to: Value<"i32">;
}

function resultsInside(code: FunctionBuilder, of: Of): InsideResults {
  const [stride, results] = [of("xStride"), of("xResult")];
  const most = (x: Value<"i32">) => code.select(code.op("i32.lt_s", x, results), x, results);
  const up = code.op("i32.add", of("xPad"), code.op("i32.sub", stride, 1));
  const from = code.variable("i32", most(code.op("i32.div_u", up, stride)));
  const taps = code.op("i32.mul", code.op("i32.sub", of("xKernel"), 1), of("xDilate"));
  const last = code.op("i32.add", code.op("i32.sub", of("xData"), taps), of("xPad"));
  const to = code.variable("i32", from);
  code.if(code.op("i32.gt_s", last, 0), () => {
    const past = code.op("i32.div_u", code.op("i32.sub", last, 1), stride);
    const end = most(code.op("i32.add", past, 1));
    code.assign(to, code.select(code.op("i32.gt_s", end, from), end, from));
  });
  return { from, to };
}

/** A row of results: which of their windows' elements lie inside the data along z and y. */
interface ResultRow {
  readonly z: TapRange;
  readonly y: TapRange;
  readonly row: Value<"i32">;
  readonly inside: InsideResults;
}

function visitRow(
  code: FunctionBuilder,
  element: ElementCode,
  of: Of,
  line: ResultRow,
  visit: GroupVisitor,
): void {
  const { inside } = line;
  const { lanes } = element;
  const column = code.variable("i32", 0);
  const singlesUpTo = (end: Value<"i32">) =>
    code.countUp(column, end, 1, () => visitGroup(code, element, of, line, column, 0, visit));
  singlesUpTo(inside.from);
  byStride(code, of, (stride) => {
    const group = (vectors: number) =>
      visitGroup(code, element, of, line, column, vectors, visit, stride);
    for (const vectors of [mostVectors, 1]) {
      const count = vectors * lanes;
      const end = code.op("i32.sub", inside.to, count - 1);
      code.countUp(column, end, count, () => group(vectors));
    }
    // The last vector begins earlier, and computes some results once more.
    const last = code.op("i32.sub", inside.to, lanes);
    const rests = code.op("i32.lt_s", column, inside.to);
    code.if(code.op("i32.and", rests, code.op("i32.ge_s", last, inside.from)), () => {
      code.assign(column, last);
      group(1);
      code.assign(column, inside.to);
    });
  });
  singlesUpTo(of("xResult"));
}

/** Code for each way in which vectors are read: windows one, two or more elements apart. */
function byStride(code: FunctionBuilder, of: Of, body: (stride: 1 | 2 | undefined) => void): void {
  const is = (stride: number) => code.op("i32.eq", of("xStride"), stride);
  code.if(
    is(1),
    () => body(1),
    () =>
      code.if(
        is(2),
        () => body(2),
        () => body(undefined),
      ),
  );
}

/** `vectors` is 0 for a single result. */
function visitGroup(
  code: FunctionBuilder,
  element: ElementCode,
  of: Of,
  { z, y, row }: ResultRow,
  column: Value<"i32">,
  vectors: number,
  visit: GroupVisitor,
  stride?: 1 | 2,
): void {
  const isSingle = vectors === 0;
  const result = code.op("i32.add", row, column);
  const group = { isSingle, vectors: Math.max(1, vectors), result };
  const corner = code.op("i32.sub", code.op("i32.mul", column, of("xStride")), of("xPad"));
  visit.begin(group);
  const plane = code.variable("i32", z.position);
  code.countUp(code.variable("i32", 0), z.count, 1, () => {
    const above = code.op("i32.add", code.op("i32.mul", plane, of("yData")), y.position);
    const line = code.variable("i32", code.op("i32.mul", above, of("xData")));
    const down = code.op("i32.mul", of("yDilate"), of("xData"));
    code.countUp(code.variable("i32", 0), y.count, 1, () => {
      const x = code.variable("i32", corner);
      const index = code.variable("i32", code.op("i32.add", line, corner));
      const meet = () => {
        const place = code.op("i32.mul", index, element.bytes);
        const address = code.op("i32.add", of("data"), place);
        const data = isSingle
          ? [code.load(element.loadFirst, address)]
          : loadGroup(code, element, of, address, vectors, stride);
        visit.element(group, data, index);
      };
      code.countUp(code.variable("i32", 0), of("xKernel"), 1, () => {
        // Unsigned, negative positions are large.
        if (isSingle) code.if(code.op("i32.lt_u", x, of("xData")), meet);
        else meet();
        code.increase(x, of("xDilate"));
        code.increase(index, of("xDilate"));
      });
      code.increase(line, down);
    });
    code.increase(plane, of("zDilate"));
  });
  visit.end(group);
}

/** The same elements of neighbouring windows. */
function loadGroup(
  code: FunctionBuilder,
  element: ElementCode,
  of: Of,
  address: Value<"i32">,
  vectors: number,
  stride: 1 | 2 | undefined,
): readonly Value<"v128">[] {
  const { bytes, lanes } = element;
  const all = Array.from({ length: vectors }, (_, vector) => vector);
  if (stride === 1) return all.map((vector) => code.load("v128.load", address, 16 * vector));
  if (stride === 2)
    return all.map((vector) => loadEverySecond(code, element, address, 32 * vector));
  const step = code.op("i32.mul", of("xStride"), bytes);
  const addresses = [address];
  for (let at = 1; at < vectors * lanes; at++) {
    addresses.push(code.op("i32.add", addresses[at - 1] ?? address, step));
  }
  return all.map((vector) =>
    gatherLanes(code, element, addresses.slice(vector * lanes, (vector + 1) * lanes)),
  );
}

/** Of two vectors that end with the last of these elements: nothing beyond it is read. */
function loadEverySecond(
  code: FunctionBuilder,
  { bytes, lanes }: ElementCode,
  address: Value<"i32">,
  offset: number,
): Value<"v128"> {
  const first = code.load("v128.load", address, offset);
  const second = code.load("v128.load", address, offset + (lanes - 1) * bytes);
  const chosen = lanes === 4 ? bytesOfLanes(0, 2, 5, 7) : bytesOfLanes(0, 1, 6, 7);
  return code.shuffle(first, second, chosen);
}
