import { emitBarrier } from "../../threads/emitBarrier.js";
import { type FunctionRef, type MemoryType, ModuleBuilder } from "../assembler/index.js";
import { emitGroup, type GroupContext, groupParameters } from "../fuse/index.js";
import type { LibraryFunction } from "../libraryCall.js";
import { OutOfLine } from "../math/outOfLine.js";
import {
  allI32,
  type EmitBarrier,
  type FunctionKey,
  ListWriter,
  libraryName,
} from "./listWriter.js";
import type { PlanCall, ThreadStep } from "./planCall.js";

/** A list of calls that becomes an exported function with the table's address for a parameter. */
export interface NamedList {
  readonly name: string;
  readonly steps: readonly ThreadStep[];
}

/** How threads of a module meet. */
export interface BarrierOptions {
  readonly threads: number;
  /** Address of the control block. */
  readonly control: number;
  /** Whether the thread of a list may sleep. */
  maySleep(list: string): boolean;
}

/** A plan's module. */
export interface PlanModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Functions of libraries, by the names under which the module imports them. */
  readonly imports: ReadonlyMap<string, LibraryFunction>;
}

/** What generated code has besides its memory. */
export type ModuleContext = Omit<GroupContext, "code" | "outOfLine">;

/** Writes the functions of groups, loops and branches, and one that makes each list of calls. */
export function emitPlan(
  lists: readonly NamedList[],
  memory: MemoryType,
  context: ModuleContext,
  barriers?: BarrierOptions,
): PlanModule {
  const module = new ModuleBuilder(memory, "plan");
  const steps = lists.flatMap((list) => list.steps);
  const { functions, imports } = emitCallees(module, steps, context);
  const barrierOf = barriersIn(module, barriers);
  for (const { name, steps } of lists) {
    const writer = new ListWriter(module, functions, barrierOf(name));
    const whole = module.function(name, allI32(1));
    writer.fill(whole, steps);
  }
  return { bytes: module.bytes(), imports };
}

/** The functions that lists of calls need, as code of a module or as imports. */
export interface Callees {
  readonly functions: Map<FunctionKey, FunctionRef>;
  readonly imports: PlanModule["imports"];
}

/** Writes the functions of groups that `steps` call, and imports those of libraries. */
export function emitCallees(
  module: ModuleBuilder,
  steps: readonly ThreadStep[],
  context: ModuleContext,
): Callees {
  const calls = allCalls(steps);
  const imports = new Map<string, LibraryFunction>();
  const functions = new Map<FunctionKey, FunctionRef>();
  for (const { target } of calls) {
    if (target.kind !== "library" || functions.has(libraryName(target.of))) continue;
    const name = libraryName(target.of);
    imports.set(name, target.of);
    functions.set(name, module.import(name, allI32(target.of.arity)));
  }
  const outOfLine = new OutOfLine(module);
  for (const { target } of calls) {
    if (target.kind !== "group" || functions.has(target.of.key)) continue;
    const { key, nest } = target.of;
    const params = groupParameters(nest.group.operands.length);
    const kind = nest.group.values.some((value) => value.kind === "reduce") ? "reduce" : "map";
    const code = module.helper(`${kind}${functions.size}`, { params, results: [] });
    functions.set(key, code);
    emitGroup(code, { ...context, outOfLine }, nest);
  }
  return { functions, imports };
}

/** Calls of lists and of the bodies in them. */
function allCalls(steps: readonly ThreadStep[]): PlanCall[] {
  return steps.flatMap((step) => {
    if (step === "barrier") return [];
    const { target } = step;
    return target.kind === "control" ? [step, ...target.of.bodies.flatMap(allCalls)] : [step];
  });
}

export function barriersIn(
  module: ModuleBuilder,
  options?: BarrierOptions,
): (list: string) => EmitBarrier {
  if (options === undefined) {
    return (list) => () => {
      throw new Error(`plan: a barrier in ${list}, which runs alone`);
    };
  }
  const { threads, control, maySleep } = options;
  const sleeping = emitBarrier(module, threads, true);
  const turning = emitBarrier(module, threads, false);
  return (list) => {
    const barrier = maySleep(list) ? sleeping : turning;
    return (code) => code.call(barrier, control);
  };
}
