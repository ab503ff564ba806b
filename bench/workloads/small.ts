import { autograd, type NDArray, nd } from "adjoint";
import { controlFlowInputs, recurrenceInputs, rosenbrockInputs, seedInputs } from "../inputs.js";
import { gradientProgram, type Program, toArray, toVariable } from "./program.js";

/** The introduction's `2 x^T x`. */
export function seed(): Program {
  const x = toVariable(seedInputs());
  const program = gradientProgram([x], () => {
    const y = autograd.record(() => nd.dot(x.T, x).mul(2));
    y.backward();
    return y;
  });
  return { ...program, hasLoss: false };
}

/** A loop and a branch that depend on numbers. */
function doubled(a: NDArray): NDArray {
  let b = a.mul(2);
  while (b.norm().lesser(1000).asBoolean()) b = b.mul(2);
  return b.sum().greater(0).asBoolean() ? b : b.mul(100);
}

/** The introduction's control flow, on another number at each iteration. */
export function controlFlow(): Program {
  const numbers = controlFlowInputs().data;
  let iteration = 0;
  return {
    args: () => {
      const number = numbers[iteration++ % numbers.length] ?? Number.NaN;
      return [nd.array([number]).attachGrad()];
    },
    run: (a) => {
      const c = autograd.record(() => doubled(a));
      c.backward();
      return c;
    },
    variables: (args) => args,
    trains: false,
    comparedIterations: 100,
    hasLoss: false,
  };
}

/** `h + 0.001 tanh(W h + b)`, over and over: five operations per step. */
export function recurrence(steps: number): Program {
  const [weight, bias, state] = recurrenceInputs();
  const [w, b, start] = [toVariable(weight), toVariable(bias), toArray(state)];
  return gradientProgram([w, b], () => {
    const loss = autograd.record(() => {
      let h = start;
      for (let step = 0; step < steps; step++) {
        h = h.add(nd.dot(w, h).add(b).tanh().mul(0.001));
      }
      return h.sum();
    });
    loss.backward();
    return loss;
  });
}

/** Rosenbrock's function in ten dimensions. */
export function rosenbrock(): Program {
  const x = toVariable(rosenbrockInputs());
  return gradientProgram([x], () => {
    const loss = autograd.record(() => {
      const [next, here] = [x.at([1, 10]), x.at([0, 9])];
      const valley = next.sub(here.square()).square().mul(100);
      return valley.add(here.neg().add(1).square()).sum();
    });
    loss.backward();
    return loss;
  });
}
