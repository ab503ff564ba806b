import { byteLengthOf, type CallKernel, type Graph, sizeOf, type TensorType } from "@adjoint/graph";
import { parameterCount } from "../../kernels/loop.js";
import { at } from "../../kernels/prepare.js";
import { doubleDTypes } from "../../storage.js";
import type { CompiledPlan, ListStep, PlacedConstant } from "../plan/compiledPlan.js";
import { type GroupFunction, slots } from "../plan/planCall.js";
import { aligned } from "../plan/planLayout.js";
import type { StepKernel } from "../plan/stepKernel.js";
import { controlKernel } from "./controlKernel.js";
import {
  type BodyFrame,
  type Branch,
  type ControlProgram,
  type LoopState,
  type LoopSum,
  type Rows,
  scratchSlot,
  sumSlots,
} from "./controlProgram.js";
import { addingStep, finishingStep } from "./sums.js";

/** What a step with bodies needs besides the kernel's operands. */
export interface BodyMemory {
  /** Memory that all threads share while the step runs: an operand after the kernel's. */
  readonly workspaceBytes: number;
  /** What lies from the last operand on. */
  readonly constants: readonly PlacedConstant[];
  readonly constantBytes: number;
}

/** A loop or a branch as a step of a plan. */
export interface ControlStep {
  readonly kernel: StepKernel;
  readonly bodies: BodyMemory;
}

/** Why there is no code. */
export interface Refusal {
  readonly reason: string;
}

/** What a step with bodies is compiled for. */
export interface ControlContext {
  readonly ins: readonly TensorType[];
  readonly outs: readonly TensorType[];
  /** Functions of fused groups made so far. */
  readonly groups: Map<string, GroupFunction>;
  compileBody(body: Graph): CompiledPlan;
}

/** Operands at the most: they are parameters of a function. */
const operandLimit = 500;

/**
 * Code for a loop or a branch whose bodies are all generated code, or the reason why the interpreter
 * must run it.
 */
export function compileControl(kernel: CallKernel, context: ControlContext): ControlStep | Refusal {
  const { ins, outs } = context;
  if (ins.length + outs.length > operandLimit) {
    return { reason: `more than ${operandLimit} arguments and results` };
  }
  switch (kernel.form) {
    case "host":
      return { reason: "a function of the host" };
    case "graph":
    case "cond":
      return new ControlCompiler(context).branch(kernel);
    case "scan":
    case "while":
      return new ControlCompiler(context).loop(kernel);
    default:
      return kernel satisfies never;
  }
}

/** Gives out places one after another. */
class Region {
  bytes = 0;

  take(bytes: number): number {
    const offset = this.bytes;
    this.bytes += aligned(bytes);
    return offset;
  }
}

type Loop = CallKernel & { form: "scan" | "while" };

class ControlCompiler {
  private readonly workspace = new Region();
  private readonly scratch = new Region();
  private readonly constants: PlacedConstant[] = [];
  private constantBytes = 0;
  private readonly operands: number;

  constructor(private readonly context: ControlContext) {
    this.operands = context.ins.length + context.outs.length;
  }

  branch(kernel: CallKernel & { form: "graph" | "cond" }): ControlStep | Refusal {
    const isChoice = kernel.form === "cond";
    const graphs = isChoice ? [kernel.whenTrue, kernel.whenFalse] : [kernel.graph];
    const bodies = graphs.map((graph) => this.context.compileBody(graph));
    const refusal = refusalOf(bodies);
    if (refusal !== undefined) return refusal;
    this.reserveFor(bodies);
    let next = isChoice ? 1 : 0;
    const branches = bodies.map((plan, body): Branch => {
      const count = parameterCount(at(graphs, body));
      next += count;
      return { frame: this.frameOf(plan), captured: range(next - count, count) };
    });
    const [first, second] = branches;
    if (first === undefined) throw new RangeError("no branch");
    const predicate = { place: { operand: 0 }, dtype: this.context.ins[0]?.dtype ?? "bool" };
    const program: ControlProgram = {
      kind: "branch",
      operands: this.operands,
      first,
      choice: second === undefined ? undefined : { predicate, second },
      results: this.context.outs.map((_, out) => this.outOperand(out)),
    };
    return this.step(program, bodies.map(listOf), 1);
  }

  loop(kernel: Loop): ControlStep | Refusal {
    const graphs = kernel.form === "while" ? [kernel.body, kernel.condition] : [kernel.body];
    const bodies = graphs.map((graph) => this.context.compileBody(graph));
    const [body, condition] = bodies;
    if (body === undefined) throw new RangeError("no body");
    const refusal = refusalOf(bodies) ?? this.refusalOfSums(kernel);
    if (refusal !== undefined) return refusal;
    this.reserveFor(bodies);
    const sums = this.sumsOf(kernel, body);
    const frame = this.frameOf(body, 2 * sums.length);
    const program: ControlProgram = {
      kind: "loop",
      operands: this.operands,
      body: frame,
      condition: condition && this.conditionOf(condition),
      ...this.placesOf(kernel, body),
      sums,
    };
    const { adding, finishing } = this.sumSteps(sums, frame);
    const lists = [[...listOf(body), ...adding], finishing];
    if (condition !== undefined) lists.push([...listOf(condition)]);
    return this.step(program, lists, kernel.length);
  }

  private conditionOf(plan: CompiledPlan) {
    const [result] = plan.program.results;
    if (result === undefined) throw new RangeError("no predicate");
    const place = { workspace: this.workspace.take(byteLengthOf(result.type)) };
    return { frame: this.frameOf(plan), predicate: { place, dtype: result.type.dtype } };
  }

