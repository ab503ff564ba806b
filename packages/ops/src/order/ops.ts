import type { OpDef } from "@adjoint/graph";

export const orderOps: readonly OpDef[] = [];
