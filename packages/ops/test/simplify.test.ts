import { type Fired, type Graph, nodesOf, runPasses, type Value } from "@adjoint/graph";
import { batchDotOp } from "../src/contract/batchDot.js";
import { applyOne, fill, fronts, literal, registry, reshape } from "../src/index.js";
import { fullOp } from "../src/elementwise/full.js";
import { broadcastTo, broadcastToOp, sumOp } from "../src/reduce/sum.js";
import {
  type Assumptions,
  algebraicSimplification,
} from "../src/simplify/algebraicSimplification.js";
import { reshapeOp } from "../src/view/reshape.js";
import { transposeAxes, transposeOp } from "../src/view/transpose.js";
import { float32, type Given, given, record, run } from "./support.js";

type BinaryProgram = (x: Value, y: Value) => Value;

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
/**
 * Numbers on which careless rules differ: no numbers, infinities, both zeros, denormals, the
 * largest.
 */
const nasty = [nan, inf, -inf, 0, -0, 1e-45, -1e-40, 3.4e38, -1.5];
const others = [-0, 0, 2, -0, 0, nan, 3, -inf, 7];
const [x, y] = [float32(nasty, [3, 3]), float32(others, [3, 3])];
const integers = given([0, 1, -1, 7, -2147483648, 2147483647, 5, -6, 9], [3, 3], "int32");

function recordOn(program: BinaryProgram, givens: readonly Given[]): Graph {
  return record((...ins) => {
    const [a, b] = ins;
    if (a === undefined || b === undefined) throw new Error("two inputs are needed");
    return program(a, b);
  }, givens);
}

function simplify(graph: Graph, assume: Partial<Assumptions> = {}): { graph: Graph; fired: Fired } {
  const { graph: simpler, history } = runPasses(graph, [algebraicSimplification({ assume })], {
    registry,
  });
  return { graph: simpler, fired: history[0]?.fired ?? {} };
}

function valuesOf(graph: Graph, givens: readonly Given[]): readonly number[] {
  return run(graph, givens).flatMap(({ data }) => data);
}

function opsOf(graph: Graph): string[] {
  return nodesOf(graph).map(({ op }) => op);
}

/** Filled with a number as it is given, not as its dtype holds it. */
function filledWith(like: Value, value: number): Value {
  const [result] = like.emitter.emit(fullOp, [], { shape: [], dtype: like.type.dtype, value });
  if (result === undefined) throw new Error("one result is expected");
  return result;
}

