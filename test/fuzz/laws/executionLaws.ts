import { vmap } from "@adjoint/autograd";
import { ArgumentError, type Graph, GraphError, isFloat, sizeOf, verify } from "@adjoint/graph";
import { createTensor, type Tensor, toNumbers } from "@adjoint/runtime";
import { Choices } from "../choices.js";
import { difference, distance } from "../compare.js";
import {
  anyTensor,
  argumentsFor,
  hosts,
  planned,
  type Program,
  run,
  type Tensors,
} from "../program.js";
import type { Derived } from "./derived.js";
import {
  all,
  attempt,
  held,
  judged,
  type Law,
  type Subject,
  skipped,
  type Verdict,
} from "./law.js";

/** Keeping every value in an array of its own, so that nothing is overwritten or fused away, changes no result. */
const kept = ({ registry }: Subject): Law => ({
  name: "plans that keep every value",
  check({ graph, inputs }) {
    const want = planned(graph, registry, "all").run(argumentsFor(graph, inputs), { hosts });
    const plan = planned(graph, registry);
    const once = plan.run(argumentsFor(graph, inputs), { hosts });
    const again = plan.run(argumentsFor(graph, inputs), { hosts });
    const first = difference(want.slice(0, once.length), once);
    return judged("results", first ?? difference(once, again));
  },
});

/** Another example of the same kind: floats moved a little, integers in another order, states of other seeds. */
function another(tensor: Tensor, held: boolean, choices: Choices): Tensor {
  const { type } = tensor;
  const numbers = toNumbers(tensor);
  if (held) return tensor;
  if (!isFloat(type.dtype))
    return createTensor(type, [...numbers.slice(1), ...numbers.slice(0, 1)]);
  return createTensor(
    type,
    numbers.map((one) => one + choices.real(-0.05, 0.05)),
  );
}

function stacked(examples: readonly Tensor[]): Tensor {
  const [first] = examples;
  if (first === undefined) throw new Error("no examples");
  const { dtype, shape } = first.type;
  const type = { dtype, shape: [examples.length, ...shape] };
  return createTensor(type, examples.flatMap(toNumbers));
}

/** Example `at` of each result. */
function exampleOf(results: readonly Tensor[], at: number): Tensor[] {
  return results.map((result) => {
    const shape = result.type.shape.slice(1);
    const size = sizeOf(shape);
    const numbers = toNumbers(result).slice(at * size, (at + 1) * size);
    return createTensor({ dtype: result.type.dtype, shape }, numbers);
  });
}

const examples = 2;

/** Which inputs all examples share: at least the first one is mapped. */
function sharedInputs(graph: Graph, choices: Choices): string[] {
  const names = graph.inputs.filter(({ role }) => role !== "const").map(({ name }) => name);
  return names.filter((_, at) => at > 0 && choices.chance(0.3));
}

/** The arguments of each example, and those of the batch. */
function batchOf(
  graph: Graph,
  { inputs, held }: Program,
  shared: readonly string[],
  choices: Choices,
) {
  const named = graph.inputs
    .filter(({ role }) => role !== "const")
    .map(({ name, type }) => [name, inputs[name] ?? anyTensor(name, type)] as const);
  const each = Array.from({ length: examples }, (_, at): Tensors => {
    const moved = named.map(([name, tensor]) => {
      const same = at === 0 || shared.includes(name);
      return [name, same ? tensor : another(tensor, held.includes(name), choices)] as const;
    });
    return Object.fromEntries(moved);
  });
  const whole = named.map(([name, tensor]) => {
    const one = shared.includes(name)
      ? tensor
      : stacked(each.map((given) => given[name] ?? tensor));
    return [name, one] as const;
  });
  return { each, whole: Object.fromEntries(whole) };
}

function mapsLikeLoop(graph: Graph, program: Program, { registry }: Subject): Verdict {
  const choices = new Choices(graph.nextId);
  const shared = sharedInputs(graph, choices);
  const inAxes = Object.fromEntries(shared.map((name) => [name, null]));
  const mapped = attempt(GraphError, () => vmap(graph, { size: examples, inAxes, registry }));
  if ("reason" in mapped) return skipped(mapped.reason);
  verify(mapped.value, registry);
  const { each, whole } = batchOf(graph, program, shared, choices);
  const want = attempt(ArgumentError, () => each.map((given) => run(graph, given, registry)));
  if ("reason" in want) return skipped(want.reason);
  const have = run(mapped.value, whole, registry);
  const found = want.value.map((one, at) => distance(one, exampleOf(have, at)));
  return judged(
    graph.name,
    found.find((one) => one !== undefined),
  );
}

/** A mapped program, and its mapped gradient, give what a loop over the examples gives, whatever is mapped. */
const mapping = (subject: Subject, derived: Derived): Law => ({
  name: "vmap equals a loop",
  check(program) {
    if (program.graph.inputs.every(({ role }) => role === "const"))
      return skipped("nothing to map");
    const gradient = derived.pullback(program);
    return all(
      () => mapsLikeLoop(program.graph, program, subject),
      () => ("value" in gradient ? mapsLikeLoop(gradient.value, program, subject) : held),
    );
  },
});

/** What runs of programs promise. */
export function executionLaws(subject: Subject, derived: Derived): readonly Law[] {
  return [kept(subject), mapping(subject, derived)];
}
