import { gradient } from "@adjoint/autograd";
import {
  Builder,
  type DType,
  type Graph,
  isFloat,
  nodesOf,
  type Ref,
  refKey,
  type Shape,
  sizeOf,
  type Value,
} from "@adjoint/graph";
import { createTensor, execute, toNumbers } from "@adjoint/runtime";
import { registry } from "../src/index.js";

/** A test's input. */
export interface Given {
  readonly shape: Shape;
  readonly data: readonly number[];
  readonly dtype: DType;
}

export type Program = (...ins: readonly Value[]) => Value | readonly Value[];

type Inputs = Readonly<Record<string, Given>>;

export function array(shape: Shape, data: readonly number[], dtype: DType = "float64"): Given {
  return { shape, data, dtype };
}

/**
 * Irregular numbers between -2 and 2, the same at each run: multiples of the golden ratio keep
 * apart from each other.
 */
export function irregular(shape: Shape, seed = 1, dtype: DType = "float64"): Given {
  const golden = (Math.sqrt(5) - 1) / 2;
  const data = Array.from({ length: sizeOf(shape) }, (_, position) => {
    const turns = seed * Math.SQRT2 + position * golden;
    return (turns - Math.floor(turns)) * 4 - 2;
  });
  return { shape, data, dtype };
}

export function record(program: Program, givens: readonly Given[]): Graph {
  const builder = new Builder("test");
  const ins = givens.map(({ dtype, shape }, index) => builder.input(`x${index}`, { dtype, shape }));
  const results = program(...ins);
  const list: readonly Value[] = "emitter" in results ? [results] : results;
  list.forEach((value, index) => {
    builder.output(`y${index}`, value);
  });
  return builder.finish();
}

/** Puts a copy of `graph` into `builder`; its inputs are what `inputOf` says. */
function inline(
  graph: Graph,
  inputOf: (input: Graph["inputs"][number]) => Value,
  emit: (
    op: string,
    ins: readonly Value[],
    attrs: Graph["nodes"][number]["attrs"],
  ) => readonly Value[],
): (ref: Ref) => Value {
  const values = new Map(
    graph.inputs.map((input) => [refKey({ node: input.id, out: 0 }), inputOf(input)]),
  );
  const lookUp = (ref: Ref): Value => {
    const value = values.get(refKey(ref));
    if (value === undefined) throw new Error(`no value ${refKey(ref)}`);
    return value;
  };
  for (const { id, op, inputs, attrs } of nodesOf(graph)) {
    emit(op, inputs.map(lookUp), attrs).forEach((value, out) => {
      values.set(refKey({ node: id, out }), value);
    });
  }
  return lookUp;
}

/**
 * Composites replaced by what they are made of, to any depth; their types are compared with the
 * inferred ones.
 */
function expandComposites(graph: Graph): Graph {
  const builder = new Builder(graph.name);
  const emit = (
    name: string,
    ins: readonly Value[],
    attrs: Graph["nodes"][number]["attrs"],
  ): readonly Value[] => {
    const op = registry.get(name);
    if (op.compose === undefined) return builder.emit(op, ins, attrs);
    const inner = new Builder(name);
    const parts = op.compose(
      ins.map(({ type }, index) => inner.input(`x${index}`, type)),
      attrs,
    );
    parts.forEach((value, index) => {
      inner.output(`y${index}`, value);
    });
    const body = inner.finish();
    const inferred = op.infer(
      ins.map(({ type }) => type),
      attrs,
    );
    expect(parts.map(({ type }) => type)).toEqual(inferred);
    const positions = new Map(body.inputs.map(({ id }, index) => [id, index]));
    const lookUp = inline(body, ({ id }) => at(ins, positions.get(id) ?? -1), emit);
    return body.outputs.map(({ ref }) => lookUp(ref));
  };
  const lookUp = inline(graph, ({ name, type, role }) => builder.input(name, type, role), emit);
  for (const { name, ref } of graph.outputs) builder.output(name, lookUp(ref));
  return builder.finish();
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new Error(`nothing at ${index}`);
  return value;
}

function named(givens: readonly Given[]): Inputs {
  return Object.fromEntries(givens.map((given, index) => [`x${index}`, given]));
}

function run(graph: Graph, inputs: Inputs): readonly Given[] {
  const tensors = Object.fromEntries(
    graph.inputs.map(({ name, type }) => {
      const given = inputs[name];
      if (given === undefined) throw new Error(`no input ${name}`);
      return [name, createTensor(type, given.data)];
    }),
  );
  const results = execute(expandComposites(graph), tensors, registry);
  return results.map((tensor) => ({ ...tensor.type, data: toNumbers(tensor) }));
}

