import {
  type AttrKind,
  type Attrs,
  GraphError,
  type KernelKind,
  type TensorType,
} from "@adjoint/graph";
import { operators, registry } from "../src/index.js";
import { expectError } from "./support.js";

const kinds: { readonly [K in AttrKind]: true } = {
  number: true,
  int: true,
  bool: true,
  string: true,
  dtype: true,
  ints: true,
  numbers: true,
  graph: true,
  any: true,
};

describe.each(registry.names)("%s", (name) => {
  const op = registry.get(name);

  test("has the name that it is found by, a name that fits dumps and files", () => {
    expect(op.name).toBe(name);
    expect(name).toMatch(/^[A-Za-z][A-Za-z0-9]*$/);
  });

  test("is documented, in sentences", () => {
    expect(op.docs).toMatch(/^\S.*[.`]$/s);
  });

  test("declares attributes of known kinds", () => {
    for (const kind of Object.values(op.attrs)) expect(kinds).toHaveProperty(kind);
  });

  test("is run by a kernel or made of others, not both", () => {
    expect(op.kernel === undefined).not.toBe(op.compose === undefined);
  });

  test("has a derivative, or says why not", () => {
    const { vjp } = op;
    if (vjp === undefined) expect(op.compose).toBeDefined();
    else if ("none" in vjp) expect(vjp.none).not.toBe("");
    else expect(vjp.rule).toBeInstanceOf(Function);
  });

  test("takes a number of arguments that exists", () => {
    const { arity } = op;
    if (typeof arity === "number") expect(arity).toBeGreaterThanOrEqual(0);
    else expect(arity.max ?? Infinity).toBeGreaterThanOrEqual(arity.min);
  });
});

const float = (...shape: readonly number[]): TensorType => ({ dtype: "float32", shape });
const state: TensorType = { dtype: "float64", shape: [1026] };

/** For each kind of kernel one operator with arguments. */
const examples: {
  readonly [K in KernelKind]: readonly [op: string, ins: readonly TensorType[], attrs: Attrs];
} = {
  map: ["add", [float(2), float(2)], {}],
  reduce: ["sum", [float(2)], { axes: [0], keepdims: false }],
  contract: ["dot", [float(2, 3), float(3, 4)], { transposeA: false, transposeB: false }],
  window: [
    "conv",
    [float(1, 1, 4), float(1, 1, 2)],
    { stride: [1], dilate: [1], padLow: [0], padHigh: [0], groups: 1 },
  ],
  view: ["transpose", [float(2, 3)], { axes: [1, 0] }],
  pack: ["concat", [float(2), float(3)], { axis: 0 }],
  index: ["take", [float(4), float(2)], { axis: 0, mode: "clip" }],
  order: ["sort", [float(4)], { axis: 0, ascending: true }],
  linalg: ["potrf", [float(2, 2)], {}],
  random: ["uniform", [state], { low: 0, high: 1, shape: [2], dtype: "float32" }],
  call: [
    "customFunctionBackward",
    [float(2)],
    { key: 0, name: "f", shapes: [[2]], dtypes: ["float32"] },
  ],
};

test.each(Object.entries(examples))("kernels of kind %s have an operator", (kind, example) => {
  const [name, ins, attrs] = example;
  const op = registry.get(name);
  expect(op.kernel?.(ins, attrs, op.infer(ins, attrs)).kind).toBe(kind);
});

test("every operator is registered once, and a misspelt name gets a suggestion", () => {
  expect(registry.names).toEqual(operators.map(({ name }) => name));
  expectError(
    () => registry.get("reshap"),
    GraphError,
    "reshap: unknown operator (allowed: reshape)",
  );
});
