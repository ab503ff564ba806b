export * from "./functionBuilder.js";
export * from "./instructions.js";
export * from "./moduleBuilder.js";
export * from "./value.js";
