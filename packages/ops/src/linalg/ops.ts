import type { OpDef } from "@adjoint/graph";

export const linalgOps: readonly OpDef[] = [];
