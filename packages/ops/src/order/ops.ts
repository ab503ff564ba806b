import type { OpDef } from "@adjoint/graph";
import { cumprodOp, cumsumOp } from "./scan.js";
import { sortOp } from "./sort.js";

export const orderOps: readonly OpDef[] = [sortOp, cumsumOp, cumprodOp];
