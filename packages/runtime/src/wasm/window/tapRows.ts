import type { FunctionBuilder, Value } from "../assembler/index.js";
import { parametersOf } from "../contract/parameters.js";

/**
 * Windows over planes with three axes z, y, x: for each, the lengths of data and of result, and how
 * windows lie. Addresses are of the first plane; planes follow one another.
 */
export const poolParameters = [
  "planes",
  "data",
  "result",
  "positions",
  "zData",
  "zResult",
  "zKernel",
  "zStride",
  "zDilate",
  "zPad",
  "yData",
  "yResult",
  "yKernel",
  "yStride",
  "yDilate",
  "yPad",
  "xData",
  "xResult",
  "xKernel",
  "xStride",
  "xDilate",
  "xPad",
] as const;

/** What of one row of results one position of the kernel meets. */
export interface TapRow {
  /** First result element, and its number within the row of results. */
  readonly result: Value<"i32">;
  readonly count: Value<"i32">;
  /** First data element, as an index within the plane. */
  readonly data: Value<"i32">;
  /** Writes code for the number of the kernel's position. */
  readonly tap: () => Value<"i32">;
}

/** What is done for a plane, for a row of results before all taps, and for each tap. */
export interface TapVisitor {
  plane?(): void;
  row?(result: Value<"i32">): void;
  tap(row: TapRow): void;
}

/**
 * Visits planes, rows of results, and for each row the positions of the kernel, in order. Results
 * are numbered within the plane.
 */
export function forEachTapRow(
  code: FunctionBuilder,
  visit: TapVisitor,
  nextPlane: (data: Value<"i32">, result: Value<"i32">) => void,
): void {
  const of = parametersOf(code, poolParameters);
  const loop = (count: Value<"i32">, body: (index: Value<"i32">) => void) => {
    const index = code.variable("i32", 0);
    code.countUp(index, count, 1, () => body(index));
  };
  const product = (...factors: Value<"i32">[]) =>
    factors.reduce((sofar, factor) => code.op("i32.mul", sofar, factor));
  const dataSize = product(of("zData"), of("yData"), of("xData"));
  const resultSize = product(of("zResult"), of("yResult"), of("xResult"));
  loop(of("planes"), () => {
    visit.plane?.();
    const result = code.variable("i32", 0);
    loop(of("zResult"), (oz) =>
      loop(of("yResult"), (oy) => {
        visit.row?.(result);
        loop(of("zKernel"), (kz) =>
          inside(code, "z", oz, kz, (z) =>
            loop(of("yKernel"), (ky) =>
              inside(code, "y", oy, ky, (y) => {
                const line = code.op("i32.add", product(z, of("yData")), y);
                const data = product(line, of("xData"));
                const tap = (kx: Value<"i32">) =>
                  code.op(
                    "i32.add",
                    product(code.op("i32.add", product(kz, of("yKernel")), ky), of("xKernel")),
                    kx,
                  );
                loop(of("xKernel"), (kx) =>
                  visitRow(code, visit, kx, { data, result, tap: () => tap(kx) }),
                );
              }),
            ),
          ),
        );
        code.increase(result, of("xResult"));
      }),
    );
    nextPlane(dataSize, resultSize);
  });
}

/** Runs `body` with the data position that a kernel position meets, unless it lies outside. */
function inside(
  code: FunctionBuilder,
  axis: "z" | "y",
  o: Value<"i32">,
  k: Value<"i32">,
  body: (position: Value<"i32">) => void,
): void {
  const of = parametersOf(code, poolParameters);
  const reach = code.op("i32.mul", k, of(`${axis}Dilate`));
  const corner = code.op("i32.mul", o, of(`${axis}Stride`));
  const position = code.op("i32.sub", code.op("i32.add", corner, reach), of(`${axis}Pad`));
  // Unsigned, negative positions are large.
  code.if(code.op("i32.lt_u", position, of(`${axis}Data`)), () => body(position));
}

/**
 * The results whose data position `o * stride + k * dilate - pad` is not outside: from the first
 * not below 0 to the last not above the end.
 */
function visitRow(
  code: FunctionBuilder,
  visit: TapVisitor,
  kx: Value<"i32">,
  line: Omit<TapRow, "count">,
): void {
  const of = parametersOf(code, poolParameters);
  const stride = of("xStride");
  const before = code.op("i32.sub", of("xPad"), code.op("i32.mul", kx, of("xDilate")));
  const from = code.variable("i32", 0);
  code.if(code.op("i32.gt_s", before, 0), () => {
    const up = code.op("i32.sub", code.op("i32.add", before, stride), 1);
    code.assign(from, code.op("i32.div_u", up, stride));
  });
  const last = code.op("i32.add", code.op("i32.sub", of("xData"), 1), before);
  code.if(code.op("i32.ge_s", last, 0), () => {
    const inData = code.op("i32.add", code.op("i32.div_u", last, stride), 1);
    const inResult = of("xResult");
    const to = code.select(code.op("i32.lt_s", inData, inResult), inData, inResult);
    const count = code.op("i32.sub", to, from);
    const column = code.op("i32.sub", code.op("i32.mul", from, stride), before);
    visit.tap({
      result: code.op("i32.add", line.result, from),
      count,
      data: code.op("i32.add", line.data, column),
      tap: line.tap,
    });
  });
}
