import { largeMlpInputs, smallMlpInputs } from "../inputs.js";
import { lenet, lenetForward, singleConvolution } from "./convolution.js";
import { elementwiseChain, elementwiseForward } from "./elementwise.js";
import { hessianVector, mlp, mlpForward } from "./mlp.js";
import { product, productGradient } from "./products.js";
import type { Program } from "./program.js";
import { controlFlow, recurrence, rosenbrock, seed } from "./small.js";
import { transformerBlock, transformerForward } from "./transformer.js";

export type { Program } from "./program.js";

/** A row of the table. */
export interface Workload {
  readonly title: string;
  readonly prepare: () => Program;
}

/** Every workload by its name, which contenders share. */
export const workloads = {
  W1: { title: "seed step 2 xᵀx", prepare: seed },
  W2: { title: "control flow on values", prepare: controlFlow },
  W3: { title: "MLP 784-256-128-10, batch 64", prepare: () => mlp(smallMlpInputs()) },
  W3big: { title: "MLP 784-1024-1024-10, batch 256", prepare: () => mlp(largeMlpInputs()) },
  W4: { title: "LeNet-5, batch 64", prepare: lenet },
  W4conv: { title: "convolution 3×3, 32 to 64 channels", prepare: singleConvolution },
  W5: { title: "transformer block", prepare: transformerBlock },
  W6: { title: "elementwise chain, 1e6 elements", prepare: elementwiseChain },
  W7_256: { title: "product, n = 256", prepare: () => product(256) },
  W7_512: { title: "product, n = 512", prepare: () => product(512) },
  W7_1024: { title: "product, n = 1024", prepare: () => product(1024) },
  W7g_512: { title: "product and gradients, n = 512", prepare: () => productGradient(512) },
  W8_100: { title: "100 small operations", prepare: () => recurrence(20) },
  W8_1k: { title: "1,000 small operations", prepare: () => recurrence(200) },
  W8_10k: { title: "10,000 small operations", prepare: () => recurrence(2000) },
  W8r: { title: "Rosenbrock in 10 dimensions", prepare: rosenbrock },
  W9: { title: "Hessian-vector product of an MLP", prepare: hessianVector },
  W3_fwd: { title: "MLP, loss only", prepare: () => mlpForward(smallMlpInputs()) },
  W4_fwd: { title: "LeNet-5, loss only", prepare: lenetForward },
  W5_fwd: { title: "transformer block, loss only", prepare: transformerForward },
  W6_fwd: { title: "elementwise chain, loss only", prepare: elementwiseForward },
} satisfies Record<string, Workload>;

export type WorkloadName = keyof typeof workloads;

export const workloadNames = Object.keys(workloads).filter(isWorkloadName);

export function isWorkloadName(name: string): name is WorkloadName {
  return Object.hasOwn(workloads, name);
}
