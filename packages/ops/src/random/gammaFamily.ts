import {
  ArgumentError,
  equalTypes,
  formatType,
  type OpDef,
  type Operand,
  type RandomKernel,
  tensorType,
} from "@adjoint/graph";
import { defineOp, nth } from "../core/define.js";
import { checkFloat } from "../nn/layerArguments.js";
import {
  checkResult,
  checkState,
  draw,
  type SampleAttrs,
  sampleDocs,
  sampleFloats,
  stateType,
} from "./sample.js";

type Family = Extract<
  RandomKernel["distribution"],
  "gamma" | "poisson" | "negativeBinomial" | "generalizedNegativeBinomial"
>;

/** An operator whose parameters are arrays: (state, ...parameters) -> (sample, next state). */
function parameterOp(
  name: string,
  distribution: Family,
  parameters: number,
  docs: string,
): OpDef<SampleAttrs> {
  return defineOp<SampleAttrs>({
    name,
    arity: 1 + parameters,
    attrs: { shape: "ints", dtype: "dtype" },
    infer(ins, attrs) {
      checkState(name, nth(name, ins, 0));
      const first = nth(name, ins, 1);
      checkFloat(name, first);
      const other = ins.slice(1).find((type) => !equalTypes(type, first));
      if (other !== undefined) {
        throw new ArgumentError({
          op: name,
          problem: "parameters differ in type",
          received: `${formatType(first)} and ${formatType(other)}`,
          allowed: "arrays of one shape and dtype",
        });
      }
      checkResult(name, attrs, sampleFloats);
      return [tensorType(attrs.dtype, [...first.shape, ...attrs.shape]), stateType];
    },
    vjp: { none: "a sample is a constant, for its parameters too" },
    kernel: () => ({ kind: "random", distribution, parameters: [] }),
    docs: [
      docs,
      "`shape` is drawn for each element of the parameters, so the sample has their shape and then it.",
      ...sampleDocs,
    ].join("\n"),
  });
}

/** Not `gamma`, which is the function. */
export const gammaOp = parameterOp(
  "randomGamma",
  "gamma",
  2,
  "Samples of the gamma distribution with a shape and a scale, both positive: mean `shape scale`.",
);

export const poissonOp = parameterOp(
  "poisson",
  "poisson",
  1,
  "Samples of the Poisson distribution with a mean of at least 0, as floating point numbers.",
);

export const negativeBinomialOp = parameterOp(
  "negativeBinomial",
  "negativeBinomial",
  2,
  "Numbers of failures before `k` successes of probability `p`: Poisson of a gamma sample.",
);

export const generalizedNegativeBinomialOp = parameterOp(
  "generalizedNegativeBinomial",
  "generalizedNegativeBinomial",
  2,
  "Negative binomial samples of mean `mu` and variance `mu + alpha mu^2`; Poisson where alpha is 0.",
);

/** Gamma samples for arrays of shapes and scales, and the next state. */
export function gammaSample<T extends Operand<T>>(
  state: T,
  alpha: T,
  beta: T,
  attrs: SampleAttrs,
): readonly [T, T] {
  return draw(gammaOp, state, attrs, [alpha, beta]);
}

/** Poisson samples for an array of means, and the next state. */
export function poissonSample<T extends Operand<T>>(
  state: T,
  lam: T,
  attrs: SampleAttrs,
): readonly [T, T] {
  return draw(poissonOp, state, attrs, [lam]);
}

/** Negative binomial samples for arrays of success counts and probabilities, and the next state. */
export function negativeBinomialSample<T extends Operand<T>>(
  state: T,
  k: T,
  p: T,
  attrs: SampleAttrs,
): readonly [T, T] {
  return draw(negativeBinomialOp, state, attrs, [k, p]);
}

/** Negative binomial samples for arrays of means and dispersions, and the next state. */
export function generalizedNegativeBinomialSample<T extends Operand<T>>(
  state: T,
  mu: T,
  alpha: T,
  attrs: SampleAttrs,
): readonly [T, T] {
  return draw(generalizedNegativeBinomialOp, state, attrs, [mu, alpha]);
}
