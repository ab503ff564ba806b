import {
  type DType,
  type Graph,
  isFloat,
  nodesOf,
  type Registry,
  sizeOf,
  type Value,
} from "@adjoint/graph";
import { fronts, mul } from "@adjoint/ops";
import { createTensor, Runtime, type Tensor, toNumbers } from "@adjoint/runtime";
import { Choices } from "../choices.js";
import { difference, differingElements, distance } from "../compare.js";
import { argumentsFor, hosts, lowered, type Program, run } from "../program.js";
import { rebuild } from "../rebuild.js";
import type { Derived } from "./derived.js";
import {
  all,
  type Backend,
  held,
  judged,
  type Law,
  type Subject,
  skipped,
  type Verdict,
} from "./law.js";

/** Generated code from the first run on. */
export function compiledBackend(): Backend {
  const runtime = new Runtime({ mode: "compiled" });
  return {
    name: "compiled",
    plan: (graph, registry, options) => runtime.plan(graph, registry, options),
  };
}

/** A few units in the last place, by which backends may differ in each operator. */
const noise: Partial<Record<DType, number>> = {
  float64: 2 ** -50,
  float32: 2 ** -21,
  float16: 2 ** -9,
};

/** The same program with each floating value a few units in its last place off. */
function shaken(graph: Graph, registry: Registry, seed: number): Graph {
  const choices = new Choices(seed);
  const emit = (op: string, ins: readonly Value[], attrs = {}): Value => {
    const [value] = ins[0]?.emitter.emit(registry.get(op), ins, attrs) ?? [];
    if (value === undefined) throw new Error(`${op}: no result`);
    return value;
  };
  return rebuild(graph, registry, {
    follow(value) {
      const { dtype, shape } = value.type;
      const size = noise[dtype];
      if (size === undefined || !isFloat(dtype) || sizeOf(shape) > 1000) return value;
      const factors = Array.from({ length: sizeOf(shape) }, () => 1 + choices.real(-size, size));
      const type = { dtype: "float64", shape } as const;
      const constant = value.emitter.constant(Float64Array.from(factors), type);
      return emit("mul", [value, emit("cast", [constant], { dtype })]);
    },
  });
}

/**
 * The same program with `value` for sums of finite terms whose sizes add up to infinity: it depends
 * on the order of the terms whether those overflow.
 */
function overflowing(graph: Graph, registry: Registry, value: number): Graph {
  const nodes = new Map(nodesOf(graph).map((node) => [node.id, node]));
  return rebuild(graph, registry, {
    replace(ref, _, resolve) {
      const node = nodes.get(ref.node);
      const [term] = node?.op === "sum" ? node.inputs : [];
      if (node === undefined || term === undefined) return undefined;
      const terms = resolve(term);
      if (!isFloat(terms.type.dtype)) return undefined;
      const sumOf = (x: Value) => x.emitter.emit(registry.get("sum"), [x], node.attrs)[0] ?? x;
      // Zero times what is not finite is NaN, which is not equal to itself.
      const [own, sizes] = [sumOf(mul(terms, 0)), mul(sumOf(fronts.abs(terms)), 0)];
      const overflows = fronts.logicalAnd(fronts.equal(own, own), fronts.notEqual(sizes, sizes));
      const total = sumOf(terms);
      return fronts.where(overflows, mul(fronts.onesLike(total), value), total);
    },
  });
}

/** How far two numbers are apart; infinite where only one is a number. */
function apart(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  const gap = Math.abs(a - b);
  return Number.isNaN(gap) ? Infinity : gap;
}

/** What rounding explains, in multiples of what a few units in the last place did in the trials. */
const allowance = 64;
const trials = 4;

/** Whether each differing element moves about as much by itself as soon as all values are rounded otherwise. */
function isRounding(
  graph: Graph,
  { inputs }: Program,
  registry: Registry,
  [want, have]: readonly [readonly Tensor[], readonly Tensor[]],
): boolean {
  const numbers = (one: Graph) => run(one, inputs, registry).map(toNumbers);
  const others = Array.from({ length: trials }, (_, seed) =>
    numbers(shaken(graph, registry, seed)),
  );
  const undecided = [-Infinity, 0, Infinity, Number.NaN].map((value) =>
    numbers(overflowing(lowered(graph, registry), registry, value)),
  );
  return want.every((tensor, at) => {
    const [a, b] = [toNumbers(tensor), have[at] === undefined ? [] : toNumbers(have[at])];
    return differingElements(tensor, have[at]).every((element) => {
      if (new Set(undecided.map((one) => one[at]?.[element])).size > 1) return true;
      const value = a[element] ?? 0;
      const moves = others.map((one) => apart(value, one[at]?.[element] ?? 0));
      return apart(value, b[element] ?? 0) <= allowance * Math.max(...moves);
    });
  });
}

function agrees(
  graph: Graph,
  program: Program,
  { plan }: Backend,
  registry: Registry,
  want: readonly Tensor[],
): Verdict {
  const expand = (one: Graph) => lowered(one, registry);
  const compiled = plan(expand(graph), registry, { lower: expand });
  const given = argumentsFor(graph, program.inputs);
  const copied = () =>
    compiled.run(given, { hosts }).map((result) => createTensor(result.type, result.data.slice()));
  const once = copied();
  const again = difference(once, copied());
  if (again !== undefined) return judged(`${graph.name}, run again`, again);
  const found = distance(want, once);
  if (found === undefined) return held;
  if (isRounding(graph, program, registry, [want, once]))
    return skipped("rounding decides the result");
  return judged(graph.name, found);
}

/** A program and its gradient give the same by another backend, but for rounding. */
const agreeing = (backend: Backend, { registry }: Subject, derived: Derived): Law => ({
  name: `interpreted and ${backend.name} programs agree`,
  check(program) {
    const { graph } = program;
    const gradient = derived.pullback(program);
    const results = (one: Graph) => derived.resultsOf(one, program);
    return all(
      () => agrees(graph, program, backend, registry, results(graph)),
      () =>
        "value" in gradient
          ? agrees(gradient.value, program, backend, registry, results(gradient.value))
          : held,
    );
  },
});

/** What backends promise. */
export function backendLaws(subject: Subject, derived: Derived): readonly Law[] {
  return subject.backends.map((backend) => agreeing(backend, subject, derived));
}
