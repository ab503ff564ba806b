import { parseArgumentSpec, type ShapeArgument } from "../src/source/argumentSpec.js";
import { ArgumentValues } from "../src/source/argumentValues.js";
import { nd } from "@adjoint/nd";

test.each([
  ["4x1", "float32", [4, 1], undefined],
  ["4,1", "float32", [4, 1], undefined],
  ["1", "float32", [1], undefined],
  ["0x3", "float32", [0, 3], undefined],
  ["float64:4x1", "float64", [4, 1], undefined],
  ["4x1=0.5", "float32", [4, 1], 0.5],
  ["int32:2=-3", "int32", [2], -3],
])("--arg %s", (text, dtype, shape, fill) => {
  expect(parseArgumentSpec(text)).toEqual({ kind: "shape", dtype, shape, fill });
});

test.each([
  ["x.npy", "x.npy", undefined],
  ["in/w.NPZ#dense/w", "in/w.NPZ", "dense/w"],
  ["model.params#0", "model.params", "0"],
])("--arg %s is a file", (text, file, name) => {
  expect(parseArgumentSpec(text)).toEqual({ kind: "file", file, name });
});

/** A shape as the command line gives it. */
function shapeOf(text: string): ShapeArgument {
  const spec = parseArgumentSpec(text);
  if (spec.kind === "shape") return spec;
  throw new Error(`${text} is a file`);
}

test("default numbers are those of nd.random.normal after seed 0, argument after argument", () => {
  const values = new ArgumentValues();
  const drawn = ["4x1", "3"].map((text) => values.next(shapeOf(text)).data);
  nd.random.seed(0);
  expect(drawn).toEqual([
    nd.random.normal({ shape: [4, 1] }).asArray(),
    nd.random.normal({ shape: 3 }).asArray(),
  ]);
});

test("integers are ones, filled arrays hold their value, empty ones nothing", () => {
  const values = new ArgumentValues();
  const drawn = ["int32:2", "2=0.5", "0x3"].map((text) => values.next(shapeOf(text)));
  expect(drawn.map(({ data }) => data)).toEqual([
    Int32Array.of(1, 1),
    Float32Array.of(0.5, 0.5),
    new Float32Array(0),
  ]);
});
