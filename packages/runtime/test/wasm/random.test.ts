import type { DType, RandomKernel, TensorType } from "@adjoint/graph";
import fc from "fast-check";
import { createTensor, initialRandomState, type Tensor, toNumbers } from "../../src/index.js";
import { prepareWasmKernel } from "../../src/wasm/prepareWasmKernel.js";
import { first, runKernel } from "../testOps.js";
import { libraries, runWasm, upTo } from "./compareKernels.js";
import { expectSame } from "./wasmArena.js";

type Distribution = RandomKernel["distribution"];

const stateType: TensorType = initialRandomState(0).type;

function kernelOf(distribution: Distribution, parameters: readonly number[]): RandomKernel {
  return { kind: "random", distribution, parameters };
}

function typesOf(dtype: DType, shape: readonly number[]): TensorType[] {
  return [{ dtype, shape: [...shape] }, stateType];
}

/** A state whose engines have given some words. */
function usedState(seed: number, words: (engine: number) => number): Tensor {
  const state = initialRandomState(seed);
  for (let i = 1; i < state.data.length; i++) state.data[i] = words(i - 1);
  return state;
}

/** The same next state, and the same samples up to the last digits of logarithms and powers. */
function compare(
  kernel: RandomKernel,
  ins: readonly Tensor[],
  outs: readonly TensorType[],
  tolerance = 0,
  parts = 3,
): void {
  const [expected, expectedState] = runKernel(kernel, ins, outs);
  if (expected === undefined || expectedState === undefined) throw new Error("no results");
  for (const count of [1, parts]) {
    const [sample, state] = runWasm(kernel, ins, outs, count);
    if (sample === undefined || state === undefined) throw new Error("no results");
    expectSame([state], [expectedState]);
    if (tolerance === 0) expectSame([sample], [expected]);
    else expectClose(toNumbers(sample), toNumbers(expected), tolerance);
  }
}

function expectClose(actual: number[], expected: number[], tolerance: number): void {
  const far = actual.flatMap((x, i) => {
    const y = expected[i] ?? Number.NaN;
    const close = Object.is(x, y) || Math.abs(x - y) <= tolerance * Math.abs(y);
    return close ? [] : [[i, x, y]];
  });
  expect(far).toEqual([]);
}

const single = 2 ** -23;
const double = 2 ** -50;

const scalars: [Distribution, number[], DType, number][] = [
  ["uniform", [-2, 3.7], "float32", 0],
  ["uniform", [-2, 3.7], "float64", 0],
  ["uniform", [0, 1], "float16", 0],
  ["normal", [0.3, 1.7], "float32", 0],
  ["normal", [0, 1.7], "float64", 0],
  ["normal", [0, 1], "float16", 0],
  ["exponential", [2.5], "float32", 0],
  ["exponential", [2.5], "float64", 0],
  ["randint", [-5, 1000], "int32", 0],
  ["randint", [-(2 ** 31), 2 ** 31], "int64", 0],
  ["randint", [0, 2 ** 32 - 5], "int32", 0],
  ["randint", [0, 300], "uint8", 0],
  ["sequence", [], "float32", 0],
  ["sequence", [], "float64", 0],
];

describe.each(scalars)("%s %j of %s", (distribution, parameters, dtype, tolerance) => {
  test("samples of any size are the interpreter's, as is the next state", () => {
    const words = (engine: number) => (engine * 131) % 1500;
    for (const size of [0, 1, 63, 64, 65, 1000, 70_000]) {
      const kernel = kernelOf(distribution, parameters);
      compare(kernel, [usedState(7, words)], typesOf(dtype, [size]), tolerance);
    }
  });
});

const arrays: [Distribution, number[][], DType, number][] = [
  [
    "gamma",
    [
      [0.3, 1, 2.5, 100, -1, Infinity],
      [2, 1, 0.5, 3, 1, 1],
    ],
    "float32",
    single * 4,
  ],
  [
    "gamma",
    [
      [0.3, 1, 2.5, 100, 0, 1],
      [2, 1, 0.5, 3, 1, -2],
    ],
    "float64",
    double * 64,
  ],
  ["poisson", [[0, 0.5, 11.9, 12, 1000, -3]], "float32", 0],
  [
    "negativeBinomial",
    [
      [1, 3.5, 20, 2, 0.5, -1],
      [0.5, 0.1, 0.9, 1, 0, 0.5],
    ],
    "float32",
    0,
  ],
  [
    "generalizedNegativeBinomial",
    [
      [1, 3.5, 20, 2, 0.5, -1],
      [0.5, 0.1, 0, 1, 2, 0.5],
    ],
    "float32",
    0,
  ],
];

describe.each(arrays)("%s of %j, %s", (distribution, parameters, dtype, tolerance) => {
  test("each pair of parameters serves its part of the sample", () => {
    for (const share of [1, 7, 90]) {
      const of = share === 7 ? "float16" : "float32";
      const given = parameters.map((values) =>
        createTensor({ dtype: of, shape: [values.length] }, values),
      );
      const ins = [usedState(3, () => 0), ...given];
      const outs = typesOf(dtype, [first(parameters).length, share]);
      compare(kernelOf(distribution, []), ins, outs, tolerance);
    }
  });
});

describe("multinomial", () => {
  test("categories, of rows that are no distribution too", () => {
    const rows = [
      [0.1, 0.2, 0.3, 0.4],
      [0, 0, 1, 0],
      [-1, 1, 1, 0],
      [0, 0, 0, 0],
      [0.25, Number.NaN, 0.5, 0],
      [0, 0.5, 0.4999, 0],
    ];
    for (const dtype of ["float32", "float64", "float16"] as const) {
      const given = createTensor({ dtype, shape: [6, 4] }, rows.flat());
      const ins = [usedState(11, (engine) => engine), given];
      compare(kernelOf("multinomial", []), ins, typesOf("int32", [6, 200]));
    }
  });
});

describe("engines", () => {
  test("go on where the state has them, back before a mark and with another seed too", () => {
    const steps = fc.record({ seed: upTo(2), words: upTo(4000) });
    const kernel = kernelOf("uniform", [0, 1]);
    fc.assert(
      fc.property(fc.array(steps, { minLength: 1, maxLength: 8 }), (visits) => {
        for (const { seed, words } of visits) {
          const state = usedState(seed, (engine) => words + engine);
          compare(kernel, [state], typesOf("float32", [200]));
        }
      }),
      { numRuns: 30 },
    );
  });

  test("a million words on are the same", () => {
    const state = usedState(5, () => 1_000_000);
    compare(kernelOf("sequence", []), [state], typesOf("float64", [700]));
  });

  test("a backward pass draws the samples of the forward pass again", () => {
    const kernel = kernelOf("uniform", [0, 1]);
    const outs = typesOf("float32", [3000]);
    const state = usedState(9, () => 600);
    const once = runWasm(kernel, [state], outs);
    expect(runWasm(kernel, [state], outs)).toEqual(once);
  });
});

test("dtypes and ranges that are refused are left to the interpreter", () => {
  const prepare = (kernel: RandomKernel, dtype: DType) =>
    prepareWasmKernel(kernel, [stateType], typesOf(dtype, [2]), libraries);
  expect(prepare(kernelOf("uniform", [0, 1]), "int32")).toBeUndefined();
  expect(prepare(kernelOf("randint", [3, 3]), "int32")).toBeUndefined();
  expect(prepare(kernelOf("randint", [0, 2 ** 33]), "int64")).toBeUndefined();
});
