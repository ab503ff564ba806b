import { gradient } from "@adjoint/autograd";
import {
  Builder,
  type DType,
  type Graph,
  nodesOf,
  refKey,
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

/** Composites replaced by what they are made of. */
export function expandComposites(graph: Graph): Graph {
  const builder = new Builder(graph.name);
  const values = new Map<string, Value>();
  for (const { id, name, type, role } of graph.inputs) {
    values.set(refKey({ node: id, out: 0 }), builder.input(name, type, role));
  }
  const lookUp = (key: string): Value => {
    const value = values.get(key);
    if (value === undefined) throw new Error(`no value ${key}`);
    return value;
  };
  for (const { id, op, inputs, attrs } of nodesOf(graph)) {
    const def = registry.get(op);
    const ins = inputs.map((ref) => lookUp(refKey(ref)));
    const outs = def.compose?.(ins, attrs) ?? builder.emit(def, ins, attrs);
    outs.forEach((value, out) => {
      values.set(refKey({ node: id, out }), value);
    });
  }
  for (const { name, ref } of graph.outputs) builder.output(name, lookUp(refKey(ref)));
  return builder.finish();
}

function run(graph: Graph, inputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const results = execute(expandComposites(graph), inputs, registry);
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

/** Matches a number to `digits` decimals, and NaN exactly. */
export function near(value: number, digits: number): number {
  return Number.isNaN(value) ? value : expect.closeTo(value, digits);
}
