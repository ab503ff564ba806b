import { GradientError, type Graph, type Registry } from "@adjoint/graph";
import { vjp } from "@adjoint/autograd";
import type { Tensor } from "@adjoint/runtime";
import { floatResults, movingInputs, type Program, run } from "../program.js";
import { type Attempt, attempt } from "./law.js";

/** Graphs derived from programs and their results, each made once. */
export class Derived {
  private readonly pullbacks = new WeakMap<Program, Attempt<Graph>>();
  private readonly results = new WeakMap<Program, Map<Graph, readonly Tensor[]>>();

  constructor(private readonly registry: Registry) {}

  /** Arguments and head gradients in, results and gradients out; or why there is none. */
  pullback(program: Program): Attempt<Graph> {
    const known = this.pullbacks.get(program);
    if (known !== undefined) return known;
    const made = this.derive(program);
    this.pullbacks.set(program, made);
    return made;
  }

  /** What a graph gives for the arguments of a program. */
  resultsOf(graph: Graph, program: Program): readonly Tensor[] {
    const known = this.results.get(program) ?? new Map<Graph, readonly Tensor[]>();
    this.results.set(program, known);
    const results = known.get(graph) ?? run(graph, program.inputs, this.registry);
    known.set(graph, results);
    return results;
  }

  private derive(program: Program): Attempt<Graph> {
    const { graph } = program;
    const wrt = movingInputs(program).map(({ name }) => name);
    const heads = floatResults(graph);
    if (wrt.length === 0 || heads.length === 0) return { reason: "nothing to differentiate" };
    return attempt(GradientError, () => vjp(graph, { wrt, heads, registry: this.registry }));
  }
}
