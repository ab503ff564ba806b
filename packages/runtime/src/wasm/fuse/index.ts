export * from "./emitGroup.js";
export * from "./fuse.js";
export * from "./fusedProgram.js";
export * from "./group.js";
export * from "./groupKey.js";
export * from "./nest.js";
export * from "./remake.js";
export { splitUnit } from "./unroll.js";
