import { gradient } from "@adjoint/autograd";
import {
  ArgumentError,
  AttributeError,
  Builder,
  GradientError,
  type Graph,
  GraphError,
  nodesOf,
  type TensorType,
  type Value,
} from "@adjoint/graph";
import { createTensor, type Tensor, toNumbers } from "@adjoint/runtime";
import { customFunctionBackwardOp, customFunctionOp } from "../src/control/customFunction.js";
import { apply, fronts, registry } from "../src/index.js";
import {
  evaluate,
  evaluateAll,
  expectDerivatives,
  expectError,
  given,
  irregular,
  record,
  run,
} from "./support.js";

const { add, exp, mul, sum } = fronts;
const pair: TensorType = { dtype: "float64", shape: [2] };

/** x * eˣ, and x itself. */
const body = record((x) => [mul(x, exp(x)), x], [given([0, 0])]);

function call(graph: Graph, ...[x, ...rest]: [Value, ...Value[]]): readonly Value[] {
  return apply(registry.get("call"), [x, ...rest], { graph, name: "body" });
}

describe("call", () => {
  test("applies its graph", () => {
    const [y, x] = evaluateAll((value) => call(body, value), given([0, 1]));
    expect(y?.data).toEqual([0, Math.E]);
    expect(x?.data).toEqual([0, 1]);
  });

  test("is one node until it is expanded, with the types of the graph's outputs", () => {
    const graph = record((x) => call(body, x), [irregular([2])]);
    expect(nodesOf(graph).map(({ op, types }) => [op, types])).toEqual([["call", [pair, pair]]]);
  });

  test("is differentiable twice, also nested", () => {
    expectDerivatives((x) => call(body, x), [irregular([2])]);
    const outer = record((x) => mul(call(body, x)[0] ?? x, x), [irregular([2])]);
    expectDerivatives((x) => call(outer, x), [irregular([2])]);
  });

  test("brings the constants of its graph along", () => {
    const inner = new Builder("shift");
    const x = inner.input("x", pair);
    inner.output("y", add(x, inner.constant(Float64Array.of(10, 20), pair)));
    const builder = new Builder("outer");
    const attrs = { graph: inner.finish(), name: "shift" };
    const [y] = registry.get("call").compose?.([builder.input("x", pair)], attrs) ?? [];
    if (y === undefined) throw new Error("call gave nothing");
    builder.output("y", y);
    expect(run(builder.finish(), [given([1, 2])])).toEqual([given([11, 22])]);
  });

  test("brings the constants of its graph along when a pass expands it", () => {
    const inner = new Builder("shift");
    const x = inner.input("x", pair);
    inner.output("y", add(x, inner.constant(Float64Array.of(10, 20), pair)));
    const graph = record((v) => call(inner.finish(), v), [given([1, 2])]);
    expect(run(graph, [given([1, 2])])).toEqual([given([11, 22])]);
    expectDerivatives((v) => call(inner.finish(), v), [irregular([2])]);
  });

  test("refuses arguments that do not fit its graph", () => {
    expect(() => evaluate((x) => call(body, x), irregular([3]))).toThrow(
      "call: arguments do not fit the inputs of test: float64[3] (allowed: float64[2])",
    );
    expect(() => evaluate((x) => call(body, x, x), irregular([2]))).toThrow(ArgumentError);
  });

  test("refuses a graph of unknown operators when it is expanded", () => {
    const nodes = nodesOf(body).map((node) => [node.id, { ...node, op: "expo" }]);
    const unknown = { ...body, nodes: Object.fromEntries(nodes) };
    expect(() => evaluate((x) => call(unknown, x), irregular([2]))).toThrow(GraphError);
  });
});

/** Inputs x and y, results x + y and x y that were computed elsewhere. */
function custom(x: Value, y: Value): readonly Value[] {
  const values = [add(x, y), mul(x, y)];
  return apply(customFunctionOp, [x, y, ...values], { key: 3, name: "Both", inputs: 2 });
}

describe("customFunction", () => {
  const givens = [given([1, 2]), given([3, 4])];

  test("gives the results that it was given", () => {
    const [total, product] = evaluateAll((x, y) => custom(x, y), ...givens);
    expect(total?.data).toEqual([4, 6]);
    expect(product?.data).toEqual([3, 8]);
  });

  test("asks the host for its gradient, with zeros for a head that is missing", () => {
    const graph = record((x, y) => custom(x, y)[1] ?? x, givens);
    const { backward } = gradient(graph);
    const node = nodesOf(backward).find(({ op }) => op === "customFunctionBackward");
    expect(node?.attrs).toEqual({
      key: 3,
      name: "Both",
      shapes: [[2], [2]],
      dtypes: ["float64", "float64"],
    });
    const heads: (readonly number[])[] = [];
    const backwardOfBoth = (handed: readonly Tensor[]) => {
      heads.push(...handed.map(toNumbers));
      return [createTensor(pair, [7, 8]), createTensor(pair, [9, 10])];
    };
    const results = run(backward, [given([5, 6])], new Map([[3, backwardOfBoth]]));
    expect(heads).toEqual([
      [0, 0],
      [5, 6],
    ]);
    expect(results).toEqual([given([7, 8]), given([9, 10])]);
  });

  test("has no second derivative as a part of a graph, and says so", () => {
    const { backward } = gradient(record((x, y) => sum(custom(x, y)[0] ?? x), givens));
    expectError(
      () => gradient(backward),
      GradientError,
      "Both: the backward of a custom function has no derivative as a part of a graph",
    );
  });

  test.each([0, 2, 3])("refuses %s inputs among 2 arguments", (inputs) => {
    const attrs = { key: 0, name: "None", inputs };
    expect(() => customFunctionOp.infer([pair, pair], attrs)).toThrow(ArgumentError);
  });

  test.each([
    [[[2], [3]], ["float64"]],
    [[[2]], ["complex64"]],
    [[[0.5]], ["float64"]],
    ["none", "none"],
  ])("its backward refuses shapes %j and dtypes %j", (shapes, dtypes) => {
    const emit = () =>
      apply(registry.get(customFunctionBackwardOp.name), [new Builder("b").input("head", pair)], {
        key: 0,
        name: "None",
        shapes,
        dtypes,
      });
    expect(emit).toThrow(AttributeError);
  });
});
