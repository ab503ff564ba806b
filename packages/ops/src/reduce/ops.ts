import type { OpDef } from "@adjoint/graph";
import { argmaxOp, argminOp } from "./argmax.js";
import { maxOp, minOp } from "./max.js";
import { meanOp } from "./mean.js";
import { momentsOp } from "./moments.js";
import { nanprodOp, nansumOp } from "./nansum.js";
import { normOp } from "./norm.js";
import { prodOp } from "./prod.js";
import { broadcastToOp, sumOp } from "./sum.js";

export const reduceOps: readonly OpDef[] = [
  sumOp,
  broadcastToOp,
  meanOp,
  prodOp,
  maxOp,
  minOp,
  nansumOp,
  nanprodOp,
  normOp,
  argmaxOp,
  argminOp,
  momentsOp,
];
