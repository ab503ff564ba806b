import type { Value } from "@adjoint/graph";
import { createTensor, toNumbers } from "@adjoint/runtime";
import { fronts } from "../../src/index.js";
import { given, irregular, type Program, type Results, record } from "../support.js";
import type { Examples } from "./example.js";

const { add, exp, lesser, mul, sin, subtract, tanh } = fronts;
const pair = irregular([2]);

/** A body for arguments like these, which are as many as the program takes. */
const body = (program: Program<Results>, ...like: Parameters<typeof record>[1]) =>
  record(program, like);

const stepped = (s: Value, x: Value, w: Value) => [tanh(add(mul(s, w), x)), mul(s, x)];
const loop = { states: 1, stacked: 1, length: 3, history: false };

/** x and y, then x + y and x - y as if computed elsewhere. */
function sumAndDifference(...[x, y]: readonly Value[]): readonly Value[] {
  if (x === undefined || y === undefined) throw new Error("two arguments are needed");
  return [x, y, add(x, y), subtract(x, y)];
}

/** The operators that stand for programs. */
export const programExamples: Examples = {
  call: [
    {
      ins: [pair, irregular([2], 2)],
      attrs: {
        graph: body((x: Value, y: Value) => [mul(x, exp(y)), sin(x)], pair, pair),
        name: "body",
      },
    },
  ],
  scan: [true, false].map((reverse) => ({
    ins: [pair, irregular([3, 2], 2), irregular([2], 3)],
    attrs: { ...loop, slices: 1, reverse, counted: false, body: body(stepped, pair, pair, pair) },
  })),
  whileLoop: [
    {
      // 1.1, 1.76, 2.816, 4.5056: three of at most four iterations run.
      ins: [given([1.1]), given([1.6])],
      attrs: {
        states: 1,
        stacked: 1,
        length: 4,
        history: false,
        condition: body((s: Value) => lesser(s, 3), given([0])),
        body: body((s: Value, w: Value) => [mul(s, w), sin(s)], given([0]), given([0])),
      },
    },
  ],
  cond: [0, 1].map((predicate) => ({
    ins: [given([predicate], [1], "int32"), pair, irregular([2], 2)],
    attrs: {
      whenTrue: body((x: Value) => exp(x), pair),
      whenFalse: body((x: Value) => sin(x), pair),
    },
  })),
  customFunction: [
    {
      ins: [pair, irregular([2], 2)],
      prepare: sumAndDifference,
      attrs: { key: 3, name: "SumAndDifference", inputs: 2 },
      order: 1,
      hosts: new Map([
        [
          3,
          (heads) => {
            const [a = [], b = []] = heads.map(toNumbers);
            const type = { dtype: "float64", shape: [a.length] } as const;
            return [1, -1].map((sign) =>
              createTensor(
                type,
                a.map((value, at) => value + sign * (b[at] ?? 0)),
              ),
            );
          },
        ],
      ]),
    },
  ],
};
