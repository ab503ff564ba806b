import { autograd, nd } from "adjoint";
import { productInputs } from "../inputs.js";
import { forwardProgram, gradientProgram, type Program, toVariable } from "./program.js";

/** A product of two square matrices. */
export function product(size: number): Program {
  return forwardProgram(productInputs(size), (a, b) => nd.dot(a, b), false);
}

/** The sum of a product, and the gradients of both factors. */
export function productGradient(size: number): Program {
  const [left, right] = productInputs(size);
  const [a, b] = [toVariable(left), toVariable(right)];
  return gradientProgram([a, b], () => {
    const loss = autograd.record(() => nd.dot(a, b).sum());
    loss.backward();
    return loss;
  });
}
