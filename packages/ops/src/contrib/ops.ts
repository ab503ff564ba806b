import type { OpDef } from "@adjoint/graph";
import { quadraticOp } from "./quadratic.js";
import { gradientMultiplierOp, straightThrough } from "./straightThrough.js";

export const contribOps: readonly OpDef[] = [
  quadraticOp,
  gradientMultiplierOp,
  ...straightThrough.defs,
];
