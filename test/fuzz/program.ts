import {
  type DType,
  type Graph,
  isFloat,
  lower,
  runPasses,
  type Registry,
  sizeOf,
  type TensorType,
  typeOf,
} from "@adjoint/graph";
import {
  createTensor,
  type HostFunctions,
  type Plan,
  plan,
  type Tensor,
  toNumbers,
} from "@adjoint/runtime";
import { Choices } from "./choices.js";
import { hostKey } from "./operators/programs.js";
import type { Style } from "./sketch.js";

export type Tensors = Readonly<Record<string, Tensor>>;

/** A program with arguments. */
export interface Program {
  readonly style: Style;
  readonly graph: Graph;
  /** By name of the graph's inputs. */
  readonly inputs: Tensors;
  /** Inputs not to differentiate by: states, statistics. */
  readonly held: readonly string[];
}

/** The gradient of every custom function: twice the head gradient. */
export const hosts: HostFunctions = new Map([
  [
    hostKey,
    (heads: readonly Tensor[]) =>
      heads.map((head) =>
        createTensor(
          head.type,
          toNumbers(head).map((value) => 2 * value),
        ),
      ),
  ],
]);

export function lowered(graph: Graph, registry: Registry): Graph {
  return runPasses(graph, [lower], { registry }).graph;
}

/** The graph made ready to run, composites expanded. */
export function planned(
  graph: Graph,
  registry: Registry,
  keep: "outputs" | "all" = "outputs",
): Plan {
  const expand = (one: Graph) => lowered(one, registry);
  return plan(expand(graph), registry, { lower: expand, keep });
}

/** Moderate numbers that depend on the name alone, so that graphs derived from each other get the same. */
export function anyTensor(name: string, type: TensorType): Tensor {
  const choices = new Choices([...name].reduce((sum, one) => sum * 31 + one.charCodeAt(0), 7) | 0);
  const numbers = Array.from({ length: sizeOf(type.shape) }, () =>
    isFloat(type.dtype) ? choices.real(-1, 1) : choices.between(0, 1),
  );
  return createTensor(type, numbers);
}

/** The arguments in the order of the graph's inputs; those that are not given are any numbers. */
export function argumentsFor(graph: Graph, given: Tensors): Tensor[] {
  return graph.inputs
    .filter(({ role }) => role !== "const")
    .map(({ name, type }) => given[name] ?? anyTensor(name, type));
}

/** A graph's results for these arguments. */
export function run(graph: Graph, given: Tensors, registry: Registry): Tensor[] {
  return planned(graph, registry).run(argumentsFor(graph, given), { hosts });
}

/** Inputs to differentiate by: those of a dtype that carries gradients, but for held ones. */
export function movingInputs(
  { graph, held }: Program,
  dtypes: (dtype: DType) => boolean = isFloat,
) {
  return graph.inputs.filter(
    ({ name, role, type }) => role !== "const" && !held.includes(name) && dtypes(type.dtype),
  );
}

/** Names of the results that carry gradients. */
export function floatResults(graph: Graph): string[] {
  return graph.outputs
    .filter(({ ref }) => isFloat(typeOf(graph, ref).dtype))
    .map(({ name }) => name);
}
