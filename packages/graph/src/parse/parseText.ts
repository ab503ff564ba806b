import type { Graph } from "../graph.js";
import type { Registry } from "../op.js";
import { closeGraph } from "../print/closeGraph.js";
import { checkStructure } from "../verify/checkStructure.js";
import { verify } from "../verify/verify.js";
import { GraphReader } from "./graphReader.js";
import { resolveGraph } from "./resolveGraph.js";
import { Scanner } from "./scanner.js";

const op = "parseText";

function readGraph(scanner: Scanner, registry: Registry | undefined): Graph {
  const reader = new GraphReader(scanner, (syntax) => {
    const graph = resolveGraph(scanner, syntax, registry);
    checkStructure(op, graph);
    return closeGraph(graph);
  });
  const graph = reader.graph();
  if (registry !== undefined) verify(graph, registry);
  return graph;
}

/**
 * Reads one graph from a text of `toText`. Of a full text the graph is equal to the one written, ids included. A short
 * text lacks what it does not show: numbers among operands become rows right before their reader, inputs have no
 * sites, flags that are off are there only where a `registry` knows the operator. Comments on lines of their own are
 * skipped. The graph is frozen.
 *
 * The text may come from anywhere: everything is checked but operators and their types, which need the registry.
 *
 * @throws TextError, a GraphError, that names line and column, what was found and what was expected
 * @throws GraphError of `verify` where the registry's operators don't fit
 * @example
 * ```ts
 * const graph = parseText("graph double(%x: float32[3]) -> (y: %2) { %2 = mul(%x, 2) : float32[3] }");
 * toText(graph);
 * ```
 */
export function parseText(text: string, registry?: Registry): Graph {
  const scanner = new Scanner(op, text);
  const graph = readGraph(scanner, registry);
  if (!scanner.isAtEnd) scanner.unexpected("end of text after the graph");
  return graph;
}

/**
 * Reads the graphs of a text one after another, as a program and its gradient. See `parseText`.
 *
 * @throws TextError, a GraphError, also where the text holds no graph
 */
export function parseTexts(text: string, registry?: Registry): readonly Graph[] {
  const scanner = new Scanner(op, text);
  const graphs: Graph[] = [];
  do graphs.push(readGraph(scanner, registry));
  while (!scanner.isAtEnd);
  return graphs;
}
