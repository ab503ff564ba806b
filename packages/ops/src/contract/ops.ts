import type { OpDef } from "@adjoint/graph";
import { dotOp } from "./dot.js";

export const contractOps: readonly OpDef[] = [dotOp];
