import { autograd, type NDArray, nd } from "adjoint";
import { transformer as sizes, transformerInputs, transformerNames } from "../inputs.js";
import { descend } from "./descend.js";
import { forwardProgram, type Program, toArray, toVariable, trainingProgram } from "./program.js";

const { batch, sequence, width, heads } = sizes;
const perHead = width / heads;

/** Parameters by name. */
type Parameters = (name: string) => NDArray;

function named(params: readonly NDArray[]): Parameters {
  return (name) => {
    const param = params[transformerNames.indexOf(name)];
    if (param === undefined) throw new Error(`transformer: no parameter ${name}`);
    return param;
  };
}

/** (batch, sequence, width) to (batch * heads, sequence, perHead). */
function splitHeads(x: NDArray): NDArray {
  return x
    .reshape([batch, sequence, heads, perHead])
    .transpose([0, 2, 1, 3])
    .reshape([batch * heads, sequence, perHead]);
}

/** The way back. */
function mergeHeads(x: NDArray): NDArray {
  return x
    .reshape([batch, heads, sequence, perHead])
    .transpose([0, 2, 1, 3])
    .reshape([batch, sequence, width]);
}

function attention(x: NDArray, p: Parameters): NDArray {
  const project = (to: string) => splitHeads(nd.dot(x, p(`w${to}`)).add(p(`b${to}`)));
  const [q, k, v] = [project("q"), project("k"), project("v")];
  const scores = nd.batchDot(q, k, { transposeB: true }).div(Math.sqrt(perHead));
  const mixed = mergeHeads(nd.batchDot(scores.softmax(), v));
  return nd.dot(mixed, p("wo")).add(p("bo"));
}

/** The Gaussian error linear unit with the tanh approximation of Hendrycks and Gimpel. */
function gelu(x: NDArray): NDArray {
  const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(0.5).mul(inner.tanh().add(1));
}

/** A block with normalization before attention and before the inner layers. */
function block(x: NDArray, p: Parameters): NDArray {
  const r = x.add(attention(nd.LayerNorm(x, p("gain1"), p("shift1")), p));
  const h = nd.dot(nd.LayerNorm(r, p("gain2"), p("shift2")), p("w1")).add(p("b1"));
  return r.add(nd.dot(gelu(h), p("w2")).add(p("b2")));
}

function lossOf(x: NDArray, target: NDArray, params: readonly NDArray[]): NDArray {
  return block(x, named(params)).sub(target).square().mean();
}

/** A training step of a transformer block. */
export function transformerBlock(): Program {
  const { x, target, params: given } = transformerInputs();
  const params = given.map(toVariable);
  return trainingProgram(params, [x, target], (x, target) => {
    const loss = autograd.record(() => lossOf(x, target, params));
    loss.backward();
    descend(params);
    return loss;
  });
}

/** The loss of the block alone. */
export function transformerForward(): Program {
  const { x, target, params: given } = transformerInputs();
  const params = given.map(toArray);
  return forwardProgram([x, target], (x, target) => lossOf(x, target, params));
}
