export { batchDot } from "./batchDot.js";
export { dot } from "./dot.js";
export { khatriRao } from "./khatriRao.js";