const exact: readonly (readonly [rule: string, ops: string, program: BinaryProgram])[] = [
  ["mulByOne", "", (a) => fronts.mul(a, 1)],
  ["mulByOne", "", (a) => fronts.mul(1, a)],
  ["mulByOne", "reshape broadcastTo", (a) => fronts.mul(reshape(a, [1, 9]), fill(a, [2, 9], 1))],
  ["divByOne", "", (a) => fronts.div(a, 1)],
  ["powOfOne", "", (a) => fronts.pow(a, 1)],
  ["subZero", "", (a) => fronts.sub(a, 0)],
  ["addMinusZero", "", (a) => fronts.add(a, -0)],
  ["addMinusZero", "", (a) => fronts.add(-0, a)],
  ["mulByMinusOne", "negative", (a) => fronts.mul(a, -1)],
  ["mulByMinusOne", "negative", (a) => fronts.mul(-1, a)],
  ["divByPowerOfTwo", "full mul", (a) => fronts.div(a, 8)],
  ["divByPowerOfTwo", "full mul", (a) => fronts.div(a, -0.25)],
  ["doubleNegative", "", (a) => fronts.negative(fronts.negative(a))],
  ["subNegative", "add", (a, b) => fronts.sub(a, fronts.negative(b))],
  ["addNegative", "sub", (a, b) => fronts.add(a, fronts.negative(b))],
  ["addNegative", "sub", (a, b) => fronts.add(fronts.negative(a), b)],
  ["addNOfOne", "", (a) => fronts.addN(a)],
  ["nestedAddN", "addN", (a, b) => fronts.addN(fronts.addN(a, b), a)],
  ["nestedAddN", "addN", (a, b) => fronts.addN(fronts.addN(a, b, a, b), a)],
  ["castToOwnDType", "", (a) => fronts.cast(a, { dtype: "float32" })],
  ["castOfExactCast", "", (a) => castTwice(a, "float64", "float32")],
  ["castOfExactCast", "cast", (a) => castTwice(a, "float64", "int32")],
  ["whereBranchesAreEqual", "", (a, b) => fronts.where(b, a, a)],
  ["whereConditionIsKnown", "", (a, b) => fronts.where(literal(a, 3), a, b)],
  ["whereConditionIsKnown", "", (a, b) => fronts.where(fill(a, [3, 3], -0), a, b)],
  // Too small for float32, which holds 0.
  ["whereConditionIsKnown", "", (a, b) => fronts.where(filledWith(a, 5e-324), a, b)],
  ["extremumOfOne", "", (a) => fronts.maximum(a, a)],
  ["extremumOfOne", "", (a) => fronts.minimum(a, a)],
  ["dropIdentity", "", (a) => fronts.identity(a)],
  ["constantLike", "full", (a) => fronts.onesLike(a)],
  ["constantLike", "full", (a) => fronts.zerosLike(a)],
  ["identityView", "", (a) => applyOne(reshapeOp, [a], { shape: [3, 3] })],
  ["identityView", "", (a) => applyOne(broadcastToOp, [a], { shape: [3, 3] })],
  ["identityView", "", (a) => applyOne(transposeOp, [a], { axes: [0, 1] })],
  ["viewOfFull", "full", (a) => broadcastTo(literal(a, 3), [2, 2])],
  ["viewOfFull", "full", (a) => reshape(fill(a, [2, 3], 5), [6])],
  ["reshapeOfReshape", "", (a) => reshape(reshape(a, [9]), [3, 3])],
  ["reshapeOfReshape", "reshape", (a) => reshape(reshape(a, [9]), [9, 1])],
  [
    "broadcastOfBroadcast",
    "reshape broadcastTo",
    (a) => broadcastTo(broadcastTo(reshape(a, [9, 1]), [9, 2]), [2, 9, 2]),
  ],
  ["transposeOfTranspose", "", (a) => fronts.transpose(fronts.transpose(a))],
  [
    "transposeOfTranspose",
    "reshape transpose",
    (a) => transposeAxes(transposeAxes(reshape(a, [1, 3, 3]), [2, 0, 1]), [1, 0, 2]),
  ],
  ["transposeOfReshape", "reshape", (a) => transposeAxes(reshape(a, [1, 3, 3]), [1, 0, 2])],
  ["productOfTransposed", "dot", (a, b) => fronts.dot(fronts.transpose(a), b)],
  [
    "productOfTransposed",
    "dot",
    (a, b) => fronts.dot(fronts.transpose(a), fronts.transpose(b), { transposeA: true }),
  ],
  ["productOfTransposed", "reshape reshape batchDot", (a, b) => batchProduct(a, b)],
  ["transposeOfProduct", "dot", (a, b) => fronts.transpose(fronts.dot(a, b))],
  ["transposeOfProduct", "dot", (a, b) => fronts.transpose(fronts.dot(a, b, { transposeB: true }))],
  [
    "productOfSingle",
    "reshape full dot",
    (a) => fronts.dot(reshape(a, [9, 1]), fill(a, [1, 1], 3), { transposeB: true }),
  ],
  [
    "absorbBroadcast",
    "reshape reshape add",
    (a, b) =>
      fronts.add(broadcastTo(reshape(a, [9, 1]), [9, 9]), broadcastTo(reshape(b, [1, 9]), [9, 9])),
  ],
  [
    "absorbBroadcast",
    "reshape sub",
    (a, b) => fronts.sub(broadcastTo(reshape(a, [9, 1, 1]), [9, 3, 3]), b),
  ],
  [
    "absorbBroadcast",
    "reshape mul",
    (a, b) => fronts.mul(reshape(a, [1, 3, 3]), reshape(b, [1, 3, 3])),
  ],
  [
    "absorbBroadcast",
    "slice where",
    (a, b) =>
      fronts.where(b, broadcastTo(fronts.sliceAxis(a, { axis: 0, begin: 0, end: 1 }), [3, 3]), b),
  ],
];

