import { isFloat } from "@adjoint/graph";
import type { NDArray, Recording, TraceTree } from "@adjoint/nd";
import { describe, isOperand } from "@adjoint/ops";
import type { ArgumentSpec } from "./argumentSpec.js";
import { ArgumentValues } from "./argumentValues.js";
import { loadArray } from "./loadArray.js";
import type { Library } from "./library.js";
import type { UserFunction } from "./loadModule.js";
import { type Parameter, parametersOf } from "./parameters.js";
import { UsageError } from "../usageError.js";

/** What is to be recorded. */
export interface RecordRequest {
  readonly library: Library;
  readonly fn: UserFunction;
  readonly args: readonly ArgumentSpec[];
  /** Arguments of further calls, each after the last. */
  readonly again: readonly (readonly ArgumentSpec[])[];
  /** Name of the graph. */
  readonly name: string;
  /** The command line, for the example in the message about missing arguments. */
  readonly command: string;
}

/** Least and greatest number of arguments. */
function rangeOf(
  fn: UserFunction,
  parameters: readonly Parameter[] | undefined,
): readonly [number, number] {
  if (parameters === undefined) return [fn.length, Number.POSITIVE_INFINITY];
  const least = parameters.filter(({ optional }) => !optional).length;
  const takesRest = parameters.some(({ rest }) => rest);
  return [least, takesRest ? Number.POSITIVE_INFINITY : parameters.length];
}

function countText([least, most]: readonly [number, number]): string {
  if (most === Number.POSITIVE_INFINITY) return `at least ${least} arguments`;
  const count = least === most ? String(least) : `${least} to ${most}`;
  return `${count} ${count === "1" ? "argument" : "arguments"}`;
}

/** ` (x, scale?)`. */
function listed(parameters: readonly Parameter[]): string {
  const names = parameters.map(({ name, rest, optional }, position) => {
    const word = name ?? `argument ${position + 1}`;
    if (rest) return `...${word}`;
    return optional ? `${word}?` : word;
  });
  return names.length === 0 ? "" : ` (${names.join(", ")})`;
}

/** Refuses a number of arguments that the function does not take, and shows one that it takes. */
function checkCount(
  { fn, command }: RecordRequest,
  args: readonly ArgumentSpec[],
  parameters: readonly Parameter[] | undefined,
): void {
  const given = args.length;
  const range = rangeOf(fn, parameters);
  const [least, most] = range;
  if (given >= least && given <= most) return;
  const example = [command, ...new Array<string>(least).fill("--arg 4x1")].join(" ");
  throw new UsageError(
    `the function takes ${countText(range)}${listed(parameters ?? [])}, given ${given}; example:\n  ${example}`,
  );
}

/** Name of argument `position`; those that a rest parameter takes are numbered. */
function nameOf(parameters: readonly Parameter[], position: number): string | undefined {
  const last = parameters.at(-1);
  const before = parameters.length - 1;
  if (last?.rest === true && position >= before) {
    return last.name === undefined ? undefined : `${last.name}${position - before}`;
  }
  return parameters[position]?.name;
}

function arrayFor(library: Library, spec: ArgumentSpec, values: ArgumentValues): NDArray {
  if (spec.kind === "file") return loadArray(library, spec);
  const { dtype, shape } = spec;
  const array = library.nd.zeros(shape, { dtype });
  array.overwrite(values.next(spec));
  return array;
}

function argumentsFor(
  library: Library,
  args: readonly ArgumentSpec[],
  parameters: readonly Parameter[],
): NDArray[] {
  const values = new ArgumentValues();
  return args.map((spec, position) => {
    const array = arrayFor(library, spec, values);
    array.label = nameOf(parameters, position);
    return isFloat(array.dtype) ? array.attachGrad() : array;
  });
}

/** The results as a list of arrays. */
function headsOf({ NDArray }: Library, result: unknown): NDArray[] {
  const list: readonly unknown[] = Array.isArray(result) ? result : [result];
  const heads = list.filter((one): one is NDArray => one instanceof NDArray);
  if (heads.length > 0 && heads.length === list.length) return heads;
  throw new TypeError(
    `the function must return an NDArray or a list of them; received ${received(list)}`,
  );
}

function received(list: readonly unknown[]): string {
  const wrong = list.find((one) => !isOperand(one));
  if (wrong !== undefined || list.includes(undefined)) return describe(wrong);
  return list.length === 0 ? "an empty list" : "arrays of another copy of this library";
}

/** What a function did. */
export interface Recorded {
  readonly recording: Recording;
  readonly traceTree: TraceTree;
}

/** Calls the function, and gives its results. */
function call(request: RecordRequest, args: readonly ArgumentSpec[]): NDArray[] {
  const { library, fn } = request;
  const parameters = parametersOf(fn);
  checkCount(request, args, parameters);
  const arrays = argumentsFor(library, args, parameters ?? []);
  return headsOf(
    library,
    library.autograd.record(() => fn(...arrays)),
  );
}

/**
 * Calls a function with arguments as described, and gives what it did with its gradient. Arguments of a floating dtype
 * are variables; their names are those of the parameters. The recording is that of the first call.
 *
 * @throws UsageError for a number of arguments that the function does not take; whatever the function throws
 */
export function recordFunction(request: RecordRequest): Recorded {
  const { library, args, again, name } = request;
  const heads = call(request, args);
  const recording = library.autograd.recordingOf(heads);
  let last = heads;
  for (const more of again) last = call(request, more);
  const { program, forward, backward } = recording;
  return {
    recording: {
      ...recording,
      program: { ...program, name },
      forward: { ...forward, name },
      backward: { ...backward, name: `${name}.backward` },
    },
    traceTree: library.autograd.traceTree(last[0]),
  };
}
