import type { FunctionBuilder, Value } from "../assembler/index.js";
import type { ElementCode } from "../contract/element.js";
import { gatherLanes } from "../contract/packPanels.js";
import { parametersOf } from "../contract/parameters.js";
import { bytesOfLanes } from "../contract/transpose.js";
import { poolParameters } from "./tapRows.js";

/** Neighbouring results of a row: as many as a vector has lanes, or one, in the first lane. */
export interface WindowGroup {
  readonly isVector: boolean;
  /** The number of the first one within the plane. */
  readonly result: Value<"i32">;
}

/** What is done for a group before its windows are read, with each of their elements, and after. */
export interface GroupVisitor {
  begin(group: WindowGroup): void;
  /** `index`: of the first result's element, within the plane. */
  element(group: WindowGroup, data: Value<"v128">, index: Value<"i32">): void;
  end(group: WindowGroup): void;
}

/**
 * Visits all results of planes, a vector at a time where all of its windows lie inside the data
 * along the rows; some are visited twice. Elements of a window are visited in order, those inside
 * the data.
 */
export function forEachWindowGroup(
  code: FunctionBuilder,
  element: ElementCode,
  visit: GroupVisitor,
): void {
  const of = parametersOf(code, poolParameters);
  const { bytes, lanes } = element;
  const result = code.variable("i32");
  const rowEnd = code.variable("i32");
  const reach = windowReach(code, lanes);
  code.countUp(code.variable("i32", 0), of("planes"), 1, () => {
    code.assign(result, 0);
    const z = code.variable("i32", code.op("i32.sub", 0, of("zPad")));
    code.countUp(code.variable("i32", 0), of("zResult"), 1, () => {
      const y = code.variable("i32", code.op("i32.sub", 0, of("yPad")));
      code.countUp(code.variable("i32", 0), of("yResult"), 1, () => {
        const x = code.variable("i32", code.op("i32.sub", 0, of("xPad")));
        code.assign(rowEnd, code.op("i32.add", result, of("xResult")));
        const step = (isVector: boolean) => {
          const group = { isVector, result };
          visit.begin(group);
          forEachElement(code, element, { z, y, x }, group, visit);
          visit.end(group);
          const count = isVector ? lanes : 1;
          code.increase(result, count);
          code.increase(x, code.op("i32.mul", of("xStride"), count));
        };
        const rowStart = code.variable("i32", result);
        code.loop((again) => {
          const whole = wholeGroup(code, lanes, reach, { result, rowStart, rowEnd, x });
          code.if(
            whole.exists,
            () => {
              code.assign(result, whole.result);
              code.assign(x, whole.x);
              step(true);
            },
            () => step(false),
          );
          code.branchIf(code.op("i32.lt_s", result, rowEnd), again);
        });
        code.increase(y, of("yStride"));
      });
      code.increase(z, of("zStride"));
    });
    const product = (...names: Parameters<typeof of>[0][]) =>
      names.reduce((all, name) => code.op("i32.mul", all, of(name)), code.i32(1));
    code.increase(of("data"), code.op("i32.mul", product("zData", "yData", "xData"), bytes));
    const results = product("zResult", "yResult", "xResult");
    code.increase(of("result"), code.op("i32.mul", results, bytes));
    code.increase(of("positions"), code.op("i32.mul", results, 4));
  });
}

/**
 * The vector of results at a place of a row, or, near its end, the last one of the row: results that
 * are there are computed once more.
 */
function wholeGroup(
  code: FunctionBuilder,
  lanes: number,
  reach: Value<"i32">,
  row: { readonly [P in "result" | "rowStart" | "rowEnd" | "x"]: Value<"i32"> },
) {
  const of = parametersOf(code, poolParameters);
  const beyond = code.op("i32.sub", code.op("i32.add", row.result, lanes), row.rowEnd);
  const isBeyond = code.op("i32.gt_s", beyond, 0);
  const back = code.select(isBeyond, beyond, code.i32(0));
  const result = code.op("i32.sub", row.result, back);
  const x = code.op("i32.sub", row.x, code.op("i32.mul", back, of("xStride")));
  const begins = code.op("i32.ge_s", x, 0);
  const ends = code.op("i32.lt_s", code.op("i32.add", x, reach), of("xData"));
  const isInside = code.op("i32.and", begins, ends);
  const exists = code.op("i32.and", isInside, code.op("i32.ge_s", result, row.rowStart));
  return { exists, result, x };
}

