import type { FunctionBuilder } from "../assembler/index.js";
import { type BodyRunner, ControlCode } from "./controlCode.js";
import {
  type Branch,
  type BranchProgram,
  type ControlProgram,
  ownOperands,
} from "./controlProgram.js";
import { emitLoop } from "./emitLoop.js";

/** Parameters of a step's function, all i32: its operands, and scratch memory. */
export function controlParameters(program: ControlProgram): readonly "i32"[] {
  return Array.from({ length: ownOperands(program).scratch + 1 }, () => "i32" as const);
}

/** Writes the code of a loop or a branch. */
export function emitControl(code: FunctionBuilder, program: ControlProgram, run: BodyRunner): void {
  const control = new ControlCode(code, program, run);
  switch (program.kind) {
    case "loop":
      emitLoop(control, program);
      break;
    case "branch":
      emitBranch(control, program);
      break;
    default:
      program satisfies never;
  }
}

function emitBranch(control: ControlCode, { first, choice, results }: BranchProgram): void {
  const take = (branch: Branch, body: number) => {
    const { frame, captured } = branch;
    control.fillFrame(frame);
    control.setInputs(frame, 0, captured);
    results.forEach((operand, result) => {
      control.setResult(frame, result, control.operand(operand));
    });
    control.run(frame, body);
  };
  if (choice === undefined) {
    take(first, 0);
    return;
  }
  control.code.if(
    control.holds(choice.predicate),
    () => take(first, 0),
    () => take(choice.second, 1),
  );
}
