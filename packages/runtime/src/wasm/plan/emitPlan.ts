import {
  type FunctionBuilder,
  type FunctionRef,
  type MemoryType,
  ModuleBuilder,
} from "../assembler/index.js";
import type { Value } from "../assembler/index.js";
import { emitGroup, groupParameters } from "../fuse/index.js";
import type { LibraryFunction } from "../libraryCall.js";
import { OutOfLine } from "../math/outOfLine.js";
import type { MathContext } from "../math/mathContext.js";
import type { PlanArgument, PlanCall } from "./planCall.js";

/** A plan's module: one exported function `run0`, `run1`, ... per list of calls. */
export interface PlanModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Functions of libraries, by the names under which the module imports them. */
  readonly imports: ReadonlyMap<string, LibraryFunction>;
}

/** Calls of one function at the most: engines compile several small functions faster. */
const callsPerFunction = 128;

/** Writes the functions of groups, and one that makes each list of calls. */
export function emitPlan(
  lists: readonly (readonly PlanCall[])[],
  memory: MemoryType,
  context: Omit<MathContext, "code" | "outOfLine">,
): PlanModule {
  const module = new ModuleBuilder(memory);
  const imports = new Map<string, LibraryFunction>();
  const functions = new Map<string, FunctionRef>();
  const calls = lists.flat();
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
  for (const [position, list] of lists.entries()) {
    emitList(module, `run${position}`, list, functions);
  }
  return { bytes: module.bytes(), imports };
}

function emitList(
  module: ModuleBuilder,
  name: string,
  list: readonly PlanCall[],
  functions: ReadonlyMap<string, FunctionRef>,
): void {
  const parts: FunctionRef[] = [];
  for (let start = 0; start < list.length; start += callsPerFunction) {
    const part = module.helper(`${name}.${start}`, allI32(1));
    emitCalls(part, list.slice(start, start + callsPerFunction), functions);
    parts.push(part);
  }
  const whole = module.function(name, allI32(1));
  for (const part of parts) whole.call(part, whole.param(0, "i32"));
}

function emitCalls(
  code: FunctionBuilder,
  list: readonly PlanCall[],
  functions: ReadonlyMap<string, FunctionRef>,
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
  for (const { target, args } of list) {
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
