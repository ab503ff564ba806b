import { type NDArray, nd } from "adjoint";

/** Dense layers with an activation between them; `params` are weights (in, out) and biases in turn. */
export function dense(
  x: NDArray,
  params: readonly NDArray[],
  activation: (x: NDArray) => NDArray,
): NDArray {
  const [weight, bias, ...rest] = params;
  if (weight === undefined || bias === undefined) return x;
  const h = nd.dot(x, weight).add(bias);
  return rest.length === 0 ? h : dense(activation(h), rest, activation);
}

/** The mean over the batch of the softmax cross-entropy. */
export function crossEntropy(logits: NDArray, labels: NDArray): NDArray {
  return nd.pick(logits.logSoftmax(), labels).mean().neg();
}
