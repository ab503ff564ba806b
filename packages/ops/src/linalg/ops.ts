import type { OpDef } from "@adjoint/graph";
import { detOp, slogdetOp } from "./determinant.js";
import { gelqfOp } from "./gelqf.js";
import { inverseOp } from "./inverse.js";
import { potrfOp } from "./potrf.js";
import { syevdOp } from "./syevd.js";
import { trsmOp } from "./trsm.js";

export const linalgOps: readonly OpDef[] = [
  potrfOp,
  trsmOp,
  inverseOp,
  slogdetOp,
  detOp,
  gelqfOp,
  syevdOp,
];
