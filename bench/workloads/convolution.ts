import { autograd, type NDArray, nd } from "adjoint";
import { convolutionInputs, lenetInputs } from "../inputs.js";
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

function pooled(x: NDArray): NDArray {
  return nd.Pooling(x, { kernel: [2, 2], stride: [2, 2] });
}

/** LeNet-5's logits. */
function lenetLogits(x: NDArray, params: readonly NDArray[]): NDArray {
  const [kernel1, bias1, kernel2, bias2, ...rest] = params;
  if (kernel1 === undefined || kernel2 === undefined) throw new Error("LeNet: no kernels");
  const h1 = pooled(nd.relu(nd.Convolution(x, kernel1, bias1, { pad: [2, 2] })));
  const h2 = pooled(nd.relu(nd.Convolution(h1, kernel2, bias2)));
  return dense(nd.flatten(h2), rest, nd.relu);
}

/** A training step of LeNet-5. */
export function lenet(): Program {
  const { x, y, params: given } = lenetInputs();
  const params = given.map(toVariable);
  return trainingProgram(params, [x, y], (x, y) => {
    const loss = autograd.record(() => crossEntropy(lenetLogits(x, params), y));
    loss.backward();
    descend(params);
    return loss;
  });
}

/** The loss of LeNet-5 alone. */
export function lenetForward(): Program {
  const { x, y, params: given } = lenetInputs();
  const params = given.map(toArray);
  return forwardProgram([x, y], (x, y) => crossEntropy(lenetLogits(x, params), y));
}

/** One 3 x 3 convolution and its gradients. */
export function singleConvolution(): Program {
  const [images, kernels, biases] = convolutionInputs();
  const [x, kernel, bias] = [toVariable(images), toVariable(kernels), toVariable(biases)];
  return gradientProgram([x, kernel, bias], () => {
    const loss = autograd.record(() =>
      nd
        .relu(nd.Convolution(x, kernel, bias, { pad: [1, 1] }))
        .square()
        .mean(),
    );
    loss.backward();
    return loss;
  });
}
