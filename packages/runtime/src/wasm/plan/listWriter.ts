import { at } from "../../kernels/prepare.js";
import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import { controlParameters, emitControl } from "../control/emitControl.js";
import type { LibraryFunction } from "../libraryCall.js";
import type { CallTarget, ControlFunction, PlanArgument, ThreadStep } from "./planCall.js";

/** Calls of one function at the most: engines compile several small functions faster. */
const callsPerFunction = 128;

/** Groups are known by their key, functions of libraries by name, loops and branches as they are. */
export type FunctionKey = string | ControlFunction;

export type EmitBarrier = (code: FunctionBuilder) => void;

/** Writes functions that make lists of calls; their parameter is the address of a table. */
export class ListWriter {
  constructor(
    private readonly module: ModuleBuilder,
    private readonly functions: Map<FunctionKey, FunctionRef>,
    private readonly barrier: EmitBarrier,
  ) {}

  fill(whole: FunctionBuilder, steps: readonly ThreadStep[]): void {
    for (const step of steps) {
      if (step !== "barrier" && step.target.kind === "control") this.control(step.target.of);
    }
    if (steps.length <= callsPerFunction) {
      this.emitCalls(whole, steps);
      return;
    }
    for (let start = 0; start < steps.length; start += callsPerFunction) {
      const part = this.module.helper(`${whole.name}.part${start}`, allI32(1));
      this.emitCalls(part, steps.slice(start, start + callsPerFunction));
      whole.call(part, whole.param(0, "i32"));
    }
  }

  /** A loop or a branch, after the functions of its bodies. */
  private control(of: ControlFunction): void {
    if (this.functions.has(of)) return;
    const { program, thread } = of;
    const name = `control${this.functions.size}`;
    const bodies = of.bodies.map((steps, position) => {
      const body = this.module.helper(`${name}.body${position}`, allI32(1));
      this.fill(body, steps);
      return body;
    });
    const params = controlParameters(program);
    const code = this.module.helper(name, { params, results: [] });
    this.functions.set(of, code);
    emitControl(code, program, {
      isFirst: thread === undefined || thread === 0,
      run: (body, table) => code.call(at(bodies, body), table),
      barrier: () => {
        if (thread !== undefined) this.barrier(code);
      },
    });
  }

  private emitCalls(code: FunctionBuilder, steps: readonly ThreadStep[]): void {
    const table = code.param(0, "i32");
    const bases = new Map<number, Value<"i32">>();
    const baseOf = (slot: number) => {
      const known = bases.get(slot);
      if (known !== undefined) return known;
      const base = code.load("i32.load", table, slot * 4);
      bases.set(slot, base);
      return base;
    };
    const operand = (argument: PlanArgument) => {
      if (typeof argument === "number") return argument;
      const { slot, offset } = argument;
      return { kind: "displaced", type: "i32", base: baseOf(slot), by: offset } as const;
    };
    for (const step of steps) {
      if (step === "barrier") {
        this.barrier(code);
        continue;
      }
      const callee = this.functions.get(keyOf(step.target));
      if (callee === undefined) throw new Error(`plan: no function for a ${step.target.kind}`);
      code.call(callee, ...step.args.map(operand));
    }
  }
}

function keyOf(target: CallTarget): FunctionKey {
  switch (target.kind) {
    case "library":
      return libraryName(target.of);
    case "group":
      return target.of.key;
    case "control":
      return target.of;
    default:
      return target satisfies never;
  }
}

export function libraryName({ library, name }: LibraryFunction): string {
  return `${library}.${name}`;
}

export function allI32(count: number) {
  return { params: Array.from({ length: count }, () => "i32" as const), results: [] };
}
