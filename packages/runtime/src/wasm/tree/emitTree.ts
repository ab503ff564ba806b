import { at } from "../../kernels/prepare.js";
import type { ProgramFork, ProgramStretch } from "../../plan/programTree.js";
import { type FunctionBuilder, type MemoryType, ModuleBuilder } from "../assembler/index.js";
import { Cells } from "../cells/cells.js";
import { barriersIn, emitCallees, type ModuleContext, type PlanModule } from "../plan/emitPlan.js";
import { allI32, ListWriter } from "../plan/listWriter.js";
import type { CompiledTree } from "./compileTree.js";
import { addressIn, type TreeLayout } from "./treeLayout.js";

/** The function that runs a tree: from the table's address to the position of the stretch that it ended in. */
export const entryName = "run";

/**
 * Writes a tree of stretches as one function. A read is a branch; where an outcome leads out of what is known, the
 * function ends, and says where.
 */
export function emitTree(
  stretches: readonly ProgramStretch[],
  { layout, calls }: CompiledTree,
  memory: MemoryType,
  context: ModuleContext,
): PlanModule {
  const module = new ModuleBuilder(memory, "tree");
  const cells = new Cells(module);
  const { functions, imports } = emitCallees(module, calls.flat(), context);
  const writer = new ListWriter(module, functions, barriersIn(module)("tree"));
  const parts = calls.map((steps, position) => {
    const part = module.helper(`stretch${position}`, allI32(1));
    writer.fill(part, steps);
    return part;
  });
  const code = module.function(entryName, { params: ["i32"], results: ["i32"] });
  const visit = (position: number): void => {
    const { fork } = at(stretches, position);
    if (at(calls, position).length > 0) code.call(at(parts, position), code.param(0, "i32"));
    if (fork === undefined) {
      code.return(position);
      return;
    }
    const follow = (next: number) => (next < 0 ? code.return(position) : visit(next));
    code.if(
      emitTruth(code, cells, layout, fork),
      () => follow(fork.whenTrue),
      () => follow(fork.whenFalse),
    );
  };
  visit(0);
  // Every branch has returned.
  code.trap();
  return { bytes: module.bytes(), imports };
}

/** Whether the value is not zero; NaN is not. */
function emitTruth(code: FunctionBuilder, cells: Cells, layout: TreeLayout, fork: ProgramFork) {
  const { slot, offset } = addressIn(layout, fork.value);
  const base = code.load("i32.load", code.param(0, "i32"), slot * 4);
  return code.op("f64.ne", cells.load(code, fork.type.dtype, base, offset), code.f64(0));
}
