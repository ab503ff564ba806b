import { autograd, NDArray, nd } from "@adjoint/nd";
import {
  type GoldenCall,
  type GoldenCase,
  type GoldenTensor,
  isPrinting,
  numbersOf,
  type PrintingCase,
  type ProgramCase,
} from "./goldenCases.js";

/** The arrays of a case by name. */
export type Environment = Map<string, NDArray>;

/** An operator of the case that this library does not have. */
export class MissingOperator extends Error {}

type Nested = number | readonly Nested[];

/** Row-major numbers in nested lists. */
function nest(values: readonly number[], shape: readonly number[]): Nested {
  const [length, ...rest] = shape;
  if (length === undefined) return values[0] ?? Number.NaN;
  const size = rest.reduce((product, one) => product * one, 1);
  return Array.from({ length }, (_, row) => nest(values.slice(row * size, (row + 1) * size), rest));
}

export function toArray(tensor: GoldenTensor): NDArray {
  const { shape, dtype } = tensor;
  // Nested lists have no room for the axes behind one of length 0.
  if (tensor.data.length === 0) return nd.zeros([...shape], { dtype });
  return nd.array(nest(numbersOf(tensor), shape), { dtype });
}

function camel(name: string): string {
  return name.replace(/(?<=.)_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Attributes as an options object; numbers that are not finite stand there as words. */
function optionsOf(attrs: GoldenCall["attrs"]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attrs).map(([name, value]) => [camel(name), attrValue(value)]),
  );
}

function attrValue(value: unknown): unknown {
  return value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : value;
}

function operator(name: string): (...args: unknown[]) => unknown {
  const path = name.startsWith("_") ? ["scalarFronts", name] : name.split(".").map(camel);
  let found: unknown = nd;
  for (const part of path) {
    found = typeof found === "object" && found !== null ? Reflect.get(found, part) : undefined;
  }
  if (typeof found !== "function") throw new MissingOperator(`operator ${name} does not exist`);
  const call = found;
  return (...args) => Reflect.apply(call, undefined, args);
}

/** Whether every operator of a case exists. */
export function isSupported(one: GoldenCase): boolean {
  if (isPrinting(one)) return true;
  return [...one.program, ...(one.grad_of_grad?.program ?? [])].every(({ op }) => {
    try {
      operator(op);
      return true;
    } catch {
      return false;
    }
  });
}

/** Arguments of functions that make arrays. Python takes them by name as well, TypeScript by position. */
const positional: Readonly<Record<string, readonly string[]>> = {
  zeros: ["shape"],
  ones: ["shape"],
  empty: ["shape"],
  full: ["shape", "val"],
  eye: ["N", "M"],
  arange: ["start", "stop", "step"],
  linspace: ["start", "stop", "num"],
};

/** A call whose attributes that stand for arguments have become arguments, as far as there is no gap. */
function inPosition({ op, args, attrs }: GoldenCall): Pick<GoldenCall, "args" | "attrs"> {
  const rest = new Map(Object.entries(attrs));
  const placed = [...args];
  for (const name of (positional[op] ?? []).slice(args.length)) {
    if (!rest.has(name)) break;
    placed.push(rest.get(name));
    rest.delete(name);
  }
  return { args: placed, attrs: Object.fromEntries(rest) };
}

/** Changes the result of a call before others read it. */
export type Adjust = (result: NDArray) => NDArray;

function runProgram(program: readonly GoldenCall[], arrays: Environment, adjust?: Adjust): void {
  for (const call of program) {
    const { out, op } = call;
    const { args, attrs } = inPosition(call);
    const options = optionsOf(attrs);
    const given = args.map((arg) => (typeof arg === "string" ? lookUp(arrays, arg) : arg));
    const extra = Object.keys(options).length === 0 ? [] : [options];
    const result = operator(op)(...given, ...extra);
    const results: readonly unknown[] = Array.isArray(result) ? result : [result];
    const names = typeof out === "string" ? [out] : out;
    names.forEach((name, position) => {
      const value = results[position];
      // A further result of MXNet's that no case reads may be missing; whoever reads it finds no array of that name.
      if (value instanceof NDArray) arrays.set(name, adjust ? adjust(value) : value);
      else if (position === 0) throw new Error(`${op}: no result`);
    });
  }
}

export function lookUp(arrays: Environment, name: string): NDArray {
  const array = arrays.get(name);
  if (array === undefined) throw new Error(`no array ${name}`);
  return array;
}

export function headGradsOf(
  heads: readonly string[],
  grads: ProgramCase["head_grads"],
): (NDArray | null)[] {
  return heads.map((name) => {
    const given = grads?.[name];
    return given === null || given === undefined ? null : toArray(given);
  });
}

type Tolerances = ProgramCase["tol"];

/** Integers have to be the same. */
export function tolerancesOf({ dtype }: GoldenTensor, tol: Tolerances): Tolerances {
  return dtype.startsWith("float") ? tol : { rtol: 0, atol: 0 };
}

/** Positions of the numbers that are not the expected ones. */
export function wrongElements(
  received: readonly number[],
  expected: readonly number[],
  { rtol, atol }: Tolerances,
): readonly number[] {
  return [...expected.keys()].filter((at) => {
    const [got = Number.NaN, value = Number.NaN] = [received[at], expected[at]];
    if (!Number.isFinite(value)) return !Object.is(got, value);
    return !(Math.abs(got - value) <= atol + rtol * Math.abs(value));
  });
}

