import { Builder, type Graph, type Value } from "@adjoint/graph";
import fc from "fast-check";
import { add, apply, fill, mul, neg, reshape, sortOp, squareOp, sub } from "./testOps.js";

/** One step of a random program; numbers choose among the values so far. */
interface Step {
  readonly kind:
    | "add"
    | "sub"
    | "mul"
    | "neg"
    | "reshape"
    | "fill"
    | "literal"
    | "sort"
    | "square"
    | "constant";
  readonly a: number;
  readonly b: number;
  readonly number: number;
  readonly scope: string | undefined;
}

const size = 4;
const shapes = [[4], [2, 2], [4, 1], [1, 4]] as const;

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    "add",
    "sub",
    "mul",
    "neg",
    "reshape",
    "fill",
    "literal",
    "sort",
    "square",
    "constant",
  ),
  a: fc.nat(1000),
  b: fc.nat(1000),
  number: fc.oneof(fc.double(), fc.constantFrom(0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY)),
  scope: fc.option(fc.constantFrom("mlp", "mlp/dense1", 'odd "scope"\n<b>'), { nil: undefined }),
});

function pick<T>(items: readonly T[], choice: number): T {
  const item = items[choice % items.length];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

/** Two values of one shape, one of them reshaped where they differ. */
function pair(values: readonly Value[], { a, b }: Step): readonly [Value, Value] {
  const x = pick(values, a);
  const y = pick(values, b);
  return [x, y.type.shape.length === 0 || x.type.shape.length === 0 ? y : reshape(y, x.type.shape)];
}

function perform(builder: Builder, values: readonly Value[], step: Step): Value {
  const { kind, a, number } = step;
  const x = pick(values, a);
  switch (kind) {
    case "add":
      return add(...pair(values, step));
    case "sub":
      return sub(...pair(values, step));
    case "mul":
      return mul(...pair(values, step));
    case "neg":
      return neg(x);
    case "reshape":
      return x.type.shape.length === 0 ? x : reshape(x, pick(shapes, step.b));
    case "fill":
      return fill(x, pick(shapes, step.b), number);
    case "literal":
      return fill(x, [], number);
    case "sort":
      return apply(sortOp, [x], { ascending: step.b % 2 === 0 });
    case "square":
      return apply(squareOp, [x]);
    case "constant": {
      const data = new Float32Array(size).fill(number);
      data[0] = step.b;
      return builder.constant(data, { dtype: "float32", shape: [size] });
    }
    default:
      return kind satisfies never;
  }
}

/** Programs over float32 values of 4 elements or none, with scopes, sites, constants and odd numbers. */
export const arbitraryGraph: fc.Arbitrary<Graph> = fc
  .record({
    steps: fc.array(step, { maxLength: 30 }),
    outputs: fc.array(fc.nat(1000), { minLength: 1, maxLength: 3 }),
    name: fc.string(),
  })
  .map(({ steps, outputs, name }) => {
    const builder = new Builder(name);
    const values = [builder.input("x", { dtype: "float32", shape: [size] })];
    values.push(builder.input("y", { dtype: "float32", shape: [2, 2] }));
    steps.forEach((one, line) => {
      const origin = { scope: one.scope, site: `model.ts:${line + 1}` };
      values.push(builder.within(origin, () => perform(builder, values, one)));
    });
    outputs.forEach((choice, position) => {
      builder.output(`out${position}`, pick(values, choice));
    });
    return builder.finish();
  });
