import { sizeOf, type TensorType, type WindowKernel } from "@adjoint/graph";
import fc from "fast-check";
import { createTensor, type Tensor } from "../../src/index.js";
import { prepareWindow, type WindowLibrary, windowLibrary } from "../../src/wasm/window/index.js";
import type { WindowElement } from "../../src/wasm/window/windowElement.js";
import { runKernel } from "../testOps.js";
import { engines, expectSame, WasmArena } from "./wasmArena.js";

const types: WindowElement[] = ["float32", "float64", "int32"];

const arena = new WasmArena();

const libraries = engines.flatMap(([name, engine]) => {
  const all = arena.libraries(engine);
  return types.map((type): [string, WindowLibrary] => [
    `${type}, ${name}`,
    windowLibrary(all, type),
  ]);
});

/** Elements whose sums of products are exact in all types. */
function small(type: TensorType, seed: number): Tensor {
  const length = sizeOf(type.shape);
  return createTensor(
    type,
    Array.from({ length }, (_, i) => ((i * 7 + seed * 3) % 13) - 6),
  );
}

/** Elements whose sums of products are rounded. */
function rough(type: TensorType, seed: number): Tensor {
  const length = sizeOf(type.shape);
  return createTensor(
    type,
    Array.from({ length }, (_, i) => Math.sin(i * 1.7 + seed) * 99),
  );
}

interface Axis {
  readonly data: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilate: number;
  readonly padLow: number;
  readonly padHigh: number;
}

interface Case {
  readonly axes: readonly Axis[];
  readonly batch: number;
  readonly groups: number;
  readonly channels: number;
  readonly filters: number;
}

const upTo = (max: number, min = 1) => fc.integer({ min, max });

function axisUpTo(length: number): fc.Arbitrary<Axis> {
  const axis = fc.record({
    data: upTo(length, 0),
    kernel: upTo(4),
    stride: upTo(3),
    dilate: upTo(2),
    padLow: upTo(4, 0),
    padHigh: upTo(4, 0),
  });
  return axis.filter((one) => resultLength(one) > 0);
}

function resultLength({ data, kernel, stride, dilate, padLow, padHigh }: Axis): number {
  const reach = (kernel - 1) * dilate + 1;
  return Math.floor((data + padLow + padHigh - reach) / stride) + 1;
}

const cases: fc.Arbitrary<Case> = fc.record({
  axes: fc.oneof(
    fc.tuple(axisUpTo(30)),
    fc.tuple(axisUpTo(9), axisUpTo(14)),
    fc.tuple(axisUpTo(4), axisUpTo(5), axisUpTo(6)),
  ),
  batch: upTo(3, 0),
  groups: upTo(3),
  channels: upTo(3),
  filters: upTo(9),
});

function geometryOf(axes: readonly Axis[]) {
  const each = (field: keyof Axis) => axes.map((axis) => axis[field]);
  return {
    kernel: each("kernel"),
    stride: each("stride"),
    dilate: each("dilate"),
    padLow: each("padLow"),
    padHigh: each("padHigh"),
  };
}

type Form = WindowKernel["form"];
const convolutions: Form[] = ["convolve", "convolveData", "convolveWeight"];
const poolings: Form[] = ["poolSum", "poolSumAdjoint", "poolMax"];

interface Signature {
  readonly ins: readonly TensorType[];
  readonly outs: readonly TensorType[];
}

function signatureOf(form: Form, dtype: WindowElement, of: Case): Signature {
  const { axes, batch, groups } = of;
  const channels = of.channels * groups;
  const space = axes.map(({ data }) => data);
  const resultSpace = axes.map(resultLength);
  const kernel = axes.map((axis) => axis.kernel);
  const filters = of.filters * groups;
  const data = { dtype, shape: [batch, channels, ...space] };
  const weight = { dtype, shape: [filters, of.channels, ...kernel] };
  const result = { dtype, shape: [batch, filters, ...resultSpace] };
  const pooled = { dtype, shape: [batch, channels, ...resultSpace] };
  switch (form) {
    case "convolve":
      return { ins: [data, weight], outs: [result] };
    case "convolveData":
      return { ins: [result, weight], outs: [data] };
    case "convolveWeight":
      return { ins: [data, result], outs: [weight] };
    case "poolSum":
      return { ins: [data], outs: [pooled] };
    case "poolSumAdjoint":
      return { ins: [pooled], outs: [data] };
    case "poolMax":
      return { ins: [data], outs: [pooled, { dtype: "int32", shape: pooled.shape }] };
    default:
      return form satisfies never;
  }
}