  /** Where the values of a loop lie among its operands, and in the workspace. */
  private placesOf(kernel: Loop, body: CompiledPlan) {
    const { states, slices, stacked, history } = kernel.layout;
    const isWhile = kernel.form === "while";
    const first = kernel.form === "scan" && kernel.counted ? 1 : 0;
    const asked = isWhile ? parameterCount(kernel.condition) - states : 0;
    const firstCaptured = first + states + slices + asked;
    const summed = kernel.body.outputs.length - states - stacked;
    const resultBytes = (result: number) => byteLengthOf(at(body.program.results, result).type);
    const historyFrom = states + stacked + summed;
    return {
      length: kernel.length,
      reverse: kernel.form === "scan" && kernel.reverse,
      count: first === 1 ? 0 : undefined,
      states: range(0, states).map((state): LoopState => {
        const bytes = resultBytes(state);
        return {
          bytes,
          first: first + state,
          last: this.outOperand(state),
          buffer: this.workspace.take(bytes),
          history: history ? this.outOperand(historyFrom + state) : undefined,
        };
      }),
      slices: range(first + states, slices).map((operand): Rows => {
        const { shape } = at(this.context.ins, operand);
        const bytes = byteLengthOf(at(this.context.ins, operand)) / (shape[0] ?? 1);
        return { operand, bytes };
      }),
      stacked: range(states, stacked).map((result): Rows => {
        return { operand: this.outOperand(result), bytes: resultBytes(result) };
      }),
      asked: range(first + states + slices, asked),
      captured: range(firstCaptured, this.context.ins.length - firstCaptured),
      counted: isWhile ? this.outOperand(this.context.outs.length - 1) : undefined,
    };
  }

  private refusalOfSums({ layout: { states, stacked }, body }: Loop): Refusal | undefined {
    const summed = body.outputs.length - states - stacked;
    const types = this.context.outs.slice(states + stacked, states + stacked + summed);
    const refused = types.find(({ dtype }) => !doubleDTypes.includes(dtype));
    return refused && { reason: `sums of ${refused.dtype}` };
  }

  private sumsOf({ layout: { states, stacked } }: Loop, { program }: CompiledPlan): LoopSum[] {
    return program.results.slice(states + stacked).map(({ type }, sum): LoopSum => {
      const result = states + stacked + sum;
      const addend = this.workspace.take(byteLengthOf(type));
      const totalBytes = 8 * sizeOf(type.shape);
      const total = this.workspace.take(totalBytes);
      return { result, out: this.outOperand(result), addend, total, totalBytes };
    });
  }

  /** Steps that add what an iteration gives to the sums, and that turn sums into results. */
  private sumSteps(sums: readonly LoopSum[], frame: BodyFrame) {
    const { groups, outs, ins } = this.context;
    const adding: ListStep[] = [];
    const finishing: ListStep[] = [];
    for (const [position, { result, out }] of sums.entries()) {
      const type = at(outs, out - ins.length);
      const words = sumSlots(frame, position);
      const addend = { slot: slots.firstInput + frame.inputs + result, offset: 0 };
      const [total, last] = [words.total, words.out].map((slot) => ({ slot, offset: 0 }));
      if (total === undefined || last === undefined) throw new RangeError("no words");
      adding.push(addingStep(type, total, addend, groups));
      finishing.push(finishingStep(type, total, last, groups));
    }
    return { adding, finishing };
  }

  /** Room for the temporaries and the scratch memory of bodies, of which one runs at a time. */
  private reserveFor(bodies: readonly CompiledPlan[]): void {
    this.workspace.take(Math.max(...bodies.map(({ layout }) => layout.arenaBytes)));
    this.scratch.take(Math.max(...bodies.map(({ scratchBytes }) => scratchBytes)));
  }

  private frameOf(plan: CompiledPlan, further = 0): BodyFrame {
    const inputs = plan.roles.filter(({ kind }) => kind === "input").length;
    const results = plan.program.results.length;
    const words = scratchSlot({ inputs, results }) + 1 + further;
    const first = this.constantBytes;
    for (const { offset, constant } of plan.constants) {
      this.constants.push({ offset: first + offset, constant });
    }
    this.constantBytes += aligned(plan.constantBytes);
    return { offset: this.scratch.take(words * 4), inputs, results, constants: first };
  }

  private outOperand(out: number): number {
    return this.context.ins.length + out;
  }

  private step(
    program: ControlProgram,
    lists: readonly (readonly ListStep[])[],
    times: number,
  ): ControlStep {
    const scratchBytes = this.scratch.bytes;
    const { constants, constantBytes } = this;
    // An array of no bytes has no place.
    const workspaceBytes = Math.max(1, this.workspace.bytes);
    return {
      kernel: controlKernel(program, lists, scratchBytes, times),
      bodies: { workspaceBytes, constants, constantBytes },
    };
  }
}

function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, position) => from + position);
}

function listOf({ lists }: CompiledPlan): readonly ListStep[] {
  return lists[0] ?? [];
}

function refusalOf(bodies: readonly CompiledPlan[]): Refusal | undefined {
  for (const { refusals, program } of bodies) {
    for (const [position, reason] of refusals) {
      const step = at(program.steps, position);
      const op = step.kind === "kernel" ? step.node.op : "fused";
      return { reason: `a body with ${op}: ${reason}` };
    }
  }
  return undefined;
}
