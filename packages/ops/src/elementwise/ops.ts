import type { OpDef } from "@adjoint/graph";
import { arithmetic, negation } from "./arithmetic.js";
import { exponential } from "./exponential.js";
import { fullOp } from "./full.js";
import { signs } from "./sign.js";

export const elementwiseOps: readonly OpDef[] = [
  fullOp,
  ...arithmetic.defs,
  ...negation.defs,
  ...signs.defs,
  ...exponential.defs,
];
