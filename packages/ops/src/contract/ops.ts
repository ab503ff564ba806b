import type { OpDef } from "@adjoint/graph";
import { batchDotOp } from "./batchDot.js";
import { dotOp } from "./dot.js";

export const contractOps: readonly OpDef[] = [dotOp, batchDotOp];
