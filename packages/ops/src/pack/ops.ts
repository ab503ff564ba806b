import type { OpDef } from "@adjoint/graph";

export const packOps: readonly OpDef[] = [];
