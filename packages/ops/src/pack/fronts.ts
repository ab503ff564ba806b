export { concat, concat as Concat, concatenate } from "./concat.js";
export { pad, pad as Pad } from "./pad.js";
export { shapeArray, sizeArray } from "./shapeArray.js";
export { stack } from "./stack.js";
