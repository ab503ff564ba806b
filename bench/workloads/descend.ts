import { type NDArray, nd } from "adjoint";

const lr = 0.01;

/** A step of gradient descent, written over the parameters. */
export function descend(params: readonly NDArray[]): void {
  for (const param of params) {
    if (param.grad !== null) nd.sgdUpdate(param, param.grad, { lr, out: param });
  }
}
