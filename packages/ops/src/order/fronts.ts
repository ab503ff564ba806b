export { cumprod, cumsum } from "./scan.js";
export { argsort, sort } from "./sort.js";
export { topk } from "./topk.js";
