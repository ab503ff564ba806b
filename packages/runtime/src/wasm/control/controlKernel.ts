import { at } from "../../kernels/prepare.js";
import type { CallArgument } from "../libraryCall.js";
import type { ListStep } from "../plan/compiledPlan.js";
import type { Address, ControlFunction, ThreadStep } from "../plan/planCall.js";
import type { StepKernel } from "../plan/stepKernel.js";
import { callsOf, threadLists } from "../plan/threadLists.js";
import {
  type BodyFrame,
  type ControlProgram,
  loopBodies,
  ownOperands,
  scratchSlot,
} from "./controlProgram.js";

/**
 * A loop or a branch as a step. Several threads that share it run the same iterations and branches,
 * each its own parts of the bodies' steps, and meet at the barriers of the bodies.
 */
export function controlKernel(
  program: ControlProgram,
  lists: readonly (readonly ListStep[])[],
  scratchBytes: number,
  times: number,
): StepKernel {
  const scratches = lists.map((_, body) => scratchOf(frameOf(program, body)));
  const cost = lists.flat().reduce((sum, { kernel }) => sum + kernel.cost, 0) * times;
  const mayRefuse = lists.flat().some(({ kernel }) => kernel.mayRefuse);
  const part = (bodies: ControlFunction["bodies"], thread?: number): StepKernel => {
    const { workspace, constants } = ownOperands(program);
    const args = [
      ...Array.from({ length: program.operands }, (_, operand) => operand),
      workspace,
      constants,
    ].map((operand): CallArgument => ({ operand, offset: 0 }));
    const kernel: StepKernel = {
      scratchBytes,
      mayRefuse,
      cost,
      calls: [
        {
          target: { kind: "control", of: { program, bodies, thread } },
          args: [...args, { scratch: 0 }],
        },
      ],
      split: () => [kernel],
    };
    return kernel;
  };
  const alone = part(lists.map((list, body) => callsOf(list, at(scratches, body))));
  return {
    ...alone,
    split: (parts) => {
      const shared = sharedBodies(program, lists, scratches, parts);
      return shared?.map((bodies, thread) => part(bodies, thread)) ?? [alone];
    },
  };
}

/** What each thread does of each body; undefined where no step is worth dividing. */
function sharedBodies(
  program: ControlProgram,
  lists: readonly (readonly ListStep[])[],
  scratches: readonly Address[],
  threads: number,
): ThreadStep[][][] | undefined {
  const divided = lists.map((list, body) => {
    // One thread turns sums into results.
    if (program.kind === "loop" && body === loopBodies.finish) return undefined;
    const scratch = at(scratches, body);
    // Iterations rewrite the addresses of bodies, of which several may be one memory.
    const steps = list.map(({ kernel, operands }) => ({ kernel, operands }));
    return threadLists(
      steps,
      Array.from({ length: threads }, () => scratch),
    );
  });
  if (divided.every((list) => list === undefined)) return undefined;
  return Array.from({ length: threads }, (_, thread) =>
    lists.map((list, body): ThreadStep[] => {
      const own = divided[body]?.[thread];
      if (own !== undefined) return own;
      const calls = thread === 0 ? callsOf(list, at(scratches, body)) : [];
      return program.kind === "loop" && body === loopBodies.finish ? calls : [...calls, "barrier"];
    }),
  );
}

function frameOf(program: ControlProgram, body: number): BodyFrame {
  if (program.kind === "branch") {
    return body === 0 || program.choice === undefined
      ? program.first.frame
      : program.choice.second.frame;
  }
  const isCondition = body === loopBodies.condition && program.condition !== undefined;
  return isCondition ? program.condition.frame : program.body;
}

function scratchOf(frame: BodyFrame): Address {
  return { slot: scratchSlot(frame), offset: 0 };
}
