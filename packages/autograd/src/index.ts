export * from "./checkGradients.js";
export * from "./gradient.js";
export * from "./joint.js";
export * from "./tidyGradient.js";
