import type { Attrs } from "@adjoint/graph";
import type { Sketch } from "../sketch.js";
import type { Maker, Makers } from "./maker.js";

/** A shape and dtype of a sample. */
function sample(sketch: Sketch): { readonly shape: number[]; readonly dtype: string } {
  return { shape: sketch.shape(0, 2), dtype: sketch.dtype(sketch.floats) };
}

const drawn =
  (attrsOf: (sketch: Sketch) => Attrs = () => ({})): Maker =>
  (sketch) => ({ ins: [sketch.state()], attrs: { ...attrsOf(sketch), ...sample(sketch) } });

/** Distributions whose parameters are arrays of one shape. */
const parametrized =
  (count: number, domain: "positive" | "unit" = "positive"): Maker =>
  (sketch) => {
    const first = sketch.array({ dtypes: sketch.floats, ranks: [0, 2], domain: "positive" });
    const others = Array.from({ length: count - 1 }, () => sketch.freshArray(first.type, domain));
    return { ins: [sketch.state(), first, ...others], attrs: sample(sketch) };
  };

/** Operators that draw samples: the state comes in as an argument. */
export const randomMakers: Makers = {
  uniform: drawn(({ choices }) => ({ low: choices.between(-1, 0), high: choices.between(1, 2) })),
  normal: drawn(({ choices }) => ({ mean: choices.real(-1, 1), deviation: choices.real(0.5, 2) })),
  exponential: drawn(({ choices }) => ({ scale: choices.real(0.5, 2) })),
  randint: (sketch) => ({
    ins: [sketch.state()],
    attrs: {
      low: sketch.choices.between(-3, 0),
      high: sketch.choices.between(1, 9),
      shape: sketch.shape(0, 2),
      dtype: sketch.choices.pick(["int32", "int64"]),
    },
  }),
  sequence: drawn(),
  randomGamma: parametrized(2),
  poisson: parametrized(1),
  negativeBinomial: parametrized(2, "unit"),
  generalizedNegativeBinomial: parametrized(2),
  multinomial: (sketch) => {
    const accept = (shape: readonly number[]) => shape.at(-1) !== 0;
    const dtypes = sketch.floats;
    const rows = sketch.array({ dtypes, ranks: [1, 2], accept, domain: "positive" });
    return { ins: [sketch.state(), rows], attrs: { shape: sketch.shape(0, 1) } };
  },
};
