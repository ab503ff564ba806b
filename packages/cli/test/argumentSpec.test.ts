import { parseArgumentSpec } from "../src/argumentSpec.js";
import { ArgumentValues } from "../src/argumentValues.js";
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
  expect(parseArgumentSpec(text)).toEqual({ dtype, shape, fill });
});

test("default numbers are those of nd.random.normal after seed 0, argument after argument", () => {
  const values = new ArgumentValues();
  const drawn = ["4x1", "3"].map((text) => values.next(parseArgumentSpec(text)).data);
  nd.random.seed(0);
  expect(drawn).toEqual([
    nd.random.normal({ shape: [4, 1] }).asArray(),
    nd.random.normal({ shape: 3 }).asArray(),
  ]);
});

test("integers are ones, filled arrays hold their value, empty ones nothing", () => {
  const values = new ArgumentValues();
  const drawn = ["int32:2", "2=0.5", "0x3"].map((text) => values.next(parseArgumentSpec(text)));
  expect(drawn.map(({ data }) => data)).toEqual([
    Int32Array.of(1, 1),
    Float32Array.of(0.5, 0.5),
    new Float32Array(0),
  ]);
});
