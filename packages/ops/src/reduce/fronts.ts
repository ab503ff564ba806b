export { allFinite } from "./allFinite.js";
export { argmax, argmaxChannel, argmin } from "./argmax.js";
export { max, max as maxAxis, min, min as minAxis } from "./max.js";
export { mean } from "./mean.js";
export { moments } from "./moments.js";
export { nanprod, nansum } from "./nansum.js";
export { norm } from "./norm.js";
export { prod } from "./prod.js";
export { sum, sum as sumAxis } from "./sum.js";
