export * from "./analysis/index.js";
export { decodeHalf } from "./half.js";
export * from "./heap/index.js";
export type {
  Body,
  Execute,
  HostFunctions,
  PlanContext,
  RunContext,
  Signature,
} from "./kernels/prepare.js";
export { prepareKernel } from "./kernels/prepareKernel.js";
export * from "./plan/arena.js";
export * from "./plan/evaluateNode.js";
export * from "./plan/execute.js";
export type { GraphInputs } from "./plan/inputList.js";
export * from "./plan/plan.js";
export * from "./plan/planDescription.js";
export * from "./plan/planGraph.js";
export type { ProgramFork, ProgramStretch } from "./plan/programTree.js";
export type { Buffer, Place, ResultCopy, Schedule, Step } from "./plan/schedule.js";
export * from "./random/engines.js";
export { Runtime, type RuntimeMode, type RuntimeOptions } from "./runtime.js";
export { convert } from "./storage.js";
export * from "./tensor.js";
export type { TreePlan } from "./wasm/tree/treePlan.js";