/** All results of a program. */
export function evaluate(program: Program, ...givens: readonly Given[]): readonly Given[] {
  return run(record(program, givens), named(givens));
}

/** The elements of the first result. */
export function valuesOf(program: Program, ...givens: readonly Given[]): readonly number[] {
  return at(evaluate(program, ...givens), 0).data;
}

/** Inputs and head gradients to gradients, as one graph. */
function differentiated(graph: Graph, wrt: readonly string[]): Graph {
  const { forward, backward } = gradient(graph, { wrt });
  const builder = new Builder(`${graph.name}'`);
  const emit = (op: string, ins: readonly Value[], attrs: Graph["nodes"][number]["attrs"]) =>
    builder.emit(registry.get(op), ins, attrs);
  const forwardValue = inline(forward, ({ name, type }) => builder.input(name, type), emit);
  const gradientOf = inline(
    backward,
    ({ name, type, role, of }) =>
      role === "saved" && of !== undefined ? forwardValue(of) : builder.input(name, type),
    emit,
  );
  for (const { name, ref } of backward.outputs) builder.output(name, gradientOf(ref));
  return builder.finish();
}

/** Head gradients for the float results, irregular. */
function headsOf(graph: Graph, results: readonly Given[]): Inputs {
  return Object.fromEntries(
    graph.outputs.map(({ name }, index) => {
      const { shape, dtype } = at(results, index);
      return [`head.${name}`, irregular(shape, 5 + index, dtype)];
    }),
  );
}

/** Gradients of the program by each input, for the head gradients given (default: ones). */
export function gradientsOf(
  program: Program,
  givens: readonly Given[],
  heads?: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  const graph = record(program, givens);
  const results = run(graph, named(givens));
  const given = Object.fromEntries(
    graph.outputs.map(({ name }, index) => {
      const { shape, dtype } = at(results, index);
      const ones = new Array<number>(sizeOf(shape)).fill(1);
      return [`head.${name}`, array(shape, heads?.[index] ?? ones, dtype)];
    }),
  );
  const wrt = givens.map((_, index) => `x${index}`);
  return run(differentiated(graph, wrt), { ...named(givens), ...given }).map(({ data }) => data);
}

const step = 1e-5;

/** Sum of results times head gradients. */
function weighted(graph: Graph, inputs: Inputs, heads: Inputs): number {
  const results = run(graph, inputs);
  return graph.outputs.reduce((sum, { name }, index) => {
    const weights = heads[`head.${name}`]?.data ?? [];
    const { data } = at(results, index);
    return weights.reduce((part, weight, position) => part + weight * at(data, position), sum);
  }, 0);
}

function differenceQuotients(graph: Graph, inputs: Inputs, heads: Inputs, name: string): number[] {
  const given = inputs[name];
  if (given === undefined) throw new Error(`no input ${name}`);
  const moved = (position: number, by: number) => {
    const data = given.data.map((value, index) => (index === position ? value + by : value));
    return weighted(graph, { ...inputs, [name]: { ...given, data } }, heads);
  };
  return given.data.map(
    (_, position) => (moved(position, step) - moved(position, -step)) / (2 * step),
  );
}

function checkOrder(graph: Graph, inputs: Inputs, wrt: readonly string[], order: number): void {
  const heads = headsOf(graph, run(graph, inputs));
  const next = differentiated(graph, wrt);
  const gradients = run(next, { ...inputs, ...heads });
  wrt.forEach((name, index) => {
    const expected = differenceQuotients(graph, inputs, heads, name);
    const wanted = expected.map((value) => expect.closeTo(value, 5));
    expect({ name, gradient: at(gradients, index).data }).toEqual({ name, gradient: wanted });
  });
  if (order > 1) {
    const all = { ...inputs, ...heads };
    checkOrder(next, all, [...wrt, ...Object.keys(heads)], order - 1);
  }
}

/**
 * Compares gradients with central differences in float64, then the gradients of the gradient graph,
 * up to `order`. Only float inputs are differentiated by; leave out others with `constant`.
 */
export function checkDerivatives(
  program: Program,
  givens: readonly Given[],
  { order = 2, constant = [] }: { order?: number; constant?: readonly number[] } = {},
): void {
  const wrt = givens.flatMap(({ dtype }, index) =>
    isFloat(dtype) && !constant.includes(index) ? [`x${index}`] : [],
  );
  checkOrder(record(program, givens), named(givens), wrt, order);
}
