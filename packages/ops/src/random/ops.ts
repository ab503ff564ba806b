import type { OpDef } from "@adjoint/graph";
import { exponentialOp, normalOp, randintOp, uniformOp } from "./distributions.js";

export const randomOps: readonly OpDef[] = [uniformOp, normalOp, exponentialOp, randintOp];
