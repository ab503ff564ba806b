import {
  type FunctionBuilder,
  type FunctionRef,
  type MemoryType,
  ModuleBuilder,
} from "../assembler/index.js";
import type { Value } from "../assembler/index.js";
import { emitBarrier } from "../../threads/emitBarrier.js";
import { emitGroup, type GroupContext, groupParameters } from "../fuse/index.js";
import type { LibraryFunction } from "../libraryCall.js";
import { OutOfLine } from "../math/outOfLine.js";
import type { PlanArgument, ThreadStep } from "./planCall.js";

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

/** Calls of one function at the most: engines compile several small functions faster. */
const callsPerFunction = 128;

/** Writes the functions of groups, and one that makes each list of calls. */
export function emitPlan(
  lists: readonly NamedList[],
  memory: MemoryType,
  context: Omit<GroupContext, "code" | "outOfLine">,
  barriers?: BarrierOptions,
): PlanModule {
  const module = new ModuleBuilder(memory);
  const imports = new Map<string, LibraryFunction>();
  const functions = new Map<string, FunctionRef>();
  const calls = lists.flatMap(({ steps }) => steps.filter((step) => step !== "barrier"));
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
    const code = module.helper(`group${functions.size}`, { params, results: [] });
    functions.set(key, code);
    emitGroup(code, { ...context, outOfLine }, nest);
  }
  const barrierOf = barriersIn(module, barriers);
  for (const list of lists) emitList(module, list, functions, barrierOf(list.name));
  return { bytes: module.bytes(), imports };
}

type EmitBarrier = (code: FunctionBuilder) => void;

function barriersIn(
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

function emitList(
  module: ModuleBuilder,
  { name, steps }: NamedList,
  functions: ReadonlyMap<string, FunctionRef>,
  barrier: EmitBarrier,
): void {
  const parts: FunctionRef[] = [];
  for (let start = 0; start < steps.length; start += callsPerFunction) {
    const part = module.helper(`${name}.${start}`, allI32(1));
    emitCalls(part, steps.slice(start, start + callsPerFunction), functions, barrier);
    parts.push(part);
  }
  const whole = module.function(name, allI32(1));
  for (const part of parts) whole.call(part, whole.param(0, "i32"));
}

function emitCalls(
  code: FunctionBuilder,
  steps: readonly ThreadStep[],
  functions: ReadonlyMap<string, FunctionRef>,
  barrier: EmitBarrier,
): void {
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
      barrier(code);
      continue;
    }
    const { target, args } = step;
    const key = target.kind === "library" ? libraryName(target.of) : target.of.key;
    const callee = functions.get(key);
    if (callee === undefined) throw new Error(`plan: no function ${key}`);
    code.call(callee, ...args.map(operand));
  }
}

function libraryName({ library, name }: LibraryFunction): string {
  return `${library}.${name}`;
}

function allI32(count: number) {
  return { params: Array.from({ length: count }, () => "i32" as const), results: [] };
}
