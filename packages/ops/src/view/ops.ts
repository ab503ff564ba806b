import type { OpDef } from "@adjoint/graph";
import { reshapeOp } from "./reshape.js";
import { padOp, sliceOp } from "./slice.js";
import { transposeOp } from "./transpose.js";

export const viewOps: readonly OpDef[] = [reshapeOp, transposeOp, sliceOp, padOp];