test("a product that others read is not computed twice to transpose it", () => {
  const graph = recordOn(
    (a, b) => {
      const product = fronts.dot(a, b);
      return fronts.add(product, fronts.transpose(product));
    },
    [x, y],
  );
  expect(simplify(graph).fired).not.toHaveProperty("transposeOfProduct");
});

function castTwice(a: Value, between: "float64" | "int32", to: "float32" | "int32"): Value {
  return fronts.cast(fronts.cast(a, { dtype: between }), { dtype: to });
}

function batchProduct(a: Value, b: Value): Value {
  const [left, right] = [reshape(a, [1, 3, 3]), reshape(b, [1, 3, 3])];
  const flags = { transposeA: false, transposeB: true };
  return applyOne(batchDotOp, [left, transposeAxes(right, [0, 2, 1])], flags);
}

describe("exact rules", () => {
  test.each(exact)("%s leaves [%s] and every value", (rule, ops, program) => {
    const graph = recordOn(program, [x, y]);
    const { graph: simpler, fired } = simplify(graph);
    expect(fired[rule]).toBeGreaterThanOrEqual(1);
    expect(opsOf(used(simpler)).join(" ")).toBe(ops);
    expect(valuesOf(simpler, [x, y])).toEqual(valuesOf(graph, [x, y]));
  });

  /** Without the nodes that nobody reads, such as the literals that rules made superfluous. */
  function used(graph: Graph): Graph {
    const wanted = new Set(graph.outputs.map(({ ref }) => ref.node));
    for (const { id, inputs } of nodesOf(graph).reverse()) {
      if (wanted.has(id)) for (const { node } of inputs) wanted.add(node);
    }
    return { ...graph, order: graph.order.filter((id) => wanted.has(id)) };
  }

  test("a simplified program is simplified no further", () => {
    const program: BinaryProgram = (a, b) =>
      fronts.sub(fronts.mul(fronts.identity(a), 1), fronts.negative(fronts.div(b, 4)));
    const once = simplify(recordOn(program, [x, y])).graph;
    expect(opsOf(once)).toEqual(["full", "mul", "add"]);
    expect(simplify(once)).toEqual({ graph: once, fired: {} });
  });
});

const refused: readonly (readonly [why: string, program: BinaryProgram])[] = [
  ["-0 + 0 is 0", (a) => fronts.add(a, 0)],
  ["-0 - -0 is 0", (a) => fronts.sub(a, -0)],
  ["NaN * 0 is NaN, -1 * 0 is -0", (a) => fronts.mul(a, 0)],
  ["inf - inf is NaN", (a) => fronts.sub(a, a)],
  ["0 / 0 is NaN, 0 / -1 is -0", (a) => fronts.div(0, a)],
  ["a sum makes 0 of -0", (a) => applyOne(sumOp, [a], { axes: [], keepdims: false })],
  ["1/3 is not exact", (a) => fronts.div(a, 3)],
  ["the inverse of 2**127 is denormal", (a) => fronts.div(a, 2 ** 127)],
  ["int32 drops fractions", (a) => castTwice(a, "int32", "float32")],
  ["brackets further right are another order", (a, b) => fronts.addN(a, fronts.addN(b, a))],
  ["(a + b) + (a + b) is another order", (a, b) => fronts.addN(fronts.addN(a, b, a), b)],
  ["(a + b) + (a + b) is another order", (a, b) => fronts.addN(fronts.addN(a, b), a, b)],
  ["broadcastTo gives the shape", (a) => fronts.add(broadcastTo(a, [2, 3, 3]), 2)],
];