function prepared(form: Form, of: Case, { ins, outs }: Signature, library: WindowLibrary) {
  const { axes, groups } = of;
  const geometry = geometryOf(axes);
  const kernel: WindowKernel = { kind: "window", form, geometry, groups };
  return { kernel, call: prepareWindow(kernel, ins, outs, library) };
}

function compare(form: Form, of: Case, library: WindowLibrary): void {
  const signature = signatureOf(form, library.element.type, of);
  const { kernel, call } = prepared(form, of, signature, library);
  const ins = signature.ins.map(small);
  const results = arena.run([call], ins, signature.outs);
  expectSame(results, runKernel(kernel, ins, signature.outs));
}

const sample = { batch: 16, groups: 1, channels: 16, filters: 8 };
const laneFunctions: readonly [Form, string][] = [
  ["convolve", "convolveLanes"],
  ["convolveData", "convolveLanes"],
  ["convolveWeight", "convolveWeightLanes"],
];

const axis2d = { dilate: 1, padLow: 0, padHigh: 0, stride: 1 };
const square = (data: number, kernel: number, more: Partial<Axis> = {}): Axis[] => {
  const axis = { ...axis2d, data, kernel, ...more };
  return [axis, axis];
};

const named: [string, Case][] = [
  [
    "LeNet's first layer",
    {
      axes: square(28, 5, { padLow: 2, padHigh: 2 }),
      batch: 2,
      groups: 1,
      channels: 1,
      filters: 6,
    },
  ],
  [
    "many steps and columns",
    {
      axes: square(24, 3, { padLow: 1, padHigh: 1 }),
      batch: 1,
      groups: 1,
      channels: 31,
      filters: 7,
    },
  ],
  ["kernels of one cell", { axes: square(6, 1), batch: 2, groups: 1, channels: 5, filters: 8 }],
  [
    "kernels of one cell with a stride",
    { axes: square(7, 1, { stride: 2 }), batch: 2, groups: 1, channels: 3, filters: 4 },
  ],
  [
    "one image, kernels of one cell with strides along some axes",
    {
      axes: [
        { ...axis2d, data: 5, kernel: 1, stride: 2 },
        { ...axis2d, data: 6, kernel: 3, stride: 2, padLow: 1 },
        { ...axis2d, data: 10, kernel: 1, stride: 3 },
      ],
      batch: 1,
      groups: 1,
      channels: 3,
      filters: 4,
    },
  ],
  [
    "windows that meet nothing but padding",
    {
      axes: square(2, 2, { padLow: 5, padHigh: 4, stride: 2 }),
      batch: 1,
      groups: 1,
      channels: 2,
      filters: 2,
    },
  ],
  ["one window", { axes: square(5, 5), batch: 3, groups: 1, channels: 2, filters: 3 }],
  [
    "depthwise",
    { axes: square(8, 3, { padLow: 1, padHigh: 1 }), batch: 2, groups: 6, channels: 1, filters: 1 },
  ],
  ["no images", { axes: square(4, 3), batch: 0, groups: 1, channels: 2, filters: 3 }],
  ["no filters", { axes: square(4, 3), batch: 2, groups: 1, channels: 2, filters: 0 }],
  [
    "a stride beyond the kernel",
    { axes: square(9, 2, { stride: 3, padLow: 1 }), batch: 9, groups: 2, channels: 2, filters: 3 },
  ],
  ["many small images", { axes: square(5, 3), batch: 40, groups: 1, channels: 3, filters: 2 }],
  [
    "windows that reach far over the ends",
    {
      axes: square(10, 5, { padLow: 4, padHigh: 4 }),
      batch: 3,
      groups: 1,
      channels: 16,
      filters: 7,
    },
  ],
  [
    "windows that reach over the ends of three axes",
    {
      axes: [3, 7, 5].map((data) => ({
        ...axis2d,
        data,
        kernel: 3,
        dilate: 2,
        padLow: 3,
        padHigh: 4,
      })),
      batch: 2,
      groups: 2,
      channels: 9,
      filters: 6,
    },
  ],
  [
    "chunks of images, the last one smaller",
    {
      axes: square(2, 3, { padLow: 1, padHigh: 1 }),
      batch: 70,
      groups: 1,
      channels: 2,
      filters: 5,
    },
  ],
  [
    "small images with many steps",
    {
      axes: square(3, 3, { padLow: 1, padHigh: 1 }),
      batch: 9,
      groups: 1,
      channels: 70,
      filters: 13,
    },
  ],
  [
    "depthwise with a stride",
    {
      axes: square(9, 3, { padLow: 1, padHigh: 1, stride: 2 }),
      batch: 7,
      groups: 5,
      channels: 1,
      filters: 1,
    },
  ],
  [
    "groups of small images",
    {
      axes: square(4, 2, { stride: 2, dilate: 2, padLow: 1 }),
      batch: 6,
      groups: 3,
      channels: 2,
      filters: 2,
    },
  ],
  ["no channels", { axes: square(4, 3), batch: 2, groups: 1, channels: 0, filters: 3 }],
];

