import type { OpDef } from "@adjoint/graph";

export const indexOps: readonly OpDef[] = [];
