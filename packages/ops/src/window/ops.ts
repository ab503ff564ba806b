import type { OpDef } from "@adjoint/graph";

export const windowOps: readonly OpDef[] = [];
