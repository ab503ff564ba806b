export {
  type CostKind,
  costDecoration,
  costKinds,
  profileDecoration,
  valueDecoration,
} from "./decorations.js";
export {
  type DescribePlanOptions,
  describePlan,
  type ProfilePlanOptions,
  profilePlan,
} from "./describePlan.js";
export {
  formatBytes,
  formatElement,
  formatMilliseconds,
  formatQuantity,
  formatSummary,
} from "./formatValues.js";
export { type GraphCosts, graphCosts, type NodeCost } from "./graphCosts.js";
export { type Cost, type KernelTypes, kernelCost } from "./kernelCost.js";
export type { NonFinite } from "./nonFinite.js";
export {
  type Observation,
  type ObservedRow,
  type ObserveOptions,
  observe,
  observedInputs,
  observedValues,
} from "./observe.js";
export {
  type GradientObservation,
  type ObserveGradientOptions,
  observeGradient,
} from "./observeGradient.js";
export { type PlanDrawing, planDrawing } from "./planDrawing.js";
export { formatArena, formatBuffer, formatCode, formatPlan, formatSlot } from "./planText.js";
export { summarize, type ValueSummary } from "./summarize.js";
