import type { FunctionBuilder, Label, ModuleBuilder, Value } from "../assembler/index.js";
import type { ElementCode } from "../contract/element.js";
import { gatherLanes } from "../contract/packPanels.js";
import { functionOf, parametersOf } from "../contract/parameters.js";
import { type Target, tileColumns } from "../contract/tile.js";
import { transpose } from "../contract/transpose.js";

/**
 * Packs a right matrix to panels of columns as `packRight` does. Its element (lane, step) lies at
 * `from + laneOffsets[lane] + stepOffsets[step]`: windows over an image are such a matrix, without being copied to one.
 * Both tables hold 32-bit numbers that ascend
 * by an element or more from entry to entry.
 */
export const packWindowsParameters = [
  "from",
  "laneOffsets",
  "stepOffsets",
  "lanes",
  "steps",
  "to",
] as const;

export function addPackWindows(module: ModuleBuilder, target: Target): void {
  const code = module.function("packWindows", functionOf(packWindowsParameters));
  const of = parametersOf(code, packWindowsParameters);
  const { lanes, bytes } = target.element;
  const width = tileColumns(target);
  const group = code.variable("i32", 0);
  const nextPanel = code.op("i32.mul", of("steps"), width * bytes);
  const lastLane = code.op("i32.sub", of("lanes"), 1);
  const padded = roundUpLanes(code, target, of("lanes"));
  const to = code.variable("i32");
  code.countUp(group, padded, lanes, () => {
    const lane = code.select(code.op("i32.lt_s", group, lastLane), group, lastLane);
    const rest = code.op("i32.sub", of("lanes"), lane);
    const entry = code.op("i32.add", of("laneOffsets"), code.op("i32.shl", lane, 2));
    const addresses = laneAddresses(code, lanes, of("from"), entry, rest);
    const offset = vectorOffset(code, group, width, lanes, nextPanel);
    code.assign(to, code.op("i32.add", of("to"), offset));
    code.block((end) => {
      const table = of("stepOffsets");
      writeGroup(code, target, { addresses, rest, steps: of("steps"), table, to }, end);
    });
  });
}

/** Lanes in whole vectors; where three of four are needed, the fourth repeats the last lane, as in `packRight`. */
function roundUpLanes(code: FunctionBuilder, target: Target, count: Value<"i32">): Value<"i32"> {
  const { lanes } = target.element;
  const up = code.op("i32.add", count, lanes - 1);
  const padded = code.variable("i32", code.op("i32.and", up, -lanes));
  if (target.shape.vectors === 4) {
    const tail = code.op("i32.and", padded, tileColumns(target) - 1);
    code.if(code.op("i32.eq", tail, 3 * lanes), () => code.increase(padded, lanes));
  }
  return padded;
}

/** Bytes from the first panel to the vector of lanes that begins at lane `group`. */
function vectorOffset(
  code: FunctionBuilder,
  group: Value<"i32">,
  width: number,
  lanes: number,
  panelBytes: Value<"i32">,
): Value<"i32"> {
  const panel = code.op("i32.mul", code.op("i32.div_u", group, width), panelBytes);
  const within = code.op("i32.mul", code.op("i32.and", group, width - 1), 16 / lanes);
  return code.op("i32.add", panel, within);
}

/** Addresses at step offset 0; lanes that there are not repeat the last one. */
function laneAddresses(
  code: FunctionBuilder,
  lanes: number,
  from: Value<"i32">,
  table: Value<"i32">,
  count: Value<"i32">,
): Value<"i32">[] {
  const addresses = [code.op("i32.add", from, code.load("i32.load", table))];
  for (let lane = 1; lane < lanes; lane++) {
    const address = code.variable("i32", addresses[lane - 1] ?? from);
    code.if(code.op("i32.gt_s", count, lane), () => {
      code.assign(address, code.op("i32.add", from, code.load("i32.load", table, 4 * lane)));
    });
    addresses.push(address);
  }
  return addresses;
}

interface Group {
  readonly addresses: readonly Value<"i32">[];
  /** Lanes from here to the end. */
  readonly rest: Value<"i32">;
  readonly steps: Value<"i32">;
  readonly table: Value<"i32">;
  readonly to: Value<"i32">;
}

/**
 * One vector of lanes, all steps. Vectors are loaded along the lanes where these are adjacent, or half of them where each
 * half's are, else along the steps where four (or two) of these are, else element by element. Branches to `end` when it is done early.
 */
function writeGroup(code: FunctionBuilder, target: Target, group: Group, end: Label): void {
  const { element } = target;
  const { addresses, rest, steps, table, to } = group;
  const rowBytes = tileColumns(target) * element.bytes;
  const entry = code.variable("i32", table);
  const done = code.variable("i32", 0);
  const first = addresses[0] ?? to;
  const put = (vector: Value<"v128">) => {
    code.store("v128.store", to, vector);
    code.increase(to, rowBytes);
    code.increase(entry, 4);
  };
  const whole = code.op("i32.ge_s", rest, element.lanes);
  const adjacent = spans(code, element, first, addresses.at(-1) ?? first);
  code.if(code.op("i32.and", whole, adjacent), () => {
    code.countUp(done, steps, 1, () => {
      put(code.load("v128.load", code.op("i32.add", first, code.load("i32.load", entry))));
    });
    code.branch(end);
  });
  if (element.lanes === 4) writePairs(code, element, group, done, entry, put, whole, end);
  const lastRun = code.op("i32.sub", steps, element.lanes);
  code.countUp(done, steps, 1, () => {
    const offset = code.load("i32.load", entry);
    const at = addresses.map((address) => code.op("i32.add", address, offset));
    code.block((next) => {
      code.block((single) => {
        code.branchIf(code.op("i32.gt_s", done, lastRun), single);
        const ahead = code.load("i32.load", entry, 4 * (element.lanes - 1));
        code.branchIf(code.op("i32.eqz", spans(code, element, offset, ahead)), single);
        const rows = at.map((address) => code.load("v128.load", address));
        for (const vector of transpose(code, rows)) put(vector);
        code.increase(done, element.lanes - 1);
        code.branch(next);
      });
      put(gatherLanes(code, element, at));
    });
  });
}

/** Both halves of the lanes are adjacent, as where a row of an image of even width ends between them. */
function writePairs(
  code: FunctionBuilder,
  { bytes }: ElementCode,
  { addresses, steps }: Group,
  done: Value<"i32">,
  entry: Value<"i32">,
  put: (vector: Value<"v128">) => void,
  whole: Value<"i32">,
  end: Label,
): void {
  const [a0, a1, a2, a3] = addresses;
  if (a0 === undefined || a1 === undefined || a2 === undefined || a3 === undefined) return;
  const first = code.op("i32.eq", code.op("i32.sub", a1, a0), bytes);
  const second = code.op("i32.eq", code.op("i32.sub", a3, a2), bytes);
  const both = code.op("i32.and", first, second);
  code.if(code.op("i32.and", whole, both), () => {
    code.countUp(done, steps, 1, () => {
      const offset = code.load("i32.load", entry);
      const low = code.load("v128.load64_zero", code.op("i32.add", a0, offset));
      put(code.loadLane("v128.load64_lane", 1, code.op("i32.add", a2, offset), low));
    });
    code.branch(end);
  });
}

/** Whether two places are as far apart as the first and the last element of a vector. */
function spans(
  code: FunctionBuilder,
  { lanes, bytes }: ElementCode,
  from: Value<"i32">,
  to: Value<"i32">,
): Value<"i32"> {
  return code.op("i32.eq", code.op("i32.sub", to, from), (lanes - 1) * bytes);
}
