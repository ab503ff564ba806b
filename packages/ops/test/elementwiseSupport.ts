import { checkGraphGradients, gradient, joint } from "@adjoint/autograd";
import {
  Builder,
  type DType,
  type Graph,
  lower,
  runPasses,
  sizeOf,
  type Value,
} from "@adjoint/graph";
import { createTensor, execute, type Tensor, toNumbers } from "@adjoint/runtime";
import { registry } from "../src/index.js";

/** A test's input: numbers of a vector, or an array with shape and dtype. */
export interface Given {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: readonly number[];
}

export function array(data: readonly number[], dtype: DType = "float32", shape = [data.length]) {
  return { shape, dtype, data };
}

export type Program = (...ins: readonly Value[]) => Value;

export function record(program: Program, givens: readonly Given[]): Graph {
  const builder = new Builder("test");
  const ins = givens.map(({ dtype, shape }, index) => builder.input(`x${index}`, { dtype, shape }));
  builder.output("y", program(...ins));
  return builder.finish();
}

function lowered(graph: Graph): Graph {
  return runPasses(graph, [lower], { registry }).graph;
}

function run(graph: Graph, inputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const results = execute(lowered(graph), inputs, registry);
  return Object.fromEntries(
    graph.outputs.flatMap(({ name }, index) => {
      const result = results[index];
      return result === undefined ? [] : [[name, result] as const];
    }),
  );
}

function tensors(givens: readonly Given[]): Record<string, Tensor> {
  return Object.fromEntries(
    givens.map(({ dtype, shape, data }, index) => [
      `x${index}`,
      createTensor({ dtype, shape }, data),
    ]),
  );
}

/** The program's value. */
export function evaluate(program: Program, ...givens: readonly Given[]): Given {
  const { y } = run(record(program, givens), tensors(givens));
  if (y === undefined) throw new Error("no result");
  return { ...y.type, data: toNumbers(y) };
}

/** Gradients of the program by each input, for head gradients of 1 or as given. */
export function gradientsOf(
  program: Program,
  givens: readonly Given[],
  head?: readonly number[],
): readonly (readonly number[])[] {
  const inputs = tensors(givens);
  const { forward, backward } = gradient(record(program, givens));
  const results = { ...inputs, ...run(forward, inputs) };
  const handed = backward.inputs.map(({ name, role, type }) => {
    if (role === "head") {
      return [name, createTensor(type, head ?? new Array<number>(sizeOf(type.shape)).fill(1))];
    }
    const saved = results[name] ?? results[name.replace("saved.", "")];
    if (saved === undefined) throw new Error(`no saved value ${name}`);
    return [name, saved];
  });
  const gradients = run(backward, Object.fromEntries(handed));
  return backward.outputs.map(({ name }) => {
    const tensor = gradients[name];
    return tensor === undefined ? [] : toNumbers(tensor);
  });
}

/** The gradients of a graph as a program: arguments and head gradients in, gradients out. */
function gradientProgram(graph: Graph, level: number): Graph {
  const derived = joint(gradient(graph));
  return {
    ...derived,
    inputs: derived.inputs.map((input, index) => ({ ...input, name: `x${index}` })),
    outputs: derived.outputs
      .filter(({ name }) => name.startsWith("grad."))
      .map((output, index) => ({ ...output, name: `gradient${level}.${index}` })),
  };
}

/** Compares derivatives with difference quotients, up to the order given. Inputs are float64. */
export function checkDerivatives(program: Program, givens: readonly Given[], order: number): void {
  const runner = (graph: Graph, inputs: readonly (readonly number[])[]) => {
    const given = graph.inputs.map(({ type }, index) => createTensor(type, inputs[index]));
    return execute(lowered(graph), given, registry).map(toNumbers);
  };
  let graph = record(program, givens);
  let data = givens.map((given) => given.data);
  for (let level = 1; level <= order; level++) {
    expect(checkGraphGradients(graph, runner, data)).not.toHaveLength(0);
    graph = gradientProgram(graph, level);
    const heads = graph.inputs.slice(data.length);
    data = [
      ...data,
      ...heads.map(({ type }) =>
        Array.from({ length: sizeOf(type.shape) }, (_, index) => Math.cos(index + level)),
      ),
    ];
  }
}

/** Matches a number to `digits` decimals, and NaN exactly. */
export function near(value: number, digits: number): number {
  return Number.isNaN(value) ? value : expect.closeTo(value, digits);
}
