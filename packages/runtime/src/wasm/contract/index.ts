export * from "./contractModule.js";
export * from "./element.js";
export * from "./kernelShape.js";
export * from "./prepareContract.js";
export * from "./scratch.js";
export * from "./splitGemm.js";
