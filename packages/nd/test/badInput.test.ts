import { readFileSync } from "node:fs";
import {
  AdjointError,
  ArgumentError,
  AttributeError,
  BoundsError,
  DTypeError,
  GradientError,
  InPlaceError,
  ReleasedGraphError,
  ShapeError,
} from "@adjoint/graph";
import { autograd, nd } from "../src/index.js";

/** Values that the types would not let through. */
const three = JSON.parse("3");
const word = JSON.parse('"foo"');
const nothing = JSON.parse("null");
const missing = JSON.parse("{}").x;
const list = JSON.parse("[1, 2]");
const options = (text: string) => JSON.parse(text);

const endless = JSON.parse("[]");
endless.push(endless);

const a = nd.array([
  [1, 2, 3],
  [4, 5, 6],
]);
const b = nd.array([
  [1, 2],
  [3, 4],
]);
const v = nd.array([1, 2, 3]);
const n = nd.array([1, 2, 3], { dtype: "int32" });
const d = nd.array([1, 2, 3], { dtype: "float64" });
const cube = nd.zeros([2, 3, 4]);
const x = nd.array([1, 2, 3]).attachGrad();
const y = autograd.record(() => x.mul(x));
const used = autograd.record(() => x.mul(x));
used.backward();
const silent = nd.ones(3).attachGrad("null");
const all = { a, b, v, n, d, cube, x, y, used };

class Twice extends autograd.Function {
  forward(one: typeof a): typeof a {
    return one.mul(2);
  }
  backward(head: typeof a): typeof a {
    return head.mul(2);
  }
}
const called = new Twice();
called.call(v);

type Row = readonly [
  title: string,
  call: () => unknown,
  error: typeof AdjointError,
  fragments: readonly string[],
];

