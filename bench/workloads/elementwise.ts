import { autograd, type NDArray } from "adjoint";
import { elementwiseInputs } from "../inputs.js";
import { forwardProgram, gradientProgram, type Program, toVariable } from "./program.js";

/** Sum of `tanh(a b + c) d - e e / (1 + exp(-a))`. */
function chain(args: readonly NDArray[]): NDArray {
  const [a, b, c, d, e] = args;
  if (!(a && b && c && d && e)) throw new Error("chain: five arrays");
  const left = a.mul(b).add(c).tanh().mul(d);
  return left.sub(e.mul(e).div(a.neg().exp().add(1))).sum();
}

/** A chain of elementwise operations on 1e6 elements, and five gradients. */
export function elementwiseChain(): Program {
  const variables = elementwiseInputs().map(toVariable);
  return gradientProgram(variables, () => {
    const loss = autograd.record(() => chain(variables));
    loss.backward();
    return loss;
  });
}

/** The chain alone. */
export function elementwiseForward(): Program {
  return forwardProgram(elementwiseInputs(), (...args) => chain(args));
}
