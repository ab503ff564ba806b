import {
  Builder,
  type Graph,
  type Registry,
  sizeOf,
  type TensorType,
  type Value,
} from "@adjoint/graph";
import { checkChoice, fullOp, nth, reshape } from "@adjoint/ops";
import { moveAxis } from "./batch/batchedCall.js";
import { type Derivative, type DerivativeOptions, readDerivative } from "./derivative.js";
import { addArguments, applyGraph, named } from "./inline.js";
import { jvp } from "./jvp.js";
import { inputsOf } from "./naming.js";
import { tidyGradient } from "./tidyGradient.js";
import { vjp } from "./vjp.js";
import { vmap } from "./vmap.js";

export const jacobianModes = ["auto", "forward", "reverse"] as const;
export type JacobianMode = (typeof jacobianModes)[number];

export interface JacobianOptions extends DerivativeOptions {
  /**
   * `forward` takes one tangent per element of `wrt`, `reverse` one head gradient per element of `of`, all at once;
   * `auto`, unless given, the one that takes fewer.
   */
  readonly mode?: JacobianMode;
}

/**
 * All derivatives of one output by one input: a graph of the same inputs with the single output `jacobian`, whose shape
 * is that of `of`, then that of `wrt`.
 *
 * @throws ArgumentError for an unknown name, or none where there are several; AttributeError for an unknown mode;
 *   GraphError for a program that calls functions of the host
 * @example
 * ```ts
 * const slopes = jacobian(graph, { wrt: "x", of: "y" }); // y (2,) and x (3,) make jacobian (2, 3)
 * ```
 */
export function jacobian(graph: Graph, options: JacobianOptions = {}): Graph {
  const mode = checkChoice("jacobian", "mode", options.mode ?? "auto", jacobianModes);
  const derivative = readDerivative("jacobian", graph, options);
  const builder = new Builder(`${graph.name}.jacobian`);
  const given = addArguments(builder, graph);
  builder.output("jacobian", jacobianOf(graph, derivative, mode, builder, given));
  return tidyGradient(builder.finish(), derivative.registry);
}

function jacobianOf(
  graph: Graph,
  { wrt, of, source, result, registry }: Derivative,
  mode: JacobianMode,
  builder: Builder,
  given: ReadonlyMap<string, Value>,
): Value {
  const shape = [...result.shape, ...source.shape];
  if (sizeOf(shape) === 0) {
    return nth("full", builder.emit(fullOp, [], { shape, dtype: result.dtype, value: 0 }), 0);
  }
  const forward =
    mode === "auto" ? sizeOf(source.shape) <= sizeOf(result.shape) : mode === "forward";
  if (!forward) {
    const pullback = vjp(graph, { wrt: [wrt], heads: [of], registry });
    return reshape(alongBasis(pullback, result, builder, given, registry), shape);
  }
  const pushforward = jvp(graph, { wrt: [wrt], of: [of], registry });
  const columns = alongBasis(pushforward, source, builder, given, registry);
  return reshape(moveAxis(columns, 0, result.shape.length), shape);
}

/**
 * The last output of a graph for each unit vector as its last argument, in the first axis. What does not depend on that
 * argument is computed once.
 */
function alongBasis(
  graph: Graph,
  { dtype, shape }: TensorType,
  builder: Builder,
  given: ReadonlyMap<string, Value>,
  registry: Registry,
): Value {
  const inputs = inputsOf(graph).map(({ name }) => name);
  const direction = nth(graph.name, inputs, inputs.length - 1);
  const size = sizeOf(shape);
  const inAxes = Object.fromEntries([...given.keys()].map((name) => [name, null]));
  const mapped = vmap(graph, { size, inAxes, registry });
  const attrs = { rows: size, columns: size, k: 0, dtype };
  const basis = nth("eye", builder.emit(registry.get("eye"), [], attrs), 0);
  const all = new Map([...given, [direction, reshape(basis, [size, ...shape])]]);
  const results = applyGraph(builder, mapped, all, registry);
  return named(results, nth(graph.name, mapped.outputs, mapped.outputs.length - 1).name);
}
