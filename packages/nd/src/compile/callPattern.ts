import { ArgumentError, type DType, formatType, type Shape } from "@adjoint/graph";
import { describe } from "@adjoint/ops";
import { type GradReq, NDArray } from "../array/ndarray.js";

/** What an argument may hold besides arrays. */
export type Constant = string | boolean | number | null | undefined;

/** What a kind of call looks like: arrays by type, everything else by value. */
export type Pattern =
  | {
      readonly kind: "array";
      readonly dtype: DType;
      readonly shape: Shape;
      /** The request of a variable. */
      readonly req: GradReq | undefined;
      /** Whether it is the result of a computation recorded outside. */
      readonly recorded: boolean;
      /** Its position among all arrays of the arguments. */
      readonly position: number;
    }
  | { readonly kind: "constant"; readonly value: Constant }
  /** A number that varied: any number fits. */
  | { readonly kind: "number"; readonly position: number; readonly path: string }
  | { readonly kind: "list"; readonly items: readonly Pattern[] }
  | {
      readonly kind: "record";
      readonly keys: readonly string[];
      readonly items: readonly Pattern[];
    };

/** The arrays of a call, and its numbers that vary, in order. */
export interface Binding {
  readonly arrays: (NDArray | undefined)[];
  readonly numbers: number[];
}

export type IsRecorded = (array: NDArray) => boolean;

/** How deep arguments may be nested. */
const maxDepth = 32;

/** Makes the pattern of a call. */
export class PatternReader {
  private arrays = 0;
  private numbers = 0;

  constructor(
    private readonly name: string,
    private readonly isRecorded: IsRecorded,
    /** Places of numbers that varied. */
    private readonly varying: ReadonlySet<string>,
  ) {}

  read(value: unknown, path: string, depth = 0): Pattern {
    if (value instanceof NDArray) return this.array(value);
    if (typeof value === "number" && this.varying.has(path)) {
      return { kind: "number", position: this.numbers++, path };
    }
    if (isConstant(value)) return { kind: "constant", value };
    if (depth > maxDepth) throw this.refused(value, path, "is nested too deeply, or in itself");
    if (Array.isArray(value)) {
      return {
        kind: "list",
        items: value.map((item, at) => this.read(item, `${path}[${at}]`, depth + 1)),
      };
    }
    if (!isRecord(value)) throw this.refused(value, path, "can't be compiled for");
    const entries = Object.entries(value);
    return {
      kind: "record",
      keys: entries.map(([key]) => key),
      items: entries.map(([key, item]) => this.read(item, `${path}.${key}`, depth + 1)),
    };
  }

  private array(array: NDArray): Pattern {
    const position = this.arrays++;
    const { dtype, shape, leaf } = array;
    const recorded = leaf === undefined && this.isRecorded(array);
    return { kind: "array", dtype, shape, req: leaf?.req, recorded, position };
  }

  private refused(value: unknown, path: string, problem: string): ArgumentError {
    return new ArgumentError({
      op: this.name,
      problem: `${path} ${problem}`,
      received: describe(value),
      allowed: "NDArrays, numbers, strings, booleans, null; lists and plain objects of these",
    });
  }
}

/** Whether a value fits a pattern; its arrays and numbers are put into `binding`. */
export function fits(
  pattern: Pattern,
  value: unknown,
  binding: Binding,
  isRecorded: IsRecorded,
): boolean {
  switch (pattern.kind) {
    case "array": {
      if (!(value instanceof NDArray)) return false;
      const { type, leaf } = value;
      if (type.dtype !== pattern.dtype || !sameShape(type.shape, pattern.shape)) return false;
      if (leaf?.req !== pattern.req) return false;
      if (leaf === undefined && isRecorded(value) !== pattern.recorded) return false;
      binding.arrays[pattern.position] = value;
      return true;
    }
    case "constant":
      return Object.is(value, pattern.value);
    case "number":
      if (typeof value !== "number") return false;
      binding.numbers[pattern.position] = value;
      return true;
    case "list":
      return (
        Array.isArray(value) &&
        value.length === pattern.items.length &&
        fitAll(pattern.items, value, binding, isRecorded)
      );
    case "record":
      return isRecord(value) && fitsRecord(pattern, value, binding, isRecorded);
    default:
      return pattern satisfies never;
  }
}