/** What differs between an array and what MXNet gave; undefined where nothing does. */
function difference(
  name: string,
  have: NDArray | null,
  want: GoldenTensor,
  { rtol, atol }: ProgramCase["tol"],
): string | undefined {
  if (have === null) return `${name}: no array`;
  const same =
    have.shape.length === want.shape.length && have.shape.every((n, i) => n === want.shape[i]);
  if (!same) return `${name}: shape [${have.shape}], expected [${want.shape}]`;
  if (have.dtype !== want.dtype) return `${name}: dtype ${have.dtype}, expected ${want.dtype}`;
  const expected = toArray(want).toFlat();
  const received = have.toFlat();
  const [wrong = -1] = wrongElements(received, expected, tolerancesOf(want, { rtol, atol }));
  if (wrong < 0) return undefined;
  return `${name}[${wrong}]: received ${received[wrong]}, expected ${expected[wrong]}`;
}

function runPrinting({ array, print }: PrintingCase): string[] {
  const text = `${toArray(array)}\n`;
  return text === print
    ? []
    : [`received ${JSON.stringify(text)}, expected ${JSON.stringify(print)}`];
}

export function inputsOf(one: ProgramCase): Environment {
  const arrays: Environment = new Map();
  for (const [name, tensor] of Object.entries(one.inputs)) {
    const array = toArray(tensor);
    if (tensor.dtype.startsWith("float")) array.attachGrad(one.grad_req[name] ?? "null");
    arrays.set(name, array);
  }
  return arrays;
}

function differences(
  arrays: (name: string) => NDArray | null,
  wanted: Readonly<Record<string, GoldenTensor>>,
  prefix: string,
  tol: ProgramCase["tol"],
): string[] {
  return Object.entries(wanted).flatMap(([name, want]) => {
    const found = difference(`${prefix}${name}`, arrays(name), want, tol);
    return found === undefined ? [] : [found];
  });
}

/** Runs a case; gives what is wrong, nothing if it agrees with MXNet. */
export function runCase(one: GoldenCase): string[] {
  if (isPrinting(one)) return runPrinting(one);
  const { arrays, firstGrads } = execute(one);
  const { tol, grad_of_grad: second } = one;
  const found = [
    ...differences((name) => arrays.get(name) ?? null, one.outputs, "", tol),
    ...differences((name) => arrays.get(name)?.grad ?? null, one.grads, "grad ", tol),
  ];
  if (second === undefined) return found;
  return [
    ...differences((name) => firstGrads.get(name) ?? null, second.first_grads, "first grad ", tol),
    ...differences((name) => arrays.get(name) ?? null, second.outputs, "", tol),
    ...found,
  ];
}

/** What is wrong with a case, an error that it throws included. */
export function problemsOf(one: GoldenCase): string[] {
  try {
    return runCase(one);
  } catch (error) {
    return [error instanceof Error ? `${error.name}: ${error.message}` : String(error)];
  }
}

/** Runs a case from the first random state; gives all its arrays, and the first gradients by variable. */
export function execute(
  one: ProgramCase,
  adjust?: Adjust,
): { arrays: Environment; firstGrads: Environment } {
  nd.random.seed(0);
  const arrays = inputsOf(one);
  const firstGrads: Environment = new Map();
  for (let time = 0; time < (one.repeat ?? 1); time++) {
    recordCase(one, arrays, firstGrads, adjust);
    reverseCase(one, arrays);
  }
  return { arrays, firstGrads };
}

/** Records the programs of a case on its inputs; what they give goes to `arrays` and `firstGrads`. */
export function recordCase(
  one: ProgramCase,
  arrays: Environment,
  firstGrads: Environment,
  adjust?: Adjust,
): void {
  const second = one.grad_of_grad;
  // A step of an optimizer writes to its states, which a recorded program does not allow.
  const isStep = one.program.some(({ op }) => /_update(_|$)/.test(op));
  const scope = isStep ? autograd.pause : autograd.record;
  scope(
    () => {
      runProgram(one.program, arrays, adjust);
      if (second === undefined) return;
      const heads = one.heads.map((name) => lookUp(arrays, name));
      const variables = second.variables.map((name) => lookUp(arrays, name));
      const headGrads = headGradsOf(one.heads, one.head_grads);
      const gradients = autograd.grad(heads, variables, { headGrads, createGraph: true });
      second.variables.forEach((name, position) => {
        const gradient = gradients[position];
        if (gradient === undefined) return;
        arrays.set(`grad:${name}`, gradient);
        firstGrads.set(name, gradient);
      });
      runProgram(second.program, arrays, adjust);
    },
    { trainMode: one.train_mode },
  );
}

/** Runs `backward` from the heads of a case. */
export function reverseCase(one: ProgramCase, arrays: Environment): void {
  const { heads, head_grads } = one.grad_of_grad ?? one;
  if (heads.length === 0 || Object.values(one.grad_req).every((req) => req === "null")) return;
  autograd.backward(
    heads.map((name) => lookUp(arrays, name)),
    { headGrads: headGradsOf(heads, head_grads), trainMode: one.train_mode },
  );
}
