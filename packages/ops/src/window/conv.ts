import {
  equalShapes,
  formatShape,
  type Kernel,
  type Operand,
  type Shape,
  ShapeError,
  type TensorType,
  tensorType,
  type WindowKernel,
} from "@adjoint/graph";
import { applyOne, defineOp, headOf, nth } from "../core/define.js";
import { sameDType } from "../core/shapes.js";
import { geometryOf, spatialShape, type WindowPlacement, windowCounts } from "./geometry.js";

/** Attributes of a convolution; lists have one entry per spatial axis. */
export type ConvAttrs = WindowPlacement & { groups: number };
/** `spatial`: lengths of the data's spatial axes, which strides leave open. */
export type ConvDataAttrs = ConvAttrs & { spatial: readonly number[] };
/** `kernel`: lengths of the weight's spatial axes. */
export type ConvWeightAttrs = ConvAttrs & { kernel: readonly number[] };

const attrKinds = {
  stride: "ints",
  dilate: "ints",
  padLow: "ints",
  padHigh: "ints",
  groups: "int",
} as const;

/**
 * The shape of data (batch, channels, ...spatial) convolved with a weight (filters, channels /
 * groups, ...kernel). Throws a ShapeError in the name of `op`.
 */
export function convShape(op: string, data: Shape, weight: Shape, attrs: ConvAttrs): Shape {
  const spatial = spatialShape(op, data);
  const channels = data[1] ?? 0;
  const perGroup = channels / attrs.groups;
  const filters = weight[0] ?? 0;
  const fits =
    weight.length === data.length && weight[1] === perGroup && filters % attrs.groups === 0;
  if (!fits) {
    const expected = [`filters`, `${perGroup}`, ...spatial.map(() => "kernel")].join(", ");
    const grouped = attrs.groups === 1 ? "" : `, channels and filters multiples of ${attrs.groups}`;
    throw new ShapeError({
      op,
      problem: "weight does not fit the data",
      received: `weight ${formatShape(weight)} for data ${formatShape(data)}`,
      allowed: `(${expected})${grouped}`,
    });
  }
  return [data[0] ?? 0, filters, ...windowCounts(op, spatial, weight.slice(2), attrs)];
}

function checkHead(op: string, head: Shape, expected: Shape): void {
  if (equalShapes(head, expected)) return;
  throw new ShapeError({
    op,
    problem: "head gradient does not fit",
    received: formatShape(head),
    allowed: formatShape(expected),
  });
}

function convDataShape(head: Shape, weight: Shape, { spatial, ...attrs }: ConvDataAttrs): Shape {
  const data = [head[0] ?? 0, (weight[1] ?? 0) * attrs.groups, ...spatial];
  checkHead("convData", head, convShape("convData", data, weight, attrs));
  return data;
}

function convWeightShape(data: Shape, head: Shape, { kernel, ...attrs }: ConvWeightAttrs): Shape {
  const weight = [head[1] ?? 0, (data[1] ?? 0) / attrs.groups, ...kernel];
  checkHead("convWeight", head, convShape("convWeight", data, weight, attrs));
  return weight;
}

function windowKernel(
  form: WindowKernel["form"],
  kernel: readonly number[],
  attrs: ConvAttrs,
): Kernel {
  return { kind: "window", form, geometry: geometryOf(kernel, attrs), groups: attrs.groups };
}

function pair(op: string, ins: readonly TensorType[]): readonly [Shape, Shape] {
  return [nth(op, ins, 0).shape, nth(op, ins, 1).shape];
}

// One trilinear form T(x, w, h) = sum over windows of x w h gives all three operators: each is the
// derivative of T in one of its arguments. So the gradient rules of each are the other two.
export const convOp = defineOp<ConvAttrs>({
  name: "conv",
  arity: 2,
  attrs: attrKinds,
  infer(ins, attrs) {
    return [tensorType(sameDType("conv", ins), convShape("conv", ...pair("conv", ins), attrs))];
  },
  vjp: {
    rule({ ins, heads, attrs }) {
      const [data, weight, head] = [nth("conv", ins, 0), nth("conv", ins, 1), headOf(heads)];
      return [
        convData(head, weight, { ...attrs, spatial: data.type.shape.slice(2) }),
        convWeight(data, head, { ...attrs, kernel: weight.type.shape.slice(2) }),
      ];
    },
  },
  kernel: (ins, attrs) => windowKernel("convolve", nth("conv", ins, 1).shape.slice(2), attrs),
  docs:
    "Cross-correlation of data (batch, channels, ...spatial) with a weight (filters, channels / " +
    "groups, ...kernel).",
});

export const convDataOp = defineOp<ConvDataAttrs>({
  name: "convData",
  arity: 2,
  attrs: { ...attrKinds, spatial: "ints" },
  infer(ins, attrs) {
    const shape = convDataShape(...pair("convData", ins), attrs);
    return [tensorType(sameDType("convData", ins), shape)];
  },
  vjp: {
    rule({ ins, heads, attrs: { spatial: _, ...attrs } }) {
      const [head, weight] = [nth("convData", ins, 0), nth("convData", ins, 1)];
      const data = headOf(heads);
      return [
        conv(data, weight, attrs),
        convWeight(data, head, { ...attrs, kernel: weight.type.shape.slice(2) }),
      ];
    },
  },
  kernel: (ins, attrs) =>
    windowKernel("convolveData", nth("convData", ins, 1).shape.slice(2), attrs),
  docs: "Adjoint of `conv` in its data: (head, weight) to data; a transposed convolution.",
});

export const convWeightOp = defineOp<ConvWeightAttrs>({
  name: "convWeight",
  arity: 2,
  attrs: { ...attrKinds, kernel: "ints" },
  infer(ins, attrs) {
    const shape = convWeightShape(...pair("convWeight", ins), attrs);
    return [tensorType(sameDType("convWeight", ins), shape)];
  },
  vjp: {
    rule({ ins, heads, attrs: { kernel: _, ...attrs } }) {
      const [data, head] = [nth("convWeight", ins, 0), nth("convWeight", ins, 1)];
      const weight = headOf(heads);
      return [
        convData(head, weight, { ...attrs, spatial: data.type.shape.slice(2) }),
        conv(data, weight, attrs),
      ];
    },
  },
  kernel: (_, attrs) => windowKernel("convolveWeight", attrs.kernel, attrs),
  docs: "Adjoint of `conv` in its weight: (data, head) to weight.",
});

/** Cross-correlation, as the IR has it. */
export function conv<T extends Operand<T>>(data: T, weight: T, attrs: ConvAttrs): T {
  return applyOne(convOp, [data, weight], attrs);
}

/** Transposed convolution to data with spatial axes `attrs.spatial`. */
export function convData<T extends Operand<T>>(head: T, weight: T, attrs: ConvDataAttrs): T {
  return applyOne(convDataOp, [head, weight], attrs);
}

/** Correlation of data with head gradients, to a weight with spatial axes `attrs.kernel`. */
export function convWeight<T extends Operand<T>>(data: T, head: T, attrs: ConvWeightAttrs): T {
  return applyOne(convWeightOp, [data, head], attrs);
}