const rows: readonly Row[] = [
  // shapes
  ["add: shapes", () => a.add(b), ShapeError, ["add", "broadcast", "(2, 3)", "(2, 2)"]],
  ["dot: inner sizes", () => nd.dot(a, b), ShapeError, ["dot", "(2, 3)", "(2, 2)"]],
  [
    "batchDot: batch sizes",
    () => nd.batchDot(cube, nd.zeros([3, 4, 5])),
    ShapeError,
    ["batchDot", "(2, 3, 4)"],
  ],
  [
    "elemwiseAdd: shapes",
    () => nd.elemwiseAdd(a, v),
    ShapeError,
    ["elemwiseAdd", "(2, 3)", "(3,)"],
  ],
  [
    "concat: other axes",
    () => nd.concat(a, b, { dim: 0 }),
    ShapeError,
    ["concat", "(2, 3)", "(2, 2)"],
  ],
  ["stack: shapes", () => nd.stack(a, b), ShapeError, ["stack", "(2, 3)", "(2, 2)"]],
  ["reshape: size", () => a.reshape([4]), ShapeError, ["reshape", "elements", "(2, 3)", "(4,)"]],
  ["reshape: two unknown lengths", () => a.reshape([-1, -1]), ShapeError, ["reshape", "-1"]],
  ["nd.reshape: size", () => nd.reshape(a, { shape: [7] }), ShapeError, ["reshape", "(2, 3)"]],
  [
    "broadcastTo: shape",
    () => nd.broadcastTo(a, { shape: [2, 4] }),
    ShapeError,
    ["broadcast", "(2, 3)"],
  ],
  ["squeeze: long axis", () => a.squeeze({ axis: 0 }), ShapeError, ["squeeze", "(2, 3)"]],
  [
    "FullyConnected: weight",
    () => nd.FullyConnected(a, nd.ones([4, 5]), nd.ones(4), { numHidden: 4 }),
    ShapeError,
    ["FullyConnected", "weight", "(4, 5)"],
  ],
  [
    "asScalar: several elements",
    () => a.asScalar(),
    ShapeError,
    ["asScalar", "(2, 3)", "one element"],
  ],
  [
    "asBoolean: several elements",
    () => a.asBoolean(),
    ShapeError,
    ["asBoolean", "ambiguous", "(2, 3)"],
  ],
  [
    "array: ragged",
    () => nd.array([[1, 2], [3]]),
    ShapeError,
    ["array", "rows", "1 elements", "2 along axis 1"],
  ],
  ["array: mixed depth", () => nd.array([[1, 2], 3]), ShapeError, ["array", "rows", "3"]],
  ["zeros: negative", () => nd.zeros([2, -1]), ShapeError, ["zeros", "[2, -1]", "at least 0"]],
  ["zeros: NaN", () => nd.zeros(Number.NaN), ShapeError, ["zeros", "NaN", "at least 0"]],
  ["ones: fraction", () => nd.ones([1.5]), ShapeError, ["1.5", "integers"]],
  ["zeros: too large", () => nd.zeros([2 ** 20, 2 ** 20]), ShapeError, ["zeros", "2^31"]],
  ["zeros: text", () => nd.zeros(word), ShapeError, ["zeros", "foo"]],
  ["assign: shape", () => v.assign(a), ShapeError, ["(2, 3)", "(3,)"]],
  ["addAssign: larger", () => v.addAssign(nd.ones([2, 3])), ShapeError, ["(2, 3)", "(3,)"]],
  ["setAt: shape", () => a.setAt([0], nd.ones([2])), ShapeError, ["(2,)", "(3,)"]],
  [
    "booleanMask: length",
    () => nd.contrib.booleanMask(v, nd.ones(2)),
    ShapeError,
    ["booleanMask", "(2,)", "(3,)"],
  ],
  ["where: shapes", () => nd.where(v, a, b), ShapeError, ["where"]],
  ["linalg.potrf: not square", () => nd.linalg.potrf(a), ShapeError, ["potrf", "(2, 3)"]],
  [
    "BatchNorm: channels",
    () => nd.BatchNorm(a, v, nd.ones(2), v, v),
    ShapeError,
    ["BatchNorm", "(2,)"],
  ],
  // dtypes
  ["add: dtypes", () => v.add(n), DTypeError, ["add", "float32[3]", "int32[3]", "cast"]],
  ["dot: dtypes", () => nd.dot(v, d), DTypeError, ["dot", "dtypes differ", "float32", "float64"]],
  ["concat: dtypes", () => nd.concat(v, n, { dim: 0 }), DTypeError, ["concat", "int32"]],
  ["assign: dtype", () => v.assign(n), DTypeError, ["assign", "int32 into float32", "cast"]],
  [
    "setAt: dtype",
    () => v.setAt([0], nd.ones(1, { dtype: "int32" })),
    DTypeError,
    ["int32 into float32"],
  ],
  [
    "attachGrad: dtype",
    () => nd.ones(1, { dtype: "uint8" }).attachGrad(),
    DTypeError,
    ["attachGrad", "uint8[1]", "float32"],
  ],
  [
    "zeros: unknown dtype",
    () => nd.zeros(2, options('{"dtype": "float3"}')),
    AttributeError,
    ["zeros", "dtype", "float3", "float32"],
  ],
  ["astype: unknown dtype", () => v.astype(word), AttributeError, ["dtype", "foo"]],
  // axes and indices
  ["sum: axis", () => a.sum({ axis: 5 }), BoundsError, ["sum", "5 for 2 axes", "-2 to 1"]],
  ["mean: axis", () => a.mean({ axis: -3 }), BoundsError, ["mean", "-3 for 2 axes"]],
  ["sum: axis twice", () => a.sum({ axis: [0, -2] }), AttributeError, ["sum", "twice"]],
  ["sum: axis of text", () => a.sum({ axis: word }), AttributeError, ["sum", "axis", "foo"]],
  ["argmax: axis", () => a.argmax({ axis: 2 }), BoundsError, ["argmax", "2 for 2 axes"]],
  ["transpose: axes", () => a.transpose([0, 0]), AttributeError, ["transpose", "[0, 0]"]],
  ["expandDims: axis", () => a.expandDims({ axis: 7 }), BoundsError, ["expandDims", "7"]],
  ["softmax: axis", () => a.softmax({ axis: 4 }), BoundsError, ["softmax", "4"]],
  ["concat: axis", () => nd.concat(a, a, { dim: 2 }), BoundsError, ["concat", "2"]],
  ["split: sections", () => a.split({ numOutputs: 2, axis: 1 }), ShapeError, ["split", "3"]],
  ["at: index", () => a.at(3), BoundsError, ["at", "axis 0", "3", "-2 to 1"]],
  ["at: array of indices", () => a.at(nd.array([0, 5])), BoundsError, ["at", "5", "-2 to 1"]],
  ["at: too many", () => a.at(0, 0, 0), BoundsError, ["too many indices", "3 for (2, 3)"]],
  ["at: text", () => a.at(word), ArgumentError, ["at", "not an index", "foo", "..."]],
  ["at: undefined", () => a.at(missing), ArgumentError, ["at", "undefined"]],
  ["at: step 0", () => a.at([0, 2, 0]), ArgumentError, ["at", "step", "[0, 2, 0]"]],
  ["setAt: index", () => a.setAt([0, 9], 1), BoundsError, ["setAt", "axis 1", "9"]],
  [
    "slice: too many",
    () => nd.slice(v, { begin: [0, 0], end: [1, 1] }),
    BoundsError,
    ["slice", "(3,)"],
  ],
  ["arange: empty", () => nd.arange(0), BoundsError, ["arange", "(0, 0, 1)"]],
  ["arange: NaN", () => nd.arange(Number.NaN), AttributeError, ["arange", "NaN", "finite"]],
  ["arange: a text", () => nd.arange(1, word), ArgumentError, ["arange", "foo", "start, stop"]],
  [
    "arange: four numbers",
    () => Reflect.apply(nd.arange, undefined, [1, 2, 3, 4]),
    ArgumentError,
    ["arange", "too many arguments", "4 arguments"],
  ],
  ["arange: too long", () => nd.arange(1e30), BoundsError, ["arange", "too long", "2^31"]],
  ["arange: repeat", () => nd.arange(3, { repeat: 0 }), AttributeError, ["arange", "repeat", "0"]],
  ["linspace: a text", () => nd.linspace(word, 1, 3), AttributeError, ["linspace", "start", "foo"]],
  [
    "linspace: NaN",
    () => nd.linspace(0, Number.NaN, 3),
    AttributeError,
    ["linspace", "stop", "NaN"],
  ],
  ["linspace: count", () => nd.linspace(0, 1, -3), ShapeError, ["linspace", "[-3]", "at least 0"]],
  ["eye: diagonal", () => nd.eye(2, { k: 0.5 }), AttributeError, ["eye", "k", "0.5", "integer"]],
  ["eye: too large", () => nd.eye(1e6), ShapeError, ["eye", "1000000", "2^31"]],
  ["full: too large", () => nd.full([2 ** 40], 1), ShapeError, ["full", "2^31"]],
  ["ones: a text", () => nd.ones(word), ShapeError, ["ones", "foo"]],
  ["ones: null", () => nd.ones(nothing), ShapeError, ["ones", "null"]],
  ["empty: an object", () => nd.empty(options("{}")), ShapeError, ["empty", "Object"]],
  [
    "tile: a result too large",
    () => v.tile({ reps: 1e12 }),
    ShapeError,
    ["shape is not valid", "2^31"],
  ],
  [
    "array: a list that holds itself",
    () => nd.array(endless),
    ArgumentError,
    ["array", "nested too deeply", "32"],
  ],
  // arguments that are not arrays
  [
    "dot: a number",
    () => nd.dot(a, three),
    ArgumentError,
    ["dot", "argument 2", "3 (number)", "NDArray"],
  ],
  ["sum: a list", () => nd.sum(list), ArgumentError, ["sum", "Array of 2", "NDArray"]],
  ["exp: undefined", () => nd.exp(missing), ArgumentError, ["exp", "undefined"]],
  ["exp: null", () => nd.exp(nothing), ArgumentError, ["exp", "null"]],
  ["add: a list", () => v.add(list), ArgumentError, ["add", "Array of 2"]],
  ["add: text", () => nd.add(word, word), ArgumentError, ["add", "foo"]],
  ["relu: text", () => nd.relu(word), ArgumentError, ["relu", "foo"]],
  ["take: a list", () => nd.take(v, list), ArgumentError, ["take", "Array of 2"]],
  ["concat: nothing", () => nd.concat(), ArgumentError, ["concat"]],
  ["addN: nothing", () => nd.addN(), ArgumentError, ["addN"]],
  [
    "Convolution: no weight",
    () => nd.Convolution(cube, missing, missing, { kernel: [3, 3], numFilter: 2 }),
    ArgumentError,
    ["Convolution"],
  ],
  ["assign: undefined", () => v.assign(missing), ArgumentError, ["assign", "undefined"]],
  ["setAt: text", () => v.setAt([0], word), ArgumentError, ["setAt", "foo"]],
  ["setAt: keys", () => v.setAt(three, 1), ArgumentError, ["setAt", "3 (number)"]],
  ["array: text", () => nd.array(word), ArgumentError, ["array", "foo"]],
  ["array: undefined", () => nd.array(missing), ArgumentError, ["array", "undefined"]],
  [
    "array: an array of arrays",
    () => nd.array(options('[[{"a": 1}]]')),
    ArgumentError,
    ["array", "object"],
  ],
  ["full: no value", () => nd.full([2], missing), AttributeError, ["full", "value", "undefined"]],
  [
    "booleanMask: a list",
    () => nd.contrib.booleanMask(v, list),
    ArgumentError,
    ["booleanMask", "Array of 2"],
  ],
  ["Dropout: a number", () => nd.Dropout(three), ArgumentError, ["Dropout", "3 (number)"]],
  [
    "BatchNorm: a number",
    () => nd.BatchNorm(three, v, v, v, v),
    ArgumentError,
    ["BatchNorm", "3 (number)"],
  ],
  ["backward: a number", () => autograd.backward(three), ArgumentError, ["backward", "3 (number)"]],
  [
    "nameScope: no function",
    () => nd.nameScope("a", three),
    ArgumentError,
    ["nameScope", "3 (number)"],
  ],
  [
    "Function: a number",
    () => new Twice().call(three),
    ArgumentError,
    ["Twice", "argument 1", "3 (number)"],
  ],
  ["Function: twice", () => called.call(v), ArgumentError, ["Twice", "called before"]],
  ["reshape: no list", () => v.reshape(three), AttributeError, ["reshape", "3 (number)"]],
  ["record: no function", () => autograd.record(three), AttributeError, ["record", "3"]],
  // attributes and options
  [
    "sum: unknown option",
    () => a.sum(options('{"axes": 0}')),
    AttributeError,
    ["sum", "unknown", "axes", "axis"],
  ],
  [
    "FullyConnected: misspelt",
    () => nd.FullyConnected(a, a, v, options('{"num_hiden": 2}')),
    AttributeError,
    ["FullyConnected", "num_hiden", "numHidden"],
  ],
  [
    "Dropout: misspelt",
    () => nd.Dropout(v, options('{"prob": 0.5}')),
    AttributeError,
    ["Dropout", "prob"],
  ],
  [
    "zeros: misspelt",
    () => nd.zeros(2, options('{"dtyp": "float32"}')),
    AttributeError,
    ["zeros", "dtyp", "dtype"],
  ],
  [
    "Activation: wrong word",
    () => nd.Activation(v, { actType: word }),
    AttributeError,
    ["Activation", "actType", '"foo"', "relu, sigmoid"],
  ],
  [
    "LeakyReLU: wrong word",
    () => nd.LeakyReLU(v, { actType: word }),
    AttributeError,
    ["LeakyReLU", "foo", "elu"],
  ],
  [
    "Pooling: wrong word",
    () => nd.Pooling(nd.zeros([1, 1, 4, 4]), { kernel: [2, 2], poolType: word }),
    AttributeError,
    ["Pooling", "foo", "max"],
  ],
  [
    "take: wrong mode",
    () => nd.take(v, v, { mode: word }),
    AttributeError,
    ["take", "mode", "foo", "clip, wrap"],
  ],
  ["Dropout: p", () => nd.Dropout(v, { p: 1.5 }), AttributeError, ["Dropout", "1.5", "0 to 1"]],
  [
    "Dropout: mode",
    () => nd.Dropout(v, { mode: word }),
    AttributeError,
    ["Dropout", "mode", "foo", "training, always"],
  ],
  ["norm: order", () => v.norm({ ord: three }), AttributeError, ["norm", "3", "1"]],
  ["clip: NaN", () => v.clip({ aMin: Number.NaN, aMax: 1 }), AttributeError, ["clip", "NaN"]],
  ["oneHot: depth", () => v.oneHot({ depth: -1 }), AttributeError, ["oneHot", "-1"]],
  ["topk: too many", () => v.topk({ k: 7 }), BoundsError, ["topk", "7"]],
  ["repeat: negative", () => v.repeat({ repeats: -1 }), AttributeError, ["repeat", "-1"]],
  ["tile: fraction", () => v.tile({ reps: [1.5] }), AttributeError, ["tile", "1.5"]],
  [
    "attachGrad: request",
    () => v.attachGrad(word),
    AttributeError,
    ["attachGrad", "foo", "write, add, null"],
  ],
  [
    "random.normal: scale",
    () => nd.random.normal({ scale: 0 }),
    AttributeError,
    ["normal", "scale", "0"],
  ],
  [
    "random.uniform: dtype",
    () => nd.random.uniform({ dtype: "int32" }),
    DTypeError,
    ["uniform", "int32"],
  ],
  ["random.seed: text", () => nd.random.seed(word), AttributeError, ["seed", "foo", "integer"]],
  [
    "random.uniform: shape",
    () => nd.random.uniform({ shape: [-2] }),
    ShapeError,
    ["uniform", "[-2]"],
  ],
  [
    "backward: misspelt",
    () => y.backward(null, options('{"retain": true}')),
    AttributeError,
    ["backward", "retain", "retainGraph"],
  ],
  [
    "record: trainMode",
    () => autograd.record(() => 1, { trainMode: word }),
    AttributeError,
    ["record", "trainMode", "foo", "true or false"],
  ],
  [
    "setRecording: a text",
    () => autograd.setRecording(word),
    ArgumentError,
    ["setRecording", "foo", "true or false"],
  ],
  [
    "checkGradients: no function",
    () => autograd.checkGradients(three, [v]),
    ArgumentError,
    ["checkGradients", "3 (number)", "function"],
  ],
  [
    "checkGradients: no list",
    () => autograd.checkGradients((one) => one, three),
    ArgumentError,
    ["checkGradients", "3 (number)"],
  ],
  ["decodeArrays: a text", () => nd.decodeArrays(word), ArgumentError, ["decodeArrays", "foo"]],
  ["decodeNpy: null", () => nd.decodeNpy(nothing), ArgumentError, ["decodeNpy", "null"]],
  ["decodeNpz: a list", () => nd.decodeNpz(list), ArgumentError, ["decodeNpz", "Array of 2"]],
  ["broadcastTo: null", () => v.broadcastTo(nothing), AttributeError, ["broadcastTo", "null"]],
  [
    "random.uniform: bounds of two shapes",
    () => nd.random.uniform({ low: v, high: nd.ones(2) }),
    ShapeError,
    ["uniform", "(3,) and (2,)"],
  ],
  [
    "random.normal: a list for an array",
    () => nd.random.normal({ loc: list }),
    AttributeError,
    ["normal", "loc", "Array of 2"],
  ],
  [
    "random.exponential: text",
    () => nd.random.exponential({ scale: word }),
    AttributeError,
    ["exponential", "scale", "foo"],
  ],
  // gradients
  [
    "backward: not recorded",
    () => v.backward(),
    GradientError,
    ["backward", "float32[3]", "attachGrad"],
  ],
  [
    "backward: released",
    () => used.backward(),
    ReleasedGraphError,
    ["backward", "released", "retainGraph"],
  ],
  [
    "backward: head's shape",
    () => y.backward(nd.ones(4)),
    ShapeError,
    ["backward", "float32[4] for float32[3]"],
  ],
  [
    "backward: head's dtype",
    () => y.backward(d),
    DTypeError,
    ["backward", "float64[3] for float32[3]"],
  ],
  [
    "backward: head is a number",
    () => y.backward(three),
    ArgumentError,
    ["backward", "3 (number)", "NDArray"],
  ],
  ["backward: no heads", () => autograd.backward([]), ArgumentError, ["backward", "empty list"]],
  [
    "backward: head gradients",
    () => autograd.backward([y], { headGrads: [nothing, nothing] }),
    ArgumentError,
    ["1 heads, 2 head gradients"],
  ],
  [
    "grad: no variable",
    () => autograd.grad(y, v),
    GradientError,
    ["grad", "variable 1", "attachGrad"],
  ],
  [
    "backward: null variables only",
    () => autograd.backward(silent),
    GradientError,
    ["backward", "asks for a gradient", "float32[3]"],
  ],
  ["grad: no variables", () => autograd.grad(y, []), ArgumentError, ["grad", "empty list"]],
  [
    "grad: not reached",
    () => autograd.grad(y, nd.ones(1).attachGrad()),
    GradientError,
    ["grad", "not reached"],
  ],
  [
    "markVariables: lengths",
    () => autograd.markVariables([v], []),
    ArgumentError,
    ["markVariables"],
  ],
  ["graphOf: not recorded", () => autograd.graphOf(v), GradientError, ["graphOf", "float32[3]"]],
  [
    "assign: recording",
    () => autograd.record(() => x.assign(5)),
    InPlaceError,
    ["assign", "float32[3]", "outside"],
  ],
  [
    "setAt: recording",
    () => autograd.record(() => x.setAt([0], 5)),
    InPlaceError,
    ["float32[3]", "outside"],
  ],
  [
    "record: promise",
    () => autograd.record(async () => 1),
    ArgumentError,
    ["record", "promise", "synchronous"],
  ],
];

