export * from "./gradient.js";
export * from "./reversePass.js";
export * from "./savedValues.js";
