import {
  ArgumentError,
  AttributeError,
  type DType,
  GradientError,
  isDType,
  type Shape,
  type TensorType,
  tensorType,
  type Value,
} from "@adjoint/graph";
import { apply, defineOp, nth } from "../core/define.js";
import { zerosOf } from "../elementwise/full.js";

export type CustomFunctionAttrs = {
  /** Under which whoever runs the program keeps the user's backward function. */
  key: number;
  /** The user's name for the function. */
  name: string;
  /** How many of the arguments are the function's inputs; the others are its results, computed already. */
  inputs: number;
};

export type CustomFunctionBackwardAttrs = {
  key: number;
  name: string;
  /** Types of the results, as parallel lists. */
  shapes: readonly Shape[];
  dtypes: readonly DType[];
};

export const customFunctionOp = defineOp<CustomFunctionAttrs>({
  name: "customFunction",
  arity: { min: 2 },
  attrs: { key: "int", name: "string", inputs: "int" },
  infer(ins, { name, inputs }) {
    if (inputs >= 1 && inputs < ins.length) return ins.slice(inputs);
    throw new ArgumentError({
      op: "customFunction",
      problem: `${name} needs at least one input and one result`,
      received: `${inputs} inputs among ${ins.length} arguments`,
      allowed: `1 to ${ins.length - 1} inputs`,
    });
  },
  vjp: {
    rule({ ins, outs, heads, attrs: { key, name, inputs } }) {
      const given = outs.map((out, position) => heads[position] ?? zerosOf(out));
      const types = ins.slice(0, inputs).map(({ type }) => type);
      return customFunctionBackward(given, types, { key, name });
    },
  },
  compose: (ins, { inputs }) => ins.slice(inputs),
  docs: [
    "The results of a function with a gradient of its own: arguments are its `inputs` inputs, then its results.",
    "Derivative: `customFunctionBackward` of the same `key`; the results among the arguments get none.",
  ].join("\n"),
});

function checkTypes({ shapes, dtypes }: CustomFunctionBackwardAttrs): void {
  const fits =
    Array.isArray(shapes) &&
    Array.isArray(dtypes) &&
    shapes.length === dtypes.length &&
    shapes.every((shape) => Array.isArray(shape) && shape.every(Number.isInteger)) &&
    dtypes.every(isDType);
  if (fits) return;
  throw new AttributeError({
    op: "customFunctionBackward",
    problem: "shapes and dtypes do not describe the results",
    received: JSON.stringify({ shapes, dtypes }),
    allowed: "two lists of equal length",
  });
}

export const customFunctionBackwardOp = defineOp<CustomFunctionBackwardAttrs>({
  name: "customFunctionBackward",
  arity: { min: 1 },
  attrs: { key: "int", name: "string", shapes: "any", dtypes: "any" },
  infer(_, attrs) {
    checkTypes(attrs);
    return attrs.dtypes.map((dtype, result) =>
      tensorType(dtype, nth("customFunctionBackward", attrs.shapes, result)),
    );
  },
  vjp: {
    rule({ attrs: { name } }): never {
      throw new GradientError({
        op: name,
        problem: "the backward of a custom function has no derivative as a part of a graph",
        allowed: "autograd.grad with createGraph: true, which records what backward computes",
      });
    },
  },
  kernel: (_, { key }) => ({ kind: "call", form: "host", key }),
  docs: [
    "Runs a user's backward function: one head gradient per result in, one gradient per input out.",
    "The function is the host's, found by `key` when the program runs. Asking for its derivative throws a GradientError.",
  ].join("\n"),
});

function customFunctionBackward(
  heads: readonly Value[],
  types: readonly TensorType[],
  { key, name }: Pick<CustomFunctionBackwardAttrs, "key" | "name">,
): readonly Value[] {
  const [first, ...rest] = heads;
  if (first === undefined) throw new Error(`${name}: no head gradients`);
  return apply(customFunctionBackwardOp, [first, ...rest], {
    key,
    name,
    shapes: types.map(({ shape }) => shape),
    dtypes: types.map(({ dtype }) => dtype),
  });
}