/** Elements from the first of a vector's first window to the last of its last one. */
function windowReach(code: FunctionBuilder, lanes: number): Value<"i32"> {
  const of = parametersOf(code, poolParameters);
  const windows = code.op("i32.mul", of("xStride"), lanes - 1);
  const taps = code.op("i32.mul", code.op("i32.sub", of("xKernel"), 1), of("xDilate"));
  return code.op("i32.add", windows, taps);
}

/** Where windows begin along each axis; before 0 in the padding. */
interface Corner {
  readonly z: Value<"i32">;
  readonly y: Value<"i32">;
  readonly x: Value<"i32">;
}

function forEachElement(
  code: FunctionBuilder,
  element: ElementCode,
  corner: Corner,
  group: WindowGroup,
  visit: GroupVisitor,
): void {
  const of = parametersOf(code, poolParameters);
  const along = (axis: "z" | "y", body: (position: Value<"i32">) => void) => {
    const position = code.variable("i32", corner[axis]);
    code.countUp(code.variable("i32", 0), of(`${axis}Kernel`), 1, () => {
      // Unsigned, negative positions are large.
      code.if(code.op("i32.lt_u", position, of(`${axis}Data`)), () => body(position));
      code.increase(position, of(`${axis}Dilate`));
    });
  };
  along("z", (z) =>
    along("y", (y) => {
      const line = code.op("i32.add", code.op("i32.mul", z, of("yData")), y);
      const row = code.op("i32.mul", line, of("xData"));
      const x = code.variable("i32", corner.x);
      const meet = () => {
        const index = code.op("i32.add", row, x);
        const place = code.op("i32.mul", index, element.bytes);
        const address = code.op("i32.add", of("data"), place);
        visit.element(group, loadGroup(code, element, address, group.isVector), index);
      };
      code.countUp(code.variable("i32", 0), of("xKernel"), 1, () => {
        if (group.isVector) meet();
        else code.if(code.op("i32.lt_u", x, of("xData")), meet);
        code.increase(x, of("xDilate"));
      });
    }),
  );
}

/** An element, or those of neighbouring windows. */
function loadGroup(
  code: FunctionBuilder,
  element: ElementCode,
  address: Value<"i32">,
  isVector: boolean,
): Value<"v128"> {
  const of = parametersOf(code, poolParameters);
  const { bytes, lanes } = element;
  if (!isVector) return code.load(element.loadFirst, address);
  const vector = code.variable("v128");
  const stride = of("xStride");
  const gathered = () => {
    const step = code.op("i32.mul", stride, bytes);
    const addresses = [address];
    for (let lane = 1; lane < lanes; lane++) {
      addresses.push(code.op("i32.add", addresses[lane - 1] ?? address, step));
    }
    code.assign(vector, gatherLanes(code, element, addresses));
  };
  code.if(
    code.op("i32.eq", stride, 2),
    () => code.assign(vector, loadEverySecond(code, element, address)),
    () =>
      code.if(
        code.op("i32.eq", stride, 1),
        () => code.assign(vector, code.load("v128.load", address)),
        gathered,
      ),
  );
  return vector;
}

/** Of two vectors that end with the last of these elements: nothing beyond it is read. */
function loadEverySecond(
  code: FunctionBuilder,
  { bytes, lanes }: ElementCode,
  address: Value<"i32">,
): Value<"v128"> {
  const first = code.load("v128.load", address);
  const second = code.load("v128.load", address, (lanes - 1) * bytes);
  const chosen = lanes === 4 ? bytesOfLanes(0, 2, 5, 7) : bytesOfLanes(0, 1, 6, 7);
  return code.shuffle(first, second, chosen);
}
