import { type DType, dtypes, type Kernel, rowMajorStrides, type TensorType } from "@adjoint/graph";
import { initialRandomState } from "../../src/index.js";
import { prepareWasmKernel } from "../../src/wasm/prepareWasmKernel.js";
import { libraries } from "./compareKernels.js";

/** A kernel of each kind and form, with types for one dtype. */
interface Probe {
  readonly name: string;
  readonly kernel: Kernel;
  types(dtype: DType): { readonly ins: TensorType[]; readonly outs: TensorType[] };
}

const square = (dtype: DType): TensorType => ({ dtype, shape: [4, 4] });
const image = (dtype: DType): TensorType => ({ dtype, shape: [1, 1, 4, 4] });
const positions: TensorType = { dtype: "int32", shape: [4, 4] };

function unary(name: string, kernel: Kernel): Probe {
  return { name, kernel, types: (dtype) => ({ ins: [square(dtype)], outs: [square(dtype)] }) };
}

function reduction(monoid: "sum" | "prod" | "max" | "argmax"): Probe {
  const kernel: Kernel = { kind: "reduce", monoid, axes: [0] };
  const types = (dtype: DType) => ({ ins: [square(dtype)], outs: [{ dtype, shape: [4] }] });
  return { name: `reduce ${monoid}`, kernel, types };
}

function indexing(form: "take" | "takeAdjoint" | "takeAlong" | "scatterNd"): Probe {
  const kernel: Kernel = { kind: "index", form, axis: 0, mode: "clip" };
  const types = (dtype: DType) => {
    const along = form === "takeAlong";
    const indices: TensorType = { dtype: "int32", shape: along ? [4, 4] : [1, 4] };
    const gathered = {
      dtype,
      shape: form === "take" || form === "takeAdjoint" ? [1, 4, 4] : [4, 4],
    };
    const [data, other] = form === "take" ? [square(dtype), gathered] : [gathered, square(dtype)];
    return { ins: [data, indices], outs: [other] };
  };
  return { name: `index ${form}`, kernel, types };
}

function window(
  form: "convolve" | "convolveData" | "convolveWeight" | "poolSum" | "poolMax",
): Probe {
  const [ones, none] = [
    [1, 1],
    [0, 0],
  ];
  const geometry = { kernel: ones, stride: ones, dilate: ones, padLow: none, padHigh: none };
  const types = (dtype: DType) => {
    const weight = { dtype, shape: [1, 1, 1, 1] };
    if (form === "poolSum") return { ins: [image(dtype)], outs: [image(dtype)] };
    if (form === "poolMax") return { ins: [image(dtype)], outs: [image(dtype), image("int32")] };
    if (form === "convolveWeight") return { ins: [image(dtype), image(dtype)], outs: [weight] };
    return { ins: [image(dtype), weight], outs: [image(dtype)] };
  };
  return { name: `window ${form}`, kernel: { kind: "window", form, geometry, groups: 1 }, types };
}

function drawing(distribution: "uniform" | "randint"): Probe {
  const state = initialRandomState(0).type;
  const kernel: Kernel = { kind: "random", distribution, parameters: [0, 1] };
  const types = (dtype: DType) => ({ ins: [state], outs: [square(dtype), state] });
  return { name: `random ${distribution}`, kernel, types };
}

const probes: readonly Probe[] = [
  unary("view", { kind: "view", offset: 0, strides: rowMajorStrides([4, 4]) }),
  unary("pack concat", { kind: "pack", form: "concat", axis: 0 }),
  unary("pack pad", {
    kind: "pack",
    form: "pad",
    low: [0, 0],
    high: [0, 0],
    interior: [0, 0],
    value: 0,
  }),
  reduction("sum"),
  reduction("prod"),
  reduction("max"),
  reduction("argmax"),
  indexing("take"),
  indexing("takeAdjoint"),
  indexing("takeAlong"),
  indexing("scatterNd"),
  {
    name: "order sort",
    kernel: { kind: "order", form: "sort", axis: 0, ascending: true },
    types: (dtype) => ({ ins: [square(dtype)], outs: [square(dtype), positions] }),
  },
  unary("order scan", { kind: "order", form: "scan", monoid: "sum", axis: 0, reverse: false }),
  {
    name: "contract",
    kernel: {
      kind: "contract",
      batch: 1,
      m: 4,
      n: 4,
      k: 4,
      transposeA: false,
      transposeB: false,
    },
    types: (dtype) => ({ ins: [square(dtype), square(dtype)], outs: [square(dtype)] }),
  },
  window("convolve"),
  window("convolveData"),
  window("convolveWeight"),
  window("poolSum"),
  window("poolMax"),
  unary("linalg potrf", { kind: "linalg", form: "potrf" }),
  drawing("uniform"),
  drawing("randint"),
];

test("the dtypes that library functions take, by kind of kernel", () => {
  const taken = probes.map(({ name, kernel, types }) => {
    const own = dtypes.filter((dtype) => {
      const { ins, outs } = types(dtype);
      return prepareWasmKernel(kernel, ins, outs, libraries) !== undefined;
    });
    return `${name}: ${own.length === dtypes.length ? "all" : own.join(", ")}`;
  });
  expect(taken.join("\n")).toMatchInlineSnapshot(`
"view: all
pack concat: all
pack pad: all
reduce sum: all
reduce prod: all
reduce max: all
reduce argmax: all
index take: all
index takeAdjoint: all
index takeAlong: all
index scatterNd: all
order sort: all
order scan: all
contract: float32, float64, int32, int64
window convolve: float32, float64, int32
window convolveData: float32, float64, int32
window convolveWeight: float32, float64, int32
window poolSum: float32, float64, int32
window poolMax: float32, float64, int32
linalg potrf: float32, float64
random uniform: float32, float64, float16
random randint: int32, int64, int8, uint8"
`);
});

test("libraries call nothing outside: functions of other libraries, and no JavaScript", () => {
  const modules = libraries.modules();
  expect(modules.length).toBeGreaterThan(20);
  for (const { name, module, imports } of modules) {
    const called = WebAssembly.Module.imports(module).filter(({ kind }) => kind === "function");
    expect([name, ...called.map((one) => one.name)]).toEqual([name, ...Object.keys(imports)]);
    for (const { library } of Object.values(imports)) {
      expect(modules.map((one) => one.name)).toContain(library);
    }
  }
});
