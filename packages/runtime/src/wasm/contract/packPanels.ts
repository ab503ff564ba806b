import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import type { ElementCode } from "./element.js";
import { functionOf, parametersOf } from "./parameters.js";
import { type Target, tileColumns } from "./tile.js";
import { rowsOfNextTile } from "./tileKernels.js";
import { transpose } from "./transpose.js";

/**
 * Copies a matrix to panels. A lane is a row of a left matrix or a column of a right one; element
 * (lane, step) lies at `from + lane * lane stride + step * step stride`.
 */
export const packParameters = ["from", "laneStride", "stepStride", "lanes", "steps", "to"] as const;

/** Functions that pack left matrices to panels of rows and right matrices to panels of columns. */
export interface Packers {
  readonly packLeft: FunctionRef;
  readonly packRight: FunctionRef;
}

export function addPackers(module: ModuleBuilder, target: Target): Packers {
  const { element, shape } = target;
  const group = addPackGroup(module, element);
  const width = tileColumns(target);
  const left = module.function("packLeft", functionOf(packParameters));
  writePackPanels(left, element, shape.rows, group, (rest) => rowsOfNextTile(left, target, rest));
  const right = module.helper("packRight", functionOf(packParameters));
  packAdjacentRows(right, target);
  writePackPanels(right, element, width, group, (rest) =>
    right.select(right.op("i32.lt_s", rest, width), rest, right.i32(width)),
  );
  return { packLeft: left, packRight: right };
}

/** Steps of the inner dimension that are copied side by side. */
const stepsTogether = 4;

/**
 * Copies whole panels of columns that are adjacent, and leaves the others: some steps at a time, over
 * all panels, so that the matrix is read along its rows, as memory foresees it.
 */
function packAdjacentRows(code: FunctionBuilder, target: Target): void {
  const of = parametersOf(code, packParameters);
  const [from, to, lanes, steps] = [of("from"), of("to"), of("lanes"), of("steps")];
  const { bytes } = target.element;
  const width = tileColumns(target);
  code.if(code.op("i32.eq", of("laneStride"), bytes), () => {
    const whole = code.variable("i32", code.op("i32.and", lanes, -width));
    const panelBytes = code.op("i32.mul", steps, width * bytes);
    const [row, place] = [code.variable("i32", from), code.variable("i32", to)];
    const done = code.variable("i32", 0);
    for (const count of [stepsTogether, 1]) {
      code.countUp(done, code.op("i32.sub", steps, count - 1), count, () => {
        copyRows(
          code,
          { row, place, panelBytes },
          [of("stepStride"), count],
          [whole, width, bytes],
        );
      });
    }
    code.increase(from, code.op("i32.mul", whole, bytes));
    code.increase(to, code.op("i32.mul", whole, code.op("i32.mul", steps, bytes)));
    code.increase(lanes, code.op("i32.sub", 0, whole));
  });
}

interface RowsToCopy {
  readonly row: Value<"i32">;
  readonly place: Value<"i32">;
  readonly panelBytes: Value<"i32">;
}

/** `count` rows of `columns` elements, `width` to each panel. Moves the addresses on. */
function copyRows(
  code: FunctionBuilder,
  { row, place, panelBytes }: RowsToCopy,
  [stride, count]: readonly [Value<"i32">, number],
  [columns, width, bytes]: readonly [Value<"i32">, number, number],
): void {
  const rows = [code.variable("i32", row)];
  for (let at = 1; at < count; at++) {
    rows.push(code.variable("i32", code.op("i32.add", rows[at - 1] ?? row, stride)));
  }
  code.assign(row, code.op("i32.add", rows.at(-1) ?? row, stride));
  const to = code.variable("i32", place);
  code.countUp(code.variable("i32", 0), columns, width, () => {
    for (const [at, source] of rows.entries()) {
      for (let byte = 0; byte < width * bytes; byte += 16) {
        const vector = code.load("v128.load", source, byte);
        code.store("v128.store", to, vector, at * width * bytes + byte);
      }
      code.increase(source, width * bytes);
    }
    code.increase(to, panelBytes);
  });
  code.increase(place, count * width * bytes);
}

/** Panel after panel; `lanesOf` says how many of those that are left make the next one. */
function writePackPanels(
  code: FunctionBuilder,
  element: ElementCode,
  width: number,
  group: FunctionRef,
  lanesOf: (rest: Value<"i32">) => Value<"i32">,
): void {
  const of = parametersOf(code, packParameters);
  const { bytes } = element;
  const [from, to, steps] = [of("from"), of("to"), of("steps")];
  const [laneStride, stepStride] = [of("laneStride"), of("stepStride")];
  const adjacent = code.op("i32.eq", laneStride, bytes);
  const panelBytes = code.op("i32.mul", steps, width * bytes);
  const done = code.variable("i32");
  code.block((end) => {
    code.loop((again) => {
      const rest = code.op("i32.sub", of("lanes"), done);
      code.branchIf(code.op("i32.le_s", rest, 0), end);
      const lanes = lanesOf(rest);
      const whole = code.op("i32.and", adjacent, code.op("i32.eq", lanes, width));
      code.if(
        whole,
        () => copyPanel(code, width * bytes, from, stepStride, steps, to),
        () =>
          packGroups(code, element, width, group, {
            from,
            to,
            lanes,
            laneStride,
            stepStride,
            steps,
          }),
      );
      code.increase(from, code.op("i32.mul", lanes, laneStride));
      code.increase(to, panelBytes);
      code.increase(done, lanes);
      code.branch(again);
    });
  });
}

