import type { OpDef } from "@adjoint/graph";

export const randomOps: readonly OpDef[] = [];
