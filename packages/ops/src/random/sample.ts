import {
  ArgumentError,
  AttributeError,
  type AttrKind,
  type Attrs,
  type DType,
  DTypeError,
  equalTypes,
  formatShape,
  formatType,
  type OpDef,
  type Operand,
  type RandomKernel,
  type Shape,
  ShapeError,
  type TensorType,
  tensorType,
} from "@adjoint/graph";
import { apply, defineOp, nth } from "../core/define.js";
import { decimalFloat } from "./decimalFloat.js";

/** The type of a random state: the seed, then how many words each of 1024 + 1 engines has given. */
export const stateType = tensorType("float64", [1026]);

/** Element types of continuous distributions. */
export const sampleFloats: readonly DType[] = ["float32", "float64", "float16"];

/** What every sampler is told of its result. */
export type SampleAttrs = { shape: Shape; dtype: DType };

/** One distribution, with attributes `A`. */
export interface Distribution<A> {
  readonly attrs: { readonly [K in keyof A]: AttrKind };
  readonly dtypes: readonly DType[];
  /** The parameters in the order in which the kernel takes them. */
  parameters(attrs: A): readonly number[];
  /** Refuses parameters that make no distribution. */
  check(attrs: A): void;
  readonly docs: string;
}

/** What holds for all samplers. */
export const sampleDocs: readonly string[] = [
  "The first argument is a random state float64[1026]. Results: the sample, and the state to draw the next one from.",
  "Equal states give equal samples. Derivative: 0; a sample does not depend on its state smoothly.",
];

/** Parameters of a distribution as its samplers take them: MXNet's float32, or doubles for doubles. */
export function inPrecisionOf(dtype: DType, ...parameters: readonly number[]): readonly number[] {
  return dtype === "float64" ? parameters : parameters.map(decimalFloat);
}

/** An operator that draws samples of one distribution: (state) -> (sample, next state). */
export function sampleOp<A extends Attrs & SampleAttrs>(
  name: RandomKernel["distribution"],
  row: Distribution<A>,
): OpDef<A> {
  return defineOp<A>({
    name,
    arity: 1,
    attrs: row.attrs,
    infer(ins, attrs) {
      checkState(name, nth(name, ins, 0));
      checkResult(name, attrs, row.dtypes);
      row.check(attrs);
      return [tensorType(attrs.dtype, attrs.shape), stateType];
    },
    vjp: { none: "a sample does not depend on its state smoothly" },
    kernel: (_, attrs) => ({
      kind: "random",
      distribution: name,
      parameters: row.parameters(attrs),
    }),
    docs: [row.docs, ...sampleDocs].join("\n"),
  });
}

/** Draws a sample; gives it and the next state. */
export function draw<T extends Operand<T>>(
  op: OpDef,
  state: T,
  attrs: Attrs,
  parameters: readonly T[] = [],
): readonly [T, T] {
  const results = apply(op, [state, ...parameters], attrs);
  return [nth(op.name, results, 0), nth(op.name, results, 1)];
}

/** Refuses what is not a random state. */
export function checkState(op: string, state: TensorType): void {
  if (equalTypes(state, stateType)) return;
  throw new ArgumentError({
    op,
    problem: "argument is not a random state",
    received: formatType(state),
    allowed: formatType(stateType),
  });
}

/** Refuses a dtype that the distribution does not give, and a shape that is none. */
export function checkResult(
  op: string,
  { shape, dtype }: SampleAttrs,
  allowed: readonly DType[],
): void {
  if (!allowed.includes(dtype)) {
    throw new DTypeError({
      op,
      problem: "dtype is not one of this distribution",
      received: dtype,
      allowed: allowed.join(", "),
    });
  }
  if (shape.every((length) => length >= 0)) return;
  throw new ShapeError({
    op,
    problem: "shape has a negative length",
    received: formatShape(shape),
    allowed: "lengths of 0 or more",
  });
}

/** Refuses a parameter of a distribution that does not hold what it should. */
export function requireParameter(
  op: string,
  holds: boolean,
  problem: string,
  received: string,
  allowed: string,
): void {
  if (holds) return;
  throw new AttributeError({ op, problem, received, allowed });
}