describe("what would change a value", () => {
  test.each(refused)("%s: left alone", (_, program) => {
    const graph = recordOn(program, [x, y]);
    expect(simplify(graph)).toEqual({ graph, fired: {} });
  });

  test("a sum over no axes turns -0 into 0, so that it is more than a copy", () => {
    const graph = recordOn((a) => applyOne(sumOp, [a], { axes: [], keepdims: false }), [x, y]);
    expect(valuesOf(graph, [x, y])[4]).toBe(0);
  });

  test("float32 does not hold every int32", () => {
    const graph = recordOn(
      (a) => fronts.cast(fronts.cast(a, { dtype: "float32" }), { dtype: "int32" }),
      [integers, integers],
    );
    expect(simplify(graph).fired).toEqual({});
  });
});

describe("assumptions", () => {
  const all = { noNaN: true, noInfinity: true, noSignedZero: true };
  const plain = float32([1, 2, -3, 4, 5.5, 6, 7, 8, 9], [3, 3]);
  const granted: readonly (readonly [string, (keyof Assumptions)[], BinaryProgram])[] = [
    ["addZero", ["noSignedZero"], (a) => fronts.add(0, a)],
    ["subMinusZero", ["noSignedZero"], (a) => fronts.sub(a, -0)],
    ["sumOfSingles", ["noSignedZero"], (a) => sumOfSingles(a)],
    ["subSelf", ["noNaN", "noInfinity"], (a) => fronts.sub(a, a)],
    ["mulByZero", ["noNaN", "noInfinity", "noSignedZero"], (a) => fronts.mul(a, 0)],
    ["zeroDivided", ["noNaN", "noSignedZero"], (a) => fronts.div(0, a)],
  ];

  function sumOfSingles(a: Value): Value {
    return applyOne(sumOp, [reshape(a, [9, 1])], { axes: [1], keepdims: true });
  }

  test.each(granted)("%s fires under %s, and under nothing less", (rule, needs, program) => {
    const graph = recordOn(program, [plain, plain]);
    const assume = Object.fromEntries(needs.map((need) => [need, true]));
    const { graph: simpler, fired } = simplify(graph, assume);
    expect(fired[rule]).toBe(1);
    const magnitude = (values: readonly number[]) => values.map((value) => value + 0);
    expect(magnitude(valuesOf(simpler, [plain, plain]))).toEqual(
      magnitude(valuesOf(graph, [plain, plain])),
    );
    for (const need of needs) {
      expect(simplify(graph, { ...all, [need]: false }).fired).toEqual({});
    }
  });

  test.each([
    ["mulByZero", (a: Value) => fronts.mul(a, 0)],
    ["addMinusZero", (a: Value) => fronts.add(a, 0)],
    ["subSelf", (a: Value) => fronts.sub(a, a)],
    ["sumOfSingles", sumOfSingles],
  ])("%s needs none for integers", (rule, program) => {
    const graph = recordOn(program, [integers, integers]);
    const { graph: simpler, fired } = simplify(graph);
    expect(fired[rule]).toBe(1);
    expect(valuesOf(simpler, [integers, integers])).toEqual(valuesOf(graph, [integers, integers]));
  });

  test("an integer division of 0 stays, as it may have to refuse the divisor", () => {
    const graph = recordOn((a) => fronts.div(0, a), [integers, integers]);
    expect(simplify(graph, all).fired).toEqual({});
  });

  test("an unknown assumption is refused with the nearest known one", () => {
    // @ts-expect-error not an assumption
    expect(() => algebraicSimplification({ assume: { noNan: true } })).toThrow("allowed: noNaN");
  });
});
