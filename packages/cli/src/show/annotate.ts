import { type Decoration, type Graph, mergeDecorations } from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import {
  type CostKind,
  costDecoration,
  type GraphCosts,
  graphCosts,
  type Observation,
  observe,
  observeGradient,
  profileDecoration,
  summarize,
  type ValueSummary,
  valueDecoration,
} from "@adjoint/runtime";
import type { Annotations } from "../request.js";
import type { Subject } from "../source/subject.js";

/** How often each node runs for its time; the shortest counts. */
const profileRuns = 20;

/** What is known of one graph. */
export interface Facts {
  readonly graph: Graph;
  readonly costs: GraphCosts | undefined;
  readonly observation: Observation | undefined;
}

/** Runs program and gradient, the gradient only where there is one. */
export function runSubject(
  { forward, backward, inputs, hosts }: Subject,
  options: { readonly repeat?: number; readonly stopAtNonFinite?: boolean } = {},
): { readonly forward: Observation; readonly backward: Observation | undefined } {
  const settings = { ...options, hosts };
  if (backward !== undefined) {
    return observeGradient({ forward, backward }, inputs, registry, settings);
  }
  return { forward: observe(forward, inputs, registry, settings), backward: undefined };
}

/** What the annotations need to know of each graph. `graphs` are those of the subject, or one that is made of both. */
export function factsOf(
  subject: Subject,
  graphs: readonly Graph[],
  { cost, values, profile }: Annotations,
  inputsOf: (graph: Graph) => Subject["inputs"],
): readonly Facts[] {
  const repeat = profile ? profileRuns : 1;
  const isRun = values || profile;
  const isWhole = graphs.every((graph) => graph === subject.forward || graph === subject.backward);
  const run = isRun && isWhole ? runSubject(subject, { repeat }) : undefined;
  const runs = new Map([
    [subject.forward, run?.forward],
    [subject.backward, run?.backward],
  ]);
  return graphs.map((graph) => ({
    graph,
    costs: cost.length > 0 ? graphCosts(graph, registry) : undefined,
    observation: isRun
      ? (runs.get(graph) ??
        observe(graph, inputsOf(graph), registry, { repeat, hosts: subject.hosts }))
      : undefined,
  }));
}

/** Lines and colours for rows; undefined where nothing is asked for. */
export function decorationOf(
  facts: readonly Facts[],
  { cost, values, profile }: Annotations,
): Decoration | undefined {
  const decorations = facts.flatMap(({ graph, costs, observation }) => [
    ...(costs === undefined ? [] : [costDecoration(graph, costs, cost)]),
    ...(observation === undefined || !values ? [] : [valueDecoration(observation)]),
    ...(observation === undefined || !profile ? [] : [profileDecoration(observation)]),
  ]);
  return decorations.length === 0 ? undefined : mergeDecorations(...decorations);
}

/** What is known of one row. */
interface RowReport {
  readonly row: number;
  readonly values?: readonly ValueSummary[];
  readonly milliseconds?: number;
}

/** The same as plain data, graph by graph. */
export function reportOf(facts: readonly Facts[], { values, profile }: Annotations): unknown {
  const rowsOf = (observation: Observation): RowReport[] =>
    observation.rows.map(({ row, results, milliseconds }) => ({
      row,
      ...(values ? { values: results.map((one) => summarize(one)) } : {}),
      ...(profile ? { milliseconds } : {}),
    }));
  return {
    format: "adjoint.report",
    version: 1,
    graphs: facts.map(({ graph, costs, observation }) => ({
      graph: graph.name,
      ...(costs === undefined ? {} : { costs }),
      ...(observation === undefined ? {} : { rows: rowsOf(observation) }),
    })),
  };
}

/** `flops 1.2M, …` of a whole graph, for the end of a text. */
export function totalsOf(
  { graph, costs }: Facts,
  kinds: readonly CostKind[],
  format: (kind: CostKind, amount: number) => string,
): string | undefined {
  if (costs === undefined) return undefined;
  const sums = kinds.map((kind) => format(kind, costs[kind]));
  return `${graph.name}: ${sums.join(", ")}`;
}
