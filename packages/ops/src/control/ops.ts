import type { OpDef } from "@adjoint/graph";
import { callOp } from "./call.js";
import { customFunctionBackwardOp, customFunctionOp } from "./customFunction.js";
import type { OpLookup } from "./inline.js";

/** The operators that stand for programs; `lookup` knows all operators, these too. */
export function controlOps(lookup: OpLookup): readonly OpDef[] {
  return [callOp(lookup), customFunctionOp, customFunctionBackwardOp];
}
