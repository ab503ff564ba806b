import { gradient } from "@adjoint/autograd";
import {
  Builder,
  type DType,
  type Graph,
  isFloat,
  nodesOf,
  refKey,
  type Shape,
  sizeOf,
  type Value,
} from "@adjoint/graph";
import { createTensor, execute, type Tensor, toNumbers } from "@adjoint/runtime";
import { iota } from "../src/elementwise/arange.js";
import { add, fill, mul, registry } from "../src/index.js";
import { sumAxes } from "../src/reduce/sum.js";
import { reshape } from "../src/view/reshape.js";

/** Numbers with the type that they are to have. */
export interface Given {
  readonly data: readonly number[];
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A function of graph values with one result. */
export type Program = (...ins: readonly Value[]) => Value;

export function given(
  data: readonly number[],
  shape: Shape = [data.length],
  dtype: DType = "float64",
): Given {
  return { data, shape, dtype };
}

/** 1, 2, 3, ... in the shape given. */
export function counting(shape: Shape, dtype: DType = "float64"): Given {
  return given(
    Array.from({ length: sizeOf(shape) }, (_, index) => index + 1),
    shape,
    dtype,
  );
}

/** Distinct numbers without order, none of them 0. */
export function scattered(shape: Shape, dtype: DType = "float64"): Given {
  const data = counting(shape).data.map((count) => Math.sin(count * 2.7) + 0.11);
  return given(data, shape, dtype);
}

function record(program: Program, types: readonly Omit<Given, "data">[]): Graph {
  const builder = new Builder("test");
  const ins = types.map(({ shape, dtype }, at) => builder.input(`x${at}`, { shape, dtype }));
  builder.output("y", program(...ins));
  return builder.finish();
}

/**
 * Applies a graph to values of another builder, composites replaced by what they are made of.
 * Results by name.
 */
function inline(graph: Graph, inputs: ReadonlyMap<string, Value>, like: Value) {
  const values = new Map<string, Value>();
  const lookUp = (key: string): Value => {
    const value = values.get(key);
    if (value === undefined) throw new Error(`no value ${key}`);
    return value;
  };
  for (const { id, name } of graph.inputs) {
    const value = inputs.get(name) ?? inputs.get(name.replace("saved.", ""));
    if (value !== undefined) values.set(`${id}.0`, value);
  }
  for (const { id, op, inputs: refs, attrs } of nodesOf(graph)) {
    const outs = like.emitter.emit(
      registry.get(op),
      refs.map((ref) => lookUp(refKey(ref))),
      attrs,
    );
    outs.forEach((value, out) => {
      values.set(`${id}.${out}`, value);
    });
  }
  return new Map(graph.outputs.map(({ name, ref }) => [name, lookUp(refKey(ref))]));
}

/** Without composites. */
function expand(graph: Graph): Graph {
  if (nodesOf(graph).every(({ op }) => registry.get(op).kernel !== undefined)) return graph;
  const builder = new Builder(graph.name);
  const values = new Map<string, Value>();
  for (const { id, name, type } of graph.inputs) values.set(`${id}.0`, builder.input(name, type));
  for (const { id, op, inputs, attrs } of nodesOf(graph)) {
    const def = registry.get(op);
    const ins = inputs.flatMap((ref) => values.get(refKey(ref)) ?? []);
    const outs =
      def.compose === undefined ? builder.emit(def, ins, attrs) : def.compose(ins, attrs);
    outs.forEach((value, out) => {
      values.set(`${id}.${out}`, value);
    });
  }
  for (const { name, ref } of graph.outputs) {
    const value = values.get(refKey(ref));
    if (value !== undefined) builder.output(name, value);
  }
  return expand(builder.finish());
}

function evaluator(program: Program, givens: readonly Given[]) {
  const graph = expand(record(program, givens));
  return (numbers: readonly (readonly number[])[]): Tensor => {
    const inputs = givens.map((one, at) => [`x${at}`, createTensor(one, numbers[at] ?? one.data)]);
    const [result] = execute(graph, Object.fromEntries(inputs), registry);
    if (result === undefined) throw new Error("no result");
    return result;
  };
}

/** The program's value. */
export function evaluate(program: Program, ...givens: readonly Given[]): Given {
  const result = evaluator(program, givens)([]);
  return { ...result.type, data: toNumbers(result) };
}

/**
 * The program whose value is the first program's gradient by one of its arguments, for a head
 * gradient of ones.
 */
export function gradientBy(program: Program, position: number): Program {
  return (...ins) => {
    const types = ins.map(({ type }) => type);
    const { forward, backward } = gradient(record(program, types), { wrt: [`x${position}`] });
    const like = ins[position];
    if (like === undefined) throw new Error(`no argument ${position}`);
    const inputs = new Map(ins.map((value, at) => [`x${at}`, value]));
    const results = new Map([...inputs, ...inline(forward, inputs, like)]);
    for (const { name, role, type } of backward.inputs) {
      if (role === "head") results.set(name, fill(like, type.shape, 1));
    }
    const [result] = [...inline(backward, results, like).values()];
    if (result === undefined) throw new Error("no gradient");
    return result;
  };
}

/** A program of one element: the other one's elements, each times its own number, summed. */
function weighted(program: Program): Program {
  return (...ins) => {
    const y = program(...ins);
    const flat = reshape(y, [sizeOf(y.type.shape)]);
    const weights = add(mul(iota(flat, sizeOf(y.type.shape)), 0.37), 0.4);
    return sumAxes(mul(flat, weights), [0]);
  };
}

function nudged(numbers: readonly number[], at: number, by: number): readonly number[] {
  return numbers.map((number, index) => (index === at ? number + by : number));
}

/** Central differences of a program of one element by one of its arguments. */
function differences(program: Program, givens: readonly Given[], position: number): number[] {
  const run = evaluator(program, givens);
  const step = 1e-5;
  const { data } = givens[position] ?? { data: [] };
  const valueAt = (index: number, by: number) =>
    toNumbers(run(givens.map((one, at) => (at === position ? nudged(data, index, by) : one.data))));
  return data.map((_, index) => {
    const [above = Number.NaN] = valueAt(index, step);
    const [below = Number.NaN] = valueAt(index, -step);
    return (above - below) / (2 * step);
  });
}

/**
 * Expects the gradients by every float argument to agree with central differences, the gradients of
 * those as well, and so on up to `order`.
 */
export function expectDerivatives(program: Program, givens: readonly Given[], order = 2): void {
  if (order === 0) return;
  const single = weighted(program);
  for (const [position, { dtype }] of givens.entries()) {
    if (!isFloat(dtype)) continue;
    const derivative = gradientBy(single, position);
    const have = evaluate(derivative, ...givens).data;
    const want = differences(single, givens, position);
    expect(have).toEqual(want.map((number) => expect.closeTo(number, 5)));
    expectDerivatives(derivative, givens, order - 1);
  }
}
