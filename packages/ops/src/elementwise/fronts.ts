export {
  add,
  add as broadcastAdd,
  add as broadcastPlus,
  div as divide,
  mul as multiply,
  negative,
  sub as subtract,
} from "./arithmetic.js";
export { exp, log, log1p, tanh } from "./exponential.js";
export { abs, sign } from "./sign.js";
