import type { Graph, Registry, TensorType } from "@adjoint/graph";
import { typeOf } from "@adjoint/graph";
import { registry as allOperators } from "@adjoint/ops";
import { floatInputs, floatOutputs, resolveOnly } from "./naming.js";

/** Which derivative of a graph: by default of its only floating output by its only floating input. */
export interface DerivativeOptions {
  /** By what: the name of an input. */
  readonly wrt?: string;
  /** Of what: the name of an output. */
  readonly of?: string;
  /** Default: all operators of this library. */
  readonly registry?: Registry;
}

/** Options with their defaults filled in. */
export interface Derivative {
  readonly wrt: string;
  readonly of: string;
  /** The types of both. */
  readonly source: TensorType;
  readonly result: TensorType;
  readonly registry: Registry;
}

/** @throws ArgumentError for an unknown name, or none where there are several */
export function readDerivative(op: string, graph: Graph, options: DerivativeOptions): Derivative {
  const { registry = allOperators } = options;
  const wrt = resolveOnly(op, "wrt", options.wrt, graph, floatInputs(graph));
  const of = resolveOnly(op, "of", options.of, graph, floatOutputs(graph));
  return {
    wrt: wrt.name,
    of: of.name,
    source: typeOf(graph, wrt.ref),
    result: typeOf(graph, of.ref),
    registry,
  };
}
