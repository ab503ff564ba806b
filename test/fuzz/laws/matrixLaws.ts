import { hessian, hvp, jacobian, jvp } from "@adjoint/autograd";
import {
  type Graph,
  GraphError,
  type Registry,
  sizeOf,
  type TensorType,
  typeOf,
} from "@adjoint/graph";
import { createTensor, type Tensor, toNumbers } from "@adjoint/runtime";
import { distance } from "../compare.js";
import { decreedIn } from "../decreed.js";
import { anyTensor, run, type Tensors } from "../program.js";
import { movingDoubles } from "./differences.js";
import {
  all,
  attempt,
  held as kept,
  judged,
  type Law,
  type Subject,
  skipped,
  type Verdict,
} from "./law.js";

/** Few elements, so that all derivatives are few as well. */
const fewElements = 8;

function isSmall({ dtype, shape }: TensorType): boolean {
  return dtype === "float64" && sizeOf(shape) > 0 && sizeOf(shape) <= fewElements;
}

/** A matrix times a vector, as a tensor like `like`. */
function times(matrix: Tensor, vector: Tensor, like: TensorType): Tensor {
  const [numbers, weights] = [toNumbers(matrix), toNumbers(vector)];
  const row = (at: number) => numbers.slice(at * weights.length, (at + 1) * weights.length);
  const products = Array.from({ length: sizeOf(like.shape) }, (_, at) =>
    row(at).reduce((sum, one, column) => sum + one * (weights[column] ?? Number.NaN), 0),
  );
  return createTensor(like, products);
}

/** Jacobians of both modes are equal, a tangent is their product; likewise for second derivatives. */
export const matrices = ({ registry }: Subject): Law => ({
  name: "matrices of derivatives and their products agree",
  check({ graph, inputs, held, style }) {
    if (style === "wild") return skipped("only in float64");
    const reason = decreedIn(graph);
    if (reason !== undefined) return skipped(reason);
    const moving = movingDoubles(graph, held);
    const input = graph.inputs.find(({ name, type }) => moving.includes(name) && isSmall(type));
    const output = graph.outputs.find(({ ref }) => isSmall(typeOf(graph, ref)));
    if (input === undefined || output === undefined) return skipped("nothing small");
    const [wrt, of] = [input.name, output.name];
    const made = attempt(GraphError, () =>
      (["forward", "reverse"] as const).map((mode) => jacobian(graph, { wrt, of, mode, registry })),
    );
    if ("reason" in made) return skipped(made.reason);
    const [forward = [], reverse = []] = made.value.map((one) => run(one, inputs, registry));
    const [matrix] = forward;
    if (matrix === undefined || !isModerate(forward)) return skipped("values are too large");
    const tangent = anyTensor(`tangent.${wrt}`, input.type);
    const pushed = run(jvp(graph, { wrt: [wrt], of: [of], registry }), inputs, registry).slice(-1);
    const product = times(matrix, tangent, typeOf(graph, output.ref));
    return all(
      () => judged("jacobians", distance(forward, reverse)),
      () => judged("tangent", distance(pushed, [product])),
      () => curvatures(graph, inputs, { wrt, of, registry }, tangent),
    );
  },
});

function isModerate(tensors: readonly Tensor[]): boolean {
  return tensors.flatMap(toNumbers).every((value) => Math.abs(value) < 1e3);
}

/** The Hessian of one element is symmetric, and its product with a vector that of `hvp`. */
function curvatures(
  graph: Graph,
  inputs: Tensors,
  options: { readonly wrt: string; readonly of: string; readonly registry: Registry },
  vector: Tensor,
): Verdict {
  const output = graph.outputs.find(({ name }) => name === options.of);
  if (output === undefined || sizeOf(typeOf(graph, output.ref).shape) !== 1) return kept;
  const [matrix] = run(hessian(graph, options), inputs, options.registry);
  if (matrix === undefined || !isModerate([matrix])) return skipped("values are too large");
  const [, product] = run(hvp(graph, options), inputs, options.registry);
  const want = times(matrix, vector, vector.type);
  return judged("hvp", distance([want], product === undefined ? [] : [product]));
}
