import {
  Builder,
  createRegistry,
  type DType,
  dtypes,
  isFloat,
  type Kernel,
  type TensorType,
} from "@adjoint/graph";
import { createTensor, plan, Runtime, type Tensor, toNumbers } from "../../src/index.js";
import { WasmPlan } from "../../src/wasm/plan/wasmPlan.js";
import { opOf } from "../testOps.js";

const runtime = new Runtime({ maximumBytes: 2 ** 26, mode: "compiled" });

/** The results of a kernel by generated code and by the interpreter. */
function both(kernel: Kernel, args: readonly Tensor[], outs: readonly TensorType[]) {
  const builder = new Builder("kernel");
  const ins = args.map(({ type }, i) => builder.input(`x${i}`, type));
  const op = opOf(kernel, outs);
  for (const [i, value] of builder.emit(op, ins, {}).entries()) builder.output(`y${i}`, value);
  const [graph, registry] = [builder.finish(), createRegistry([op])];
  const compiled = runtime.plan(graph, registry);
  if (!(compiled instanceof WasmPlan)) throw new TypeError("not compiled");
  return {
    steps: compiled.describe().steps.map(({ code }) => code.kind),
    compiled: compiled.run(args).map(toNumbers),
    interpreted: plan(graph, registry).run(args).map(toNumbers),
  };
}

function filled({ dtype, shape }: TensorType, seed: number, size = 6): Tensor {
  const length = shape.reduce((product, n) => product * n, 1);
  const numbers = Array.from({ length }, (_, i) => ((i * 7 + seed * 3) % (2 * size + 1)) - size);
  return createTensor({ dtype, shape }, dtype === "uint8" ? numbers.map(Math.abs) : numbers);
}

const withWindows = dtypes.filter((dtype) => dtype !== "int64");

test.each(dtypes)("products of %s are the interpreter's, by generated code", (dtype) => {
  for (const [transposeA, transposeB, m] of [
    [false, false, 5],
    [true, true, 1],
  ] as const) {
    const [batch, k, n] = [2, 9, 7];
    const kernel = { kind: "contract", batch, m, n, k, transposeA, transposeB } as const;
    const a = filled({ dtype, shape: [batch, m, k] }, 1);
    const b = filled({ dtype, shape: [batch, k, n] }, 2);
    const { steps, compiled, interpreted } = both(
      kernel,
      [a, b],
      [{ dtype, shape: [batch, m, n] }],
    );
    expect(compiled).toEqual(interpreted);
    expect(steps).not.toContain("interpreted");
    expect(steps).toContain("library");
  }
});

test.each(["int8", "uint8"] as const)("products of %s wrap", (dtype) => {
  const shape = [4, 4];
  const sizes = { batch: 1, m: 4, n: 4, k: 4, transposeA: false, transposeB: false };
  const x = filled({ dtype, shape }, 3, 100);
  const { compiled, interpreted } = both({ kind: "contract", ...sizes }, [x, x], [x.type]);
  expect(compiled).toEqual(interpreted);
});

test("products of float16 are carried in more, and rounded once", () => {
  const x = createTensor({ dtype: "float16", shape: [1, 3] }, [2048, 1, 1]);
  const y = createTensor({ dtype: "float16", shape: [3, 1] }, [1, 1, 1]);
  const sizes = { batch: 1, m: 1, n: 1, k: 3, transposeA: false, transposeB: false };
  const out: TensorType = { dtype: "float16", shape: [1, 1] };
  // 2048 + 1 is 2048 in float16.
  expect(both({ kind: "contract", ...sizes }, [x, y], [out]).compiled).toEqual([[2050]]);
});

const geometry = {
  kernel: [3, 2],
  stride: [2, 1],
  dilate: [1, 1],
  padLow: [1, 0],
  padHigh: [1, 1],
};
const image = (dtype: DType): TensorType => ({ dtype, shape: [2, 4, 5, 6] });
const result = (dtype: DType): TensorType => ({ dtype, shape: [2, 4, 3, 6] });
const weight = (dtype: DType): TensorType => ({ dtype, shape: [4, 2, 3, 2] });

describe.each(withWindows)("windows of %s are the interpreter's, by generated code", (dtype) => {
  const convolving = { kind: "window", geometry, groups: 2 } as const;
  const pooling = { kind: "window", geometry, groups: 1 } as const;
  const positions: TensorType = { dtype: "int32", shape: result(dtype).shape };
  const cases: readonly [Kernel, readonly TensorType[], readonly TensorType[]][] = [
    [{ ...convolving, form: "convolve" }, [image(dtype), weight(dtype)], [result(dtype)]],
    [{ ...convolving, form: "convolveData" }, [result(dtype), weight(dtype)], [image(dtype)]],
    [{ ...convolving, form: "convolveWeight" }, [image(dtype), result(dtype)], [weight(dtype)]],
    [{ ...pooling, form: "poolSum" }, [image(dtype)], [result(dtype)]],
    [{ ...pooling, form: "poolSumAdjoint" }, [result(dtype)], [image(dtype)]],
    [{ ...pooling, form: "poolMax" }, [image(dtype)], [result(dtype), positions]],
  ];

  test.each(cases)("%j", (kernel, ins, outs) => {
    const args = ins.map((type, i) => filled(type, i + 1, 3));
    const { steps, compiled, interpreted } = both(kernel, args, outs);
    expect(compiled).toEqual(interpreted);
    expect(steps).not.toContain("interpreted");
    expect(steps).toContain("library");
  });

  test("a window without data has the lowest number at no position", () => {
    const far = { kernel: [1], stride: [4], dilate: [1], padLow: [0], padHigh: [3] };
    const kernel = { kind: "window", form: "poolMax", geometry: far, groups: 1 } as const;
    const x = filled({ dtype, shape: [1, 1, 2] }, 1);
    const outs: TensorType[] = [dtype, "int32" as const].map((of) => ({
      dtype: of,
      shape: [1, 1, 2],
    }));
    const { compiled, interpreted } = both(kernel, [x], outs);
    expect(compiled).toEqual(interpreted);
    expect(compiled[1]?.[1]).toBe(-1);
    expect(isFloat(dtype)).toBe(compiled[0]?.[1] === -Infinity);
  });
});
