import { autograd, type NDArray, nd } from "adjoint";
import { type Classification, directionLike, smallMlpInputs } from "../inputs.js";
import { crossEntropy, dense } from "./dense.js";
import { descend } from "./descend.js";
import {
  forwardProgram,
  gradientProgram,
  type Program,
  toArray,
  toVariable,
  trainingProgram,
} from "./program.js";

/** A training step of a multilayer perceptron. */
export function mlp({ x, y, params: given }: Classification): Program {
  const params = given.map(toVariable);
  return trainingProgram(params, [x, y], (x, y) => {
    const loss = autograd.record(() => crossEntropy(dense(x, params, nd.relu), y));
    loss.backward();
    descend(params);
    return loss;
  });
}

/** The loss of the perceptron alone. */
export function mlpForward({ x, y, params: given }: Classification): Program {
  const params = given.map(toArray);
  return forwardProgram([x, y], (x, y) => crossEntropy(dense(x, params, nd.relu), y));
}

/** The Hessian of a loss times a direction: reverse mode over reverse mode. */
export function hessianVector(): Program {
  const { x: images, y: labels, params: given } = smallMlpInputs();
  const [x, y] = [toArray(images), toArray(labels)];
  const params = given.map(toVariable);
  const direction = directionLike(given).map(toArray);
  return gradientProgram(params, () => {
    const { loss, slope } = autograd.record(() => {
      const loss = crossEntropy(dense(x, params, nd.tanh), y);
      const gradients = autograd.grad(loss, params, { createGraph: true });
      return { loss, slope: innerProduct(gradients, direction) };
    });
    slope.backward();
    return loss;
  });
}

function innerProduct(left: readonly NDArray[], right: readonly NDArray[]): NDArray {
  const terms = left.flatMap((one, at) => {
    const other = right[at];
    return other === undefined ? [] : [one.mul(other).sum()];
  });
  return nd.addN(...terms);
}
