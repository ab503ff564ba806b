import { checkGraphGradients, gradient, joint } from "@adjoint/autograd";
import {
  type AdjointError,
  Builder,
  type DType,
  type Graph,
  isFloat,
  lower,
  runPasses,
  type Shape,
  sizeOf,
  type Value,
} from "@adjoint/graph";
import { createTensor, type HostFunctions, type Plan, plan, toNumbers } from "@adjoint/runtime";
import { registry } from "../src/index.js";

/** Numbers with the type that they are to have. */
export interface Given {
  readonly data: readonly number[];
  readonly shape: Shape;
  readonly dtype: DType;
}

/** What a program may give. */
export type Results = Value | readonly Value[];
/** A function of graph values. */
export type Program<R extends Results = Value> = (...ins: readonly Value[]) => R;

export function given(
  data: readonly number[],
  shape: Shape = [data.length],
  dtype: DType = "float64",
): Given {
  return { data, shape, dtype };
}

export function float32(data: readonly number[], shape?: Shape): Given {
  return given(data, shape, "float32");
}

/** 1, 2, 3, ... in the shape given. */
export function counting(shape: Shape, dtype: DType = "float64"): Given {
  return given(
    Array.from({ length: sizeOf(shape) }, (_, index) => index + 1),
    shape,
    dtype,
  );
}

/**
 * Irregular numbers between -2 and 2, the same at each run and others for another seed: multiples
 * of the golden ratio keep apart from each other.
 */
export function irregular(shape: Shape, seed = 1, dtype: DType = "float64"): Given {
  const golden = (Math.sqrt(5) - 1) / 2;
  const data = Array.from({ length: sizeOf(shape) }, (_, position) => {
    const turns = seed * Math.SQRT2 + position * golden;
    return (turns - Math.floor(turns)) * 4 - 2;
  });
  return { data, shape, dtype };
}

/** The program as a graph of inputs x0, x1, ... and outputs y0, y1, ... */
export function record(program: Program<Results>, types: readonly Omit<Given, "data">[]): Graph {
  const builder = new Builder("test");
  const ins = types.map(({ dtype, shape }, index) => builder.input(`x${index}`, { dtype, shape }));
  const results = program(...ins);
  const outs: readonly Value[] = "emitter" in results ? [results] : results;
  outs.forEach((value, index) => {
    builder.output(`y${index}`, value);
  });
  return builder.finish();
}

function lowered(graph: Graph): Graph {
  return runPasses(graph, [lower], { registry }).graph;
}

/** Difference quotients run one graph many times. */
const plans = new WeakMap<Graph, Plan>();

function planOf(graph: Graph): Plan {
  const known = plans.get(graph);
  if (known !== undefined) return known;
  const made = plan(lowered(graph), registry, { lower: lowered });
  plans.set(graph, made);
  return made;
}

/**
 * A graph's results for arguments in the order of its inputs, composites expanded; `hosts` are the
 * functions that it calls by key.
 */
export function run(
  graph: Graph,
  givens: readonly Pick<Given, "data">[],
  hosts: HostFunctions = new Map(),
): readonly Given[] {
  const inputs = graph.inputs
    .filter(({ role }) => role !== "const")
    .map(({ type }, index) => createTensor(type, givens[index]?.data ?? []));
  const results = planOf(graph).run(inputs, { hosts });
  return results.map((tensor) => ({ data: toNumbers(tensor), ...tensor.type }));
}

/** All results of a program. */
export function evaluateAll(program: Program<Results>, ...givens: readonly Given[]) {
  return run(record(program, givens), givens);
}

/** The first, or only, result of a program. */
export function evaluate(program: Program<Results>, ...givens: readonly Given[]): Given {
  const [result] = evaluateAll(program, ...givens);
  if (result === undefined) throw new Error("the program has no results");
  return result;
}

/** Arguments and head gradients in, gradients out. */
export function gradientGraph(graph: Graph, wrt?: readonly string[]): Graph {
  const all = joint(gradient(graph, wrt === undefined ? {} : { wrt }));
  return { ...all, outputs: all.outputs.slice(graph.outputs.length) };
}

/** Gradients by each argument, for head gradients of 1 or as given, one list per result. */
export function gradientsOf(
  program: Program<Results>,
  givens: readonly Given[],
  heads: readonly (readonly number[])[] = [],
): readonly (readonly number[])[] {
  const graph = record(program, givens);
  const derived = gradientGraph(graph);
  const positions = new Map(graph.outputs.map(({ name }, index) => [`head.${name}`, index]));
  const handed = derived.inputs.slice(givens.length).map(({ name, type }) => {
    const ones = new Array<number>(sizeOf(type.shape)).fill(1);
    return { data: heads[positions.get(name) ?? -1] ?? ones };
  });
  return run(derived, [...givens, ...handed]).map(({ data }) => data);
}

export interface DerivativeOptions {
  /** Up to which derivative; 2 unless given. */
  readonly order?: number;
  /** Positions of arguments that are not differentiated by, beside those of integers. */
  readonly constant?: readonly number[];
  /** Functions that the program calls by key. */
  readonly hosts?: HostFunctions;
}

/** Expects all derivatives of a graph of float64 to agree with difference quotients. */
export function expectGraphDerivatives(
  graph: Graph,
  data: readonly (readonly number[])[],
  { order = 2, constant = [], hosts }: DerivativeOptions = {},
): void {
  const wrt = graph.inputs.flatMap(({ name, type }, index) =>
    isFloat(type.dtype) && !constant.includes(index) ? [name] : [],
  );
  const runner = (one: Graph, lists: readonly (readonly number[])[]) =>
    run(
      one,
      lists.map((list) => ({ data: list })),
      hosts,
    ).map((result) => [...result.data]);
  const comparisons = checkGraphGradients(graph, runner, data, { order, wrt });
  expect(new Set(comparisons.map((one) => one.order)).size).toBe(order);
}

/** Expects all derivatives by float64 arguments to agree with difference quotients. */
export function expectDerivatives(
  program: Program<Results>,
  givens: readonly Given[],
  options: DerivativeOptions = {},
): void {
  const data = givens.map((one) => one.data);
  expectGraphDerivatives(record(program, givens), data, options);
}

type ErrorClass = abstract new (...parameters: never[]) => AdjointError;

/** Expects an error of this class whose message has all the fragments. */
export function expectError(act: () => unknown, type: ErrorClass, ...fragments: string[]): void {
  const thrown = caught(act);
  expect(thrown).toBeInstanceOf(type);
  for (const fragment of fragments) expect(String(thrown)).toContain(fragment);
}

function caught(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Matches a number to `digits` decimals, and NaN exactly. */
export function near(value: number, digits = 10): number {
  return Number.isNaN(value) ? value : expect.closeTo(value, digits);
}