const source = readFileSync(new URL(import.meta.url), "utf8").split("\n");

/** First line of each row in this file, and of what follows the last one. */
const starts = rows.map(([title]) => source.findIndex((line) => line.includes(`"${title}"`)) + 1);

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

function snapshot(): unknown {
  return Object.entries(all).map(([name, array]) => [
    name,
    array.type,
    array.toFlat(),
    array.grad?.toFlat(),
  ]);
}

describe("bad input", () => {
  test("each title is there once, so that lines can be told", () => {
    expect(new Set(rows.map(([title]) => title)).size).toBe(rows.length);
  });

  test.each(rows.map((row, position) => [row[0], row, position] as const))(
    "%s",
    (_, [, call, expected, fragments], position) => {
      const before = snapshot();
      const error = thrownBy(call);
      expect(error).toBeInstanceOf(AdjointError);
      if (!(error instanceof AdjointError)) return;
      expect(error.name).toBe(expected.name);
      for (const fragment of fragments) expect(error.message).toContain(fragment);
      const line = Number(/badInput\.test\.ts:(\d+)$/.exec(error.message)?.[1]);
      expect(line).toBeGreaterThanOrEqual(starts[position] ?? Number.POSITIVE_INFINITY);
      expect(line).toBeLessThan(starts[position + 1] ?? source.length);
      expect(snapshot()).toEqual(before);
      expect([autograd.isRecording(), autograd.isTraining()]).toEqual([false, false]);
    },
  );
});
