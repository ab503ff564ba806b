export { apply, applyOne, describe, first, isOperand, nth } from "./core/define.js";
export {
  checkChoice,
  checkInteger,
  normalizeAxes,
  normalizeAxis,
  readOptions,
} from "./core/options.js";
export { fill, fullOp, literal, zerosOf } from "./elementwise/full.js";
export * as fronts from "./fronts.js";
export * from "./registry.js";
