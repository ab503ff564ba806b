import type { OpDef } from "@adjoint/graph";
import { embeddingOp } from "./embedding.js";
import { gatherNdAdjointOp, gatherNdOp, scatterNdOp } from "./gatherNd.js";
import { oneHotOp } from "./oneHot.js";
import { ravelMultiIndexOp, unravelIndexOp } from "./ravel.js";
import { sequenceLastOp, sequenceMaskOp, sequenceReverseOp } from "./sequence.js";
import { takeAdjointOp, takeOp } from "./take.js";
import { takeAlongAdjointOp, takeAlongOp } from "./takeAlong.js";

export const indexOps: readonly OpDef[] = [
  takeOp,
  takeAdjointOp,
  takeAlongOp,
  takeAlongAdjointOp,
  gatherNdOp,
  gatherNdAdjointOp,
  scatterNdOp,
  oneHotOp,
  embeddingOp,
  sequenceMaskOp,
  sequenceLastOp,
  sequenceReverseOp,
  unravelIndexOp,
  ravelMultiIndexOp,
];
