import {
  type BinaryFunction,
  type CallKernel,
  createRegistry,
  type Kernel,
  type OpDef,
  type PrimitiveOp,
  rowMajorStrides,
  scalar,
  sizeOf,
  type TensorType,
  type Value,
} from "@adjoint/graph";
import { evaluateNode, type Tensor } from "../src/index.js";

const docs = "Exists for the tests of this package.";
const vjp = { none: "tests do not differentiate it" };

/** An operator that is one given kernel with given result types. */
export function opOf(kernel: Kernel, outs: readonly TensorType[], name = "probe"): OpDef {
  return { name, arity: { min: 0 }, attrs: {}, infer: () => outs, vjp, kernel: () => kernel, docs };
}

/** Runs one kernel. */
export function runKernel(
  kernel: Kernel,
  ins: readonly Tensor[],
  outs: readonly TensorType[],
  name?: string,
): Tensor[] {
  return evaluateNode(opOf(kernel, outs, name), ins, {}, outs);
}

/** Runs one kernel with a single result and gives its data. */
export function runOne(kernel: Kernel, ins: readonly Tensor[], out: TensorType): Tensor["data"] {
  return first(runKernel(kernel, ins, [out])).data;
}

export function first<T>(list: readonly T[]): T {
  const [element] = list;
  if (element === undefined) throw new Error("empty list");
  return element;
}

function binaryOp(name: BinaryFunction): PrimitiveOp {
  return {
    name,
    arity: 2,
    attrs: {},
    infer: (ins) => [first(ins)],
    vjp,
    kernel: (ins) => {
      const { dtype } = first(ins);
      const expr = scalar.binary(name, scalar.arg(0, dtype), scalar.arg(1, dtype));
      return { kind: "map", expr };
    },
    docs,
  };
}

export const add = binaryOp("add");
export const div = binaryOp("div");

export const neg: PrimitiveOp = {
  name: "neg",
  arity: 1,
  attrs: {},
  infer: (ins) => [first(ins)],
  vjp,
  kernel: (ins) => ({ kind: "map", expr: scalar.unary("neg", scalar.arg(0, first(ins).dtype)) }),
  docs,
};

/** All elements in one axis: a view that only changes the shape. */
export const flatten: PrimitiveOp = {
  name: "flatten",
  arity: 1,
  attrs: {},
  infer: (ins) => [{ dtype: first(ins).dtype, shape: [sizeOf(first(ins).shape)] }],
  vjp,
  kernel: (_ins, _attrs, outs) => ({
    kind: "view",
    offset: 0,
    strides: rowMajorStrides(first(outs).shape),
  }),
  docs,
};

/** The elements of one axis in reverse: a view that moves them. */
export const reverse: PrimitiveOp = {
  name: "reverse",
  arity: 1,
  attrs: {},
  infer: (ins) => [first(ins)],
  vjp,
  kernel: (ins) => ({ kind: "view", offset: sizeOf(first(ins).shape) - 1, strides: [-1] }),
  docs,
};

/** Values in order and where they were: two results. */
export const sorted: PrimitiveOp = {
  name: "sorted",
  arity: 1,
  attrs: {},
  infer: (ins) => [first(ins), { dtype: "int32", shape: first(ins).shape }],
  vjp,
  kernel: () => ({ kind: "order", form: "sort", axis: 0, ascending: true }),
  docs,
};

/** x + x as a composite. */
export const double: OpDef = {
  name: "double",
  arity: 1,
  attrs: {},
  infer: (ins) => [first(ins)],
  compose: (ins) => first(ins).emitter.emit(add, [first(ins), first(ins)], {}),
  docs,
};

/** A `call` of a graph or host function with the types of its argument. */
export function callOf(call: CallKernel, name = "call"): OpDef {
  return {
    name,
    arity: 1,
    attrs: {},
    infer: (ins) => [first(ins)],
    vjp,
    kernel: () => call,
    docs,
  };
}

export const testOps = [add, div, neg, flatten, reverse, sorted, double];

export const testRegistry = createRegistry(testOps);

/** Applies an operator to values of a graph; gives the first result. */
export function apply(op: OpDef, ...ins: Value[]): Value {
  return first(first(ins).emitter.emit(op, ins, {}));
}
