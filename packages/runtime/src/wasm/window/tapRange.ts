import type { FunctionBuilder, Value } from "../assembler/index.js";
import type { poolParameters } from "./tapRows.js";

/** The parameters that describe windows, by name. */
export type PoolNames = (name: (typeof poolParameters)[number]) => Value<"i32">;

/** A window's elements along one axis that lie inside the data: how many, and where the first is. */
export interface TapRange {
  readonly count: Value<"i32">;
  readonly position: Value<"i32">;
}

/** Visits the windows of an axis in order. */
export function eachWindow(
  code: FunctionBuilder,
  of: PoolNames,
  axis: "z" | "y" | "x",
  body: (taps: TapRange) => void,
): void {
  const [kernel, dilate] = [of(`${axis}Kernel`), of(`${axis}Dilate`)];
  const corner = code.variable("i32", code.op("i32.sub", 0, of(`${axis}Pad`)));
  const upwards = (distance: Value<"i32">) =>
    code.op("i32.div_u", code.op("i32.add", distance, code.op("i32.sub", dilate, 1)), dilate);
  code.countUp(code.variable("i32", 0), of(`${axis}Result`), 1, () => {
    const first = code.variable("i32", 0);
    code.if(code.op("i32.lt_s", corner, 0), () =>
      code.assign(first, upwards(code.op("i32.sub", 0, corner))),
    );
    const past = code.variable("i32", 0);
    const rest = code.op("i32.sub", of(`${axis}Data`), corner);
    code.if(code.op("i32.gt_s", rest, 0), () => {
      const fitting = upwards(rest);
      code.assign(past, code.select(code.op("i32.lt_s", fitting, kernel), fitting, kernel));
    });
    const position = code.op("i32.add", corner, code.op("i32.mul", first, dilate));
    body({ count: code.op("i32.sub", past, first), position });
    code.increase(corner, of(`${axis}Stride`));
  });
}
