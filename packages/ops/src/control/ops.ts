import type { OpDef } from "@adjoint/graph";

export const controlOps: readonly OpDef[] = [];
