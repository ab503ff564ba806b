import type { OpDef } from "@adjoint/graph";
import { broadcastToOp, sumOp } from "./sum.js";

export const reduceOps: readonly OpDef[] = [sumOp, broadcastToOp];
