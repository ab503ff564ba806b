import { formatShape, type Operand, type Shape, ShapeError, tensorType } from "@adjoint/graph";
import { defineOp, nth } from "../core/define.js";
import { log } from "../elementwise/exponential.js";
import { takeAlong } from "../index/takeAlong.js";
import { checkFloat } from "../nn/layerArguments.js";
import { reshape } from "../view/reshape.js";
import { checkResult, checkState, draw, sampleDocs, stateType } from "./sample.js";

export type MultinomialAttrs = { shape: Shape };

const name = "multinomial";

export const multinomialOp = defineOp<MultinomialAttrs>({
  name,
  arity: 2,
  attrs: { shape: "ints" },
  infer(ins, { shape }) {
    checkState(name, nth(name, ins, 0));
    const probabilities = nth(name, ins, 1);
    checkFloat(name, probabilities);
    const rows = probabilities.shape.slice(0, -1);
    if (probabilities.shape.length === 0 || probabilities.shape.at(-1) === 0) {
      throw new ShapeError({
        op: name,
        problem: "probabilities are not rows",
        received: formatShape(probabilities.shape),
        allowed: "(..., K), with one probability at least in each row",
      });
    }
    checkResult(name, { shape, dtype: "int32" }, ["int32"]);
    return [tensorType("int32", [...rows, ...shape]), stateType];
  },
  vjp: { none: "positions are integers" },
  kernel: () => ({ kind: "random", distribution: name, parameters: [] }),
  docs: [
    "Categories, as positions in a row of probabilities (the last axis): the first whose running sum",
    "reaches a uniform sample. Sums are taken as they are; the last category with a chance gets what",
    "is left up to 1.",
    ...sampleDocs,
  ].join("\n"),
});

/** `shape` categories (int32) for each row of probabilities, and the next state. */
export function multinomialSample<T extends Operand<T>>(
  state: T,
  probabilities: T,
  shape: Shape,
): readonly [T, T] {
  return draw(multinomialOp, state, { shape }, [probabilities]);
}

/** The logarithm of the probability of each category drawn. */
export function categoryLogarithm<T extends Operand<T>>(probabilities: T, categories: T): T {
  const rows = probabilities.type.shape.slice(0, -1);
  const { shape } = categories.type;
  const drawn = shape.slice(rows.length).reduce((product, length) => product * length, 1);
  const flat = reshape(categories, [...rows, drawn]);
  return reshape(log(takeAlong(probabilities, flat, rows.length)), shape);
}
