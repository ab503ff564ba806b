import {
  Builder,
  formatShape,
  type Graph,
  type Registry,
  ShapeError,
  sizeOf,
} from "@adjoint/graph";
import { fullOp, nth } from "@adjoint/ops";
import { type Derivative, type DerivativeOptions, readDerivative } from "./derivative.js";
import { addArguments, applyGraph, named } from "./inline.js";
import { jacobian } from "./jacobian.js";
import { jvp } from "./jvp.js";
import { inputsOf } from "./naming.js";
import { vjp } from "./vjp.js";

/**
 * All second derivatives of an output of one element by one input: a graph of the same inputs with the single output
 * `hessian`, whose shape is that of `wrt` twice. Forward over reverse: one tangent of the gradient per element.
 *
 * @throws ShapeError for an output of several elements; ArgumentError for an unknown name, or none where there are
 *   several; GraphError for a program that calls functions of the host
 * @example
 * ```ts
 * const curvature = hessian(loss, { wrt: "w" }); // w (3,): hessian (3, 3)
 * ```
 */
export function hessian(graph: Graph, options: DerivativeOptions = {}): Graph {
  const derivative = readDerivative("hessian", graph, options);
  const { wrt, registry } = derivative;
  const slope = slopeOf("hessian", graph, derivative);
  const of = nth("hessian", slope.outputs, 0).name;
  const all = jacobian(slope, { wrt, of, mode: "forward", registry });
  return withOutputs(all, `${graph.name}.hessian`, ["hessian"]);
}

/**
 * The Hessian of an output of one element by one input, times a vector: a graph of the same inputs and the vector
 * `tangent.…`, with the outputs `grad.…` and `hvp.…`. Forward over reverse, without the Hessian itself (B. Pearlmutter,
 * "Fast exact multiplication by the Hessian", 1994).
 *
 * @throws ShapeError for an output of several elements; ArgumentError for an unknown name, or none where there are
 *   several
 * @example
 * ```ts
 * const product = hvp(loss, { wrt: "w" }); // (w, tangent.w) -> (grad.w, hvp.w)
 * ```
 */
export function hvp(graph: Graph, options: DerivativeOptions = {}): Graph {
  const derivative = readDerivative("hvp", graph, options);
  const { wrt, registry } = derivative;
  const slope = slopeOf("hvp", graph, derivative);
  const pushed = jvp(slope, { wrt: [wrt], registry });
  return withOutputs(pushed, `${graph.name}.hvp`, [`grad.${wrt}`, `hvp.${wrt}`]);
}

/** The gradient as a graph of the program's inputs, for the head gradient 1. */
function slopeOf(
  op: string,
  graph: Graph,
  { wrt, of, result, registry }: Derivative & { readonly registry: Registry },
): Graph {
  const { dtype, shape } = result;
  if (sizeOf(shape) !== 1) {
    throw new ShapeError({
      op,
      problem: `output ${of} has not one element`,
      received: formatShape(shape),
      allowed: "an output of one element, such as a sum",
    });
  }
  const builder = new Builder(`${graph.name}.slope`);
  const given = addArguments(builder, graph);
  const pullback = vjp(graph, { wrt: [wrt], heads: [of], registry });
  const head = nth(op, inputsOf(pullback), inputsOf(graph).length).name;
  const one = nth("full", builder.emit(fullOp, [], { shape, dtype, value: 1 }), 0);
  const results = applyGraph(builder, pullback, new Map([...given, [head, one]]), registry);
  const gradient = nth(op, pullback.outputs, pullback.outputs.length - 1).name;
  builder.output(`grad.${wrt}`, named(results, gradient));
  return builder.finish();
}

function withOutputs(graph: Graph, name: string, names: readonly string[]): Graph {
  const outputs = graph.outputs.map(({ ref }, at) => ({ name: nth(name, names, at), ref }));
  return Object.freeze({ ...graph, name, outputs: Object.freeze(outputs) });
}
