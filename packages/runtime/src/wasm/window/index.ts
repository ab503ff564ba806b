export * from "./prepareWindow.js";
export * from "./windowLibraries.js";
export * from "./windowModule.js";
