export * from "./prepareWindow.js";
export * from "./windowModule.js";
