import { dtypes, type ReduceKernel } from "@adjoint/graph";
import fc from "fast-check";
import { createTensor } from "../../src/index.js";
import { prepareWasmKernel } from "../../src/wasm/prepareWasmKernel.js";
import { anyDType, compare, libraries, mixed, upTo, wild } from "./compareKernels.js";

const monoids = fc.constantFrom<ReduceKernel["monoid"]>(
  "sum",
  "prod",
  "max",
  "min",
  "argmax",
  "argmin",
);

test("reductions over any axes, of any dtype, are the interpreter's", () => {
  const axes = fc.array(fc.record({ length: upTo(6, 1), reduced: fc.boolean() }), { maxLength: 4 });
  fc.assert(
    fc.property(axes, monoids, anyDType, upTo(4, 1), (of, monoid, dtype, parts) => {
      const shape = of.map(({ length }) => length);
      const reduced = [...of.keys()].filter((axis) => of[axis]?.reduced);
      const kept = of.filter((axis) => !axis.reduced).map(({ length }) => length);
      const kernel = { kind: "reduce", monoid, axes: reduced } as const;
      const positional = monoid === "argmax" || monoid === "argmin";
      for (const data of [mixed({ dtype, shape }), wild({ dtype, shape })]) {
        compare(kernel, [data], [{ dtype, shape: kept }], parts);
        if (positional) compare(kernel, [data], [{ dtype: "float32", shape: kept }], parts);
      }
    }),
    { numRuns: 300 },
  );
});

test("nothing gives the identity", () => {
  for (const dtype of dtypes) {
    for (const monoid of ["sum", "prod", "max", "min"] as const) {
      const data = createTensor({ dtype, shape: [3, 0] });
      compare({ kind: "reduce", monoid, axes: [1] }, [data], [{ dtype, shape: [3] }]);
    }
  }
});

test("a sum of doubles keeps what a plain sum loses", () => {
  const data = createTensor({ dtype: "float64", shape: [4] }, [1e16, 1, -1e16, 1]);
  compare({ kind: "reduce", monoid: "sum", axes: [0] }, [data], [{ dtype: "float64", shape: [] }]);
});

test("an argument in nothing is left to the interpreter, which refuses it", () => {
  const type = { dtype: "float32", shape: [3, 0] } as const;
  const kernel = { kind: "reduce", monoid: "argmax", axes: [1] } as const;
  const out = { dtype: "float32", shape: [3] } as const;
  expect(prepareWasmKernel(kernel, [type], [out], libraries)).toBeUndefined();
});
