import type { OpDef } from "@adjoint/graph";
import { detOp, slogdetOp } from "./determinant.js";
import { inverseOp } from "./inverse.js";
import { potrfOp } from "./potrf.js";
import { trsmOp } from "./trsm.js";

export const linalgOps: readonly OpDef[] = [potrfOp, trsmOp, inverseOp, slogdetOp, detOp];