export function fitAll(
  items: readonly Pattern[],
  values: readonly unknown[],
  binding: Binding,
  isRecorded: IsRecorded,
): boolean {
  for (let at = 0; at < items.length; at++) {
    const item = items[at];
    if (item === undefined || !fits(item, values[at], binding, isRecorded)) return false;
  }
  return true;
}

function fitsRecord(
  { keys, items }: Pattern & { kind: "record" },
  value: Readonly<Record<string, unknown>>,
  binding: Binding,
  isRecorded: IsRecorded,
): boolean {
  let count = 0;
  for (const _ in value) count++;
  if (count !== keys.length) return false;
  for (let at = 0; at < keys.length; at++) {
    const [key, item] = [keys[at], items[at]];
    if (key === undefined || item === undefined || !Object.hasOwn(value, key)) return false;
    if (!fits(item, value[key], binding, isRecorded)) return false;
  }
  return true;
}

/** The value with arrays replaced by what stands for them. */
export function standIns(
  value: unknown,
  path: string,
  standIn: (array: NDArray, path: string) => NDArray,
): unknown {
  if (value instanceof NDArray) return standIn(value, path);
  if (Array.isArray(value)) {
    return value.map((item, at) => standIns(item, `${path}_${at}`, standIn));
  }
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => {
    const name = `${path}.${key.replaceAll(/\W/g, "_")}`;
    return [key, standIns(item, name, standIn)] as const;
  });
  return Object.fromEntries(entries);
}

export function isConstant(value: unknown): value is Constant {
  return (
    value === null ||
    value === undefined ||
    typeof value === "number" ||
    typeof value === "string" ||
    typeof value === "boolean"
  );
}

/** Whether it is an object as written in braces. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** A difference between the pattern of a call and one known before. */
export interface Difference {
  readonly what: string;
  readonly before: string;
  readonly after: string;
  /** Whether both are numbers. */
  readonly numeric: boolean;
}

/** `argument 1`: how arguments are named. */
export function argumentName(at: number): string {
  return `argument ${at + 1}`;
}

/** How the arguments of two calls differ. */
export function argumentDifferences(
  before: readonly Pattern[],
  after: readonly Pattern[],
): readonly Difference[] {
  if (before.length !== after.length) {
    const [old, next] = [String(before.length), String(after.length)];
    return [{ what: "arguments", before: old, after: next, numeric: false }];
  }
  return before.flatMap((pattern, at) =>
    differences(pattern, after[at] ?? pattern, argumentName(at)),
  );
}

/** How two patterns differ, place by place. */
function differences(before: Pattern, after: Pattern, path: string): readonly Difference[] {
  if (before.kind === "list" && after.kind === "list") {
    if (before.items.length === after.items.length) {
      return before.items.flatMap((item, at) =>
        differences(item, after.items[at] ?? item, `${path}[${at}]`),
      );
    }
  } else if (before.kind === "record" && after.kind === "record") {
    if (before.keys.join() === after.keys.join()) {
      return before.items.flatMap((item, at) =>
        differences(item, after.items[at] ?? item, `${path}.${before.keys[at]}`),
      );
    }
  }
  const [old, next] = [brief(before), brief(after)];
  const numeric = isNumber(before) && isNumber(after);
  return old === next ? [] : [{ what: path, before: old, after: next, numeric }];
}

function isNumber(pattern: Pattern): boolean {
  return pattern.kind === "constant" && typeof pattern.value === "number";
}

/** A pattern in words. */
export function brief(pattern: Pattern): string {
  switch (pattern.kind) {
    case "array": {
      const type = formatType({ dtype: pattern.dtype, shape: pattern.shape });
      const variable = pattern.req === undefined ? "" : `, gradient "${pattern.req}"`;
      return `${type}${variable}${pattern.recorded ? ", recorded outside" : ""}`;
    }
    case "constant":
      if (typeof pattern.value === "string") return JSON.stringify(pattern.value);
      return Object.is(pattern.value, -0) ? "-0" : String(pattern.value);
    case "number":
      return "any number";
    case "list":
      return `a list of ${pattern.items.length}`;
    case "record":
      return `{ ${pattern.keys.join(", ")} }`;
    default:
      return pattern satisfies never;
  }
}
