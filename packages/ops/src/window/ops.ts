import type { OpDef } from "@adjoint/graph";
import { convDataOp, convOp, convWeightOp } from "./conv.js";
import { poolMaxOp } from "./poolMax.js";
import { poolSumAdjointOp, poolSumOp } from "./poolSum.js";

export const windowOps: readonly OpDef[] = [
  convOp,
  convDataOp,
  convWeightOp,
  poolSumOp,
  poolSumAdjointOp,
  poolMaxOp,
];
