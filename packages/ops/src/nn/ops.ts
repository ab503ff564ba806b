import type { OpDef } from "@adjoint/graph";

export const nnOps: readonly OpDef[] = [];