const image = { batch: 1, groups: 1, channels: 1, filters: 1 };

/** Many planes in chunks, the last one smaller, and planes whose rows are vectors. */
const pools: [string, Case][] = [
  ["many planes", { ...image, axes: square(5, 3, { stride: 2, padLow: 1 }), channels: 71 }],
  ["one window over all", { ...image, axes: square(7, 7), batch: 3, channels: 13 }],
  [
    "rows of vectors",
    {
      ...image,
      axes: [
        { ...axis2d, data: 9, kernel: 3, padLow: 2, padHigh: 4 },
        { ...axis2d, data: 43, kernel: 3, padLow: 1, padHigh: 2 },
      ],
    },
  ],
  [
    "rows of vectors, two elements apart",
    {
      ...image,
      axes: [
        { ...axis2d, data: 9, kernel: 3, stride: 3, padHigh: 2 },
        { ...axis2d, data: 69, kernel: 5, stride: 2, dilate: 2, padLow: 3, padHigh: 3 },
      ],
    },
  ],
  [
    "rows of vectors, three elements apart",
    {
      ...image,
      axes: [{ ...axis2d, data: 101, kernel: 4, stride: 3, padLow: 2, padHigh: 2 }],
      channels: 3,
    },
  ],
  [
    "windows beyond the end",
    {
      ...image,
      axes: square(6, 2, { stride: 2, padHigh: 5 }),
      channels: 6,
    },
  ],
];

describe.each(libraries)("%s", (_name, library) => {
  test("several small images are lanes of vectors, large ones are not", () => {
    const functionsOf = (form: Form, of: Case) => {
      const { calls } = prepared(
        form,
        of,
        signatureOf(form, library.element.type, of),
        library,
      ).call;
      return calls.map(({ target }) => target.name);
    };
    const small = { ...sample, axes: square(5, 3, { stride: 2 }) };
    const large = { ...sample, axes: square(64, 3), filters: 16 };
    for (const [form, name] of laneFunctions) {
      expect(functionsOf(form, small)).toContain(name);
      expect(functionsOf(form, large)).not.toContain(name);
      expect(functionsOf(form, { ...small, batch: 1 })).not.toContain(name);
    }
  });

  test.each(convolutions)("%s of random geometry is the interpreter's", (form) => {
    fc.assert(
      fc.property(cases, (of) => compare(form, of, library)),
      { numRuns: 40 },
    );
  });

  test.each(named)("%s", (_case, of) => {
    for (const form of convolutions) compare(form, of, library);
  });

  test.each(named)("%s, infinite in places", (_case, of) => {
    if (library.element.type === "int32") return;
    for (const form of convolutions) {
      const signature = signatureOf(form, library.element.type, of);
      const { kernel, call } = prepared(form, of, signature, library);
      const ins = signature.ins.map(infinite);
      expectSame(arena.run([call], ins, signature.outs), runKernel(kernel, ins, signature.outs));
    }
  });

  test.each(pools)("%s", (_case, of) => {
    for (const form of poolings) compare(form, of, library);
  });

  test("planes of pooling are lanes of vectors where they are small and many", () => {
    const functionsOf = (form: Form, of: Case) => {
      const { calls } = prepared(
        form,
        of,
        signatureOf(form, library.element.type, of),
        library,
      ).call;
      return calls.map(({ target }) => target.name);
    };
    const small = { ...sample, axes: square(9, 3, { stride: 2 }) };
    const large = { ...sample, axes: square(200, 2, { stride: 2 }) };
    for (const form of poolings) {
      expect(functionsOf(form, small)).toContain(`${form}Lanes`);
      expect(functionsOf(form, large)).toContain(form);
      expect(functionsOf(form, { ...small, batch: 1, channels: 1 })).toContain(form);
    }
    const overlapping = { ...sample, axes: square(120, 3, { stride: 2 }) };
    expect(functionsOf("poolSumAdjoint", overlapping)).toContain("poolSumAdjointLanes");
  });

  test.each(poolings)("%s of random geometry is the interpreter's", (form) => {
    fc.assert(
      fc.property(cases, (of) => compare(form, of, library)),
      { numRuns: 40 },
    );
  });

  test.each([...convolutions, ...poolings])(
    "any split of %s leaves the bits of the whole",
    (form) => {
      fc.assert(
        fc.property(cases, upTo(6), (of, parts) => {
          const signature = signatureOf(form, library.element.type, of);
          const { call } = prepared(form, of, signature, library);
          const ins = signature.ins.map(rough);
          const whole = arena.run([call], ins, signature.outs);
          expectSame(arena.run(call.split(parts), ins, signature.outs), whole);
        }),
        { numRuns: 8 },
      );
    },
  );
});

