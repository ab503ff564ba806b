import type { OpDef } from "@adjoint/graph";
import { barrierOp } from "./barrier.js";
import { reshapeOp } from "./reshape.js";
import { padOp, sliceOp } from "./slice.js";
import { transposeOp } from "./transpose.js";

export const viewOps: readonly OpDef[] = [barrierOp, reshapeOp, transposeOp, sliceOp, padOp];