/** `bytes` adjacent bytes of each step. */
function copyPanel(
  code: FunctionBuilder,
  bytes: number,
  from: Value<"i32">,
  stepStride: Value<"i32">,
  steps: Value<"i32">,
  to: Value<"i32">,
): void {
  const [source, place] = [code.variable("i32", from), code.variable("i32", to)];
  code.countUp(code.variable("i32", 0), steps, 1, () => {
    let at = 0;
    for (; at + 16 <= bytes; at += 16) {
      code.store("v128.store", place, code.load("v128.load", source, at), at);
    }
    if (at < bytes) code.store("i64.store", place, code.load("i64.load", source, at), at);
    code.increase(source, stepStride);
    code.increase(place, bytes);
  });
}

interface PanelValues {
  readonly from: Value<"i32">;
  readonly to: Value<"i32">;
  readonly lanes: Value<"i32">;
  readonly laneStride: Value<"i32">;
  readonly stepStride: Value<"i32">;
  readonly steps: Value<"i32">;
}

/**
 * Vector by vector, the last first: a vector that reaches over the end of the panel's row spoils
 * the beginning of the next row, which is written afterwards. A fourth vector beyond the last lane
 * repeats it, for tiles that reach over the edge.
 */
function packGroups(
  code: FunctionBuilder,
  element: ElementCode,
  width: number,
  group: FunctionRef,
  { from, to, lanes, laneStride, stepStride, steps }: PanelValues,
): void {
  const last = Math.ceil(width / element.lanes) - 1;
  const lastLane = code.op("i32.sub", lanes, 1);
  for (let at = last; at >= 0; at--) {
    // Tiles are 1, 2 or 4 vectors wide.
    const needed = at === 3 ? 2 : at;
    code.if(code.op("i32.gt_s", lanes, needed * element.lanes), () => {
      const first = code.variable("i32", at * element.lanes);
      if (at > needed) {
        code.if(code.op("i32.gt_s", first, lastLane), () => code.assign(first, lastLane));
      }
      const source = code.op("i32.add", from, code.op("i32.mul", laneStride, first));
      const place = code.op("i32.add", to, at * 16);
      const rest = code.op("i32.sub", lanes, first);
      const step = code.i32(width * element.bytes);
      code.call(group, source, laneStride, stepStride, rest, steps, place, step);
    });
  }
}

const groupParameters = [...packParameters, "toStep"] as const;

/**
 * A function that packs up to a vector of lanes; lanes that there are not repeat the last one, so
 * that no element is read that the matrix does not have.
 */
function addPackGroup(module: ModuleBuilder, element: ElementCode): FunctionRef {
  const code = module.helper("packGroup", functionOf(groupParameters));
  const of = parametersOf(code, groupParameters);
  const { lanes, bytes } = element;
  const [steps, to, stepStride] = [of("steps"), of("to"), of("stepStride")];
  const sources = laneAddresses(code, lanes, of("from"), of("laneStride"), of("lanes"));
  const advance = (by: Value<"i32"> | number) => {
    for (const source of sources) code.increase(source, by);
  };
  const put = (vector: Value<"v128">) => {
    code.store("v128.store", to, vector);
    code.increase(to, of("toStep"));
  };
  const step = code.variable("i32");
  const whole = code.op("i32.ge_s", of("lanes"), lanes);
  code.if(code.op("i32.and", whole, code.op("i32.eq", of("laneStride"), bytes)), () => {
    code.countUp(step, steps, 1, () => {
      put(code.load("v128.load", of("from")));
      code.increase(of("from"), stepStride);
    });
    code.return();
  });
  code.if(code.op("i32.eq", stepStride, bytes), () => {
    code.countUp(step, code.op("i32.sub", steps, lanes - 1), lanes, () => {
      const rows = sources.map((source) => code.load("v128.load", source));
      for (const vector of transpose(code, rows)) put(vector);
      advance(16);
    });
  });
  code.countUp(step, steps, 1, () => {
    put(gatherLanes(code, element, sources));
    advance(stepStride);
  });
  return code;
}

/** Addresses of the lanes' first elements; from `count` on, that of the last lane. */
function laneAddresses(
  code: FunctionBuilder,
  lanes: number,
  from: Value<"i32">,
  stride: Value<"i32">,
  count: Value<"i32">,
): Value<"i32">[] {
  const addresses = [code.variable("i32", from)];
  for (let lane = 1; lane < lanes; lane++) {
    const previous = addresses[lane - 1] ?? from;
    const next = code.op("i32.add", previous, stride);
    const exists = code.op("i32.gt_s", count, lane);
    addresses.push(code.variable("i32", code.select(exists, next, previous)));
  }
  return addresses;
}

/** One element from each address. */
export function gatherLanes(
  code: FunctionBuilder,
  { loadFirst, loadLane }: ElementCode,
  addresses: readonly Value<"i32">[],
): Value<"v128"> {
  const [first, ...others] = addresses;
  if (first === undefined) throw new RangeError("no lanes");
  let vector = code.load(loadFirst, first);
  for (const [lane, address] of others.entries()) {
    vector = code.loadLane(loadLane, lane + 1, address, vector);
  }
  return vector;
}