test.each(libraries)("what windows do not meet is not part of sums: %s", (_name, library) => {
  const dtype = library.element.type;
  if (dtype === "int32") return;
  // Neither the last column of the data nor what follows a row may get into the sums of another.
  const of = {
    axes: [
      { ...axis2d, data: 5, kernel: 2 },
      { ...axis2d, data: 11, kernel: 2, stride: 2 },
    ],
    batch: 2,
    groups: 1,
    channels: 2,
    filters: 3,
  };
  const { POSITIVE_INFINITY: inf } = Number;
  for (const form of convolutions) {
    const signature = signatureOf(form, dtype, of);
    const { kernel, call } = prepared(form, of, signature, library);
    const ins = signature.ins.map((type, arg) => {
      const finite = Array.from(small(type, arg).data, Number);
      const numbers = finite.map((x, i) => (arg === 0 && i % 8 === 0 ? inf : x));
      return createTensor(type, numbers);
    });
    expectSame(arena.run([call], ins, signature.outs), runKernel(kernel, ins, signature.outs));
  }
});

/** Infinite in places, each of which meets the zeros around the data in some window. */
function infinite(type: TensorType, seed: number): Tensor {
  const numbers = Array.from(small(type, seed).data, Number);
  return createTensor(
    type,
    numbers.map((x, i) => (i % 7 === 2 ? Number.NEGATIVE_INFINITY : x)),
  );
}

test.each(libraries)("infinities do not meet the padding: %s", (_name, library) => {
  const dtype = library.element.type;
  if (dtype === "int32") return;
  const form = fc.constantFrom(...convolutions);
  fc.assert(
    fc.property(cases, upTo(3), form, upTo(1, 0), (of, parts, form, which) => {
      const signature = signatureOf(form, dtype, of);
      const { kernel, call } = prepared(form, of, signature, library);
      const ins = signature.ins.map((type, arg) => (arg === which ? infinite : small)(type, arg));
      const results = arena.run(call.split(parts), ins, signature.outs);
      expectSame(results, runKernel(kernel, ins, signature.outs));
    }),
    { numRuns: 60 },
  );
});

test.each(libraries)("integers wrap modulo 2^32: %s", (_name, library) => {
  if (library.element.type !== "int32") return;
  const of = { axes: square(4, 2), batch: 2, groups: 1, channels: 2, filters: 3 };
  for (const form of convolutions) {
    const signature = signatureOf(form, "int32", of);
    const { kernel, call } = prepared(form, of, signature, library);
    const ins = signature.ins.map((type, arg) => {
      const numbers = Array.from(small(type, arg).data, Number);
      return createTensor(
        type,
        numbers.map((x, i) => (i % 3 === 0 ? 2_000_000_001 : x)),
      );
    });
    expectSame(arena.run([call], ins, signature.outs), runKernel(kernel, ins, signature.outs));
  }
});

describe("maxima", () => {
  const of = {
    axes: [{ ...axis2d, data: 12, kernel: 2, stride: 1 }],
    batch: 1,
    groups: 1,
    channels: 1,
    filters: 1,
  };
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
  const values = [1, nan, nan, 3, 3, -inf, -inf, 0, -0, inf, inf, nan];

  test.each(libraries)("NaN wins, the first of equals counts: %s", (_name, library) => {
    const dtype = library.element.type;
    const signature = signatureOf("poolMax", dtype, of);
    const { call } = prepared("poolMax", of, signature, library);
    const numbers = dtype === "int32" ? values.map((value) => Math.trunc(value) | 0) : values;
    const data = createTensor({ dtype, shape: [1, 1, 12] }, numbers);
    const [maxima, positions] = arena.run([call], [data], signature.outs);
    if (dtype === "int32") {
      expect(Array.from(positions?.data ?? [], Number)).toEqual([0, 1, 3, 3, 4, 5, 6, 7, 8, 9, 10]);
      return;
    }
    expect(Array.from(maxima?.data ?? [], Number)).toEqual([
      nan,
      nan,
      nan,
      3,
      3,
      -inf,
      0,
      0,
      inf,
      inf,
      nan,
    ]);
    expect(Array.from(positions?.data ?? [], Number)).toEqual([1, 1, 2, 3, 4, 5, 7, 7, 9, 9, 11]);
  });
});
