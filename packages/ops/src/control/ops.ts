import type { OpDef } from "@adjoint/graph";
import { callOp } from "./call.js";
import { customFunctionBackwardOp, customFunctionOp } from "./customFunction.js";
import type { OpLookup } from "./inline.js";
import { condOp } from "./cond.js";
import { scanOp } from "./scan.js";
import { whileLoopOp } from "./whileLoop.js";

/** The operators that stand for programs; `lookup` knows all operators, these too. */
export function controlOps(lookup: OpLookup): readonly OpDef[] {
  return [
    callOp(lookup),
    scanOp(lookup),
    whileLoopOp(lookup),
    condOp(lookup),
    customFunctionOp,
    customFunctionBackwardOp,
  ];
}
