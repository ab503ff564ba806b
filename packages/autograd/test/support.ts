import {
  Builder,
  type DType,
  type Graph,
  lower,
  runPasses,
  type Shape,
  sizeOf,
  type TensorType,
  type Value,
} from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import { createTensor, execute, toNumbers } from "@adjoint/runtime";
import { type GradientGraphs, gradient, joint } from "../src/index.js";

export const f32 = (...shape: Shape): TensorType => ({ dtype: "float32", shape });
export const f64 = (...shape: Shape): TensorType => ({ dtype: "float64", shape });
export const typed = (dtype: DType, ...shape: Shape): TensorType => ({ dtype, shape });

type Named = Readonly<Record<string, Value>>;

/** A graph of what `make` does with the inputs; its results are the outputs, by name. */
export function program<I extends Readonly<Record<string, TensorType>>>(
  name: string,
  inputs: I,
  make: (ins: { readonly [K in keyof I]: Value }, builder: Builder) => Named,
): Graph {
  const builder = new Builder(name);
  const values = mapValues(inputs, (type, key) => builder.input(key, type));
  for (const [key, value] of Object.entries(make(values, builder))) builder.output(key, value);
  return builder.finish();
}

function mapValues<I extends Readonly<Record<string, TensorType>>>(
  inputs: I,
  make: (type: TensorType, key: string) => Value,
): { readonly [K in keyof I]: Value } {
  const values: Partial<Record<keyof I, Value>> = {};
  for (const key in inputs) values[key] = make(inputs[key] ?? f64(), key);
  if (isComplete<Record<keyof I, Value>>(values, inputs)) return values;
  throw new Error("inputs without values");
}

function isComplete<R extends object>(values: object, inputs: object): values is R {
  return Object.keys(inputs).every((key) => key in values);
}

export type Numbers = readonly number[];

/** Runs a graph on row-major numbers, one list per input but for its constants. */
export function run(graph: Graph, inputs: readonly Numbers[]): number[][] {
  const lowered = runPasses(graph, [lower], { registry }).graph;
  const given = graph.inputs.filter(({ role }) => role !== "const");
  const tensors = given.map(({ type }, at) => createTensor(type, [...(inputs[at] ?? [])]));
  return execute(lowered, tensors, registry).map(toNumbers);
}

/** Runs a graph on numbers by input name; gives numbers by output name. */
export function runNamed(
  graph: Graph,
  inputs: Readonly<Record<string, Numbers>>,
): Record<string, number[]> {
  const given = graph.inputs.filter(({ role }) => role !== "const");
  const results = run(
    graph,
    given.map(({ name }) => {
      const found = inputs[name];
      if (found === undefined) throw new Error(`no numbers for ${name}`);
      return found;
    }),
  );
  return Object.fromEntries(graph.outputs.map(({ name }, at) => [name, results[at] ?? []]));
}

/** Numbers without order between -1 and 1, none of them near 0 or each other. */
export function scattered(shape: Shape, seed = 0): number[] {
  return Array.from({ length: sizeOf(shape) }, (_, at) => Math.sin(at * 2.7 + 1.3 * seed + 0.4));
}

/** Scattered numbers for every input. */
export function anyInputs(graph: Graph, seed = 0): Record<string, number[]> {
  return Object.fromEntries(
    graph.inputs
      .filter(({ role }) => role !== "const")
      .map(({ name, type }, at) => [name, scattered(type.shape, at + seed)]),
  );
}

/** Names of the saved values, as the backward graph reads them. */
export function savedNames({ backward }: GradientGraphs): string[] {
  return backward.inputs.filter(({ role }) => role === "saved").map(({ name }) => name);
}

export function gradientsOf(
  graph: Graph,
  inputs: Readonly<Record<string, Numbers>>,
): Record<string, number[]> {
  return runNamed(joint(gradient(graph)), inputs);
}

export function close(numbers: Numbers, digits = 6): unknown[] {
  return numbers.map((number) => expect.closeTo(number, digits));
}

export function dotProduct(a: Numbers, b: Numbers): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? Number.NaN), 0);
}

/** Names of operators in order. */
export function opsOf(graph: Graph): string[] {
  return graph.order.map((id) => graph.nodes[id]?.op ?? "");
}
