import type { OpDef } from "@adjoint/graph";
import { concatOp } from "./concat.js";

export const packOps: readonly OpDef[] = [concatOp];
