export * from "@adjoint/ops/fronts";
export * from "./creation.js";
export { BatchNorm, type BatchNormSettings, Dropout, type DropoutSettings } from "./layers.js";
export * as random from "./random.js";
