import { Builder, type Graph, type Value } from "@adjoint/graph";
import { add, fronts, mul, sub } from "@adjoint/ops";
import fc from "fast-check";
import { f64 } from "./support.js";

type Step = (a: Value, b: Value, w: Value) => Value;

/** Smooth steps that keep values moderate, from two values (2, 3) and a weight (3, 3) to one value (2, 3). */
const steps: readonly Step[] = [
  (a) => fronts.tanh(a),
  (a) => fronts.sin(a),
  (a) => fronts.sigmoid(a),
  (a) => fronts.square(fronts.tanh(a)),
  (a, b) => add(a, b),
  (a, b) => sub(a, b),
  (a, b) => mul(fronts.cos(a), b),
  (a, b) => fronts.div(a, add(fronts.square(b), 1)),
  (a, b, w) => fronts.tanh(add(fronts.dot(a, w), b)),
  (a) => fronts.softmax(a),
  (a) => fronts.logSoftmax(a),
  (a, b) => mul(a, fronts.mean(b, { axis: 1, keepdims: true })),
  (a, b) => add(a, fronts.sum(b, { axis: 0, keepdims: true })),
  (a) => fronts.cumsum(fronts.tanh(a), { axis: 1 }),
  (a) => fronts.reshape(fronts.transpose(a), { shape: [2, 3] }),
  (a) => fronts.flip(a, { axis: 1 }),
  (a, b) => fronts.sliceAxis(fronts.concat(a, b, { dim: 1 }), { axis: 1, begin: 2, end: 5 }),
  (a, b) => fronts.where(fronts.greater(fronts.stopGradient(b), 0), a, fronts.sin(b)),
  (a) => fronts.Activation(a, { actType: "softrelu" }),
];

interface Choice {
  readonly step: number;
  readonly a: number;
  readonly b: number;
}

function programOf(choices: readonly Choice[]): Graph {
  const builder = new Builder("random");
  const w = builder.input("w", f64(3, 3));
  const values = [builder.input("x", f64(2, 3)), builder.input("z", f64(2, 3))];
  const at = (position: number) => values[position % values.length] ?? w;
  for (const { step, a, b } of choices) {
    const make = steps[step % steps.length];
    if (make !== undefined) values.push(make(at(a), at(b), w));
  }
  builder.output("y", at(values.length - 1));
  builder.output("s", fronts.sum(mul(at(values.length - 1), at(values.length - 2))));
  return builder.finish();
}

/** Programs from w (3, 3), x and z (2, 3) to y (2, 3) and s (1,), differentiable everywhere. */
export const anyProgram: fc.Arbitrary<Graph> = fc
  .array(fc.record({ step: fc.nat(steps.length - 1), a: fc.nat(20), b: fc.nat(20) }), {
    minLength: 1,
    maxLength: 8,
  })
  .map(programOf);
