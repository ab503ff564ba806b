import { type Graph, hashGraph, type TensorType } from "@adjoint/graph";
import type { NDArray } from "../array/ndarray.js";
import { session } from "../session.js";
import { BodyTracer } from "./bodyTracer.js";

/** A parameter of a body. */
export interface Parameter {
  readonly name: string;
  readonly type: TensorType;
}

/** A body as a graph, and the arrays from outside that it reads, after its own parameters. */
export interface Body {
  readonly graph: Graph;
  readonly captured: readonly NDArray[];
}

/** Parameters named by their kind and position. */
export function parametersOf(kind: string, types: readonly TensorType[]): readonly Parameter[] {
  return types.map((type, at) => ({ name: `${kind}${at}`, type }));
}

/**
 * One run of a user's function on arrays without numbers. Random numbers drawn in it advance a state of the body's own,
 * which whoever makes a node of the body hands in and takes out: the state is a parameter after the first `states`.
 */
export class TracedBody<R> {
  readonly result: R;
  private readonly tracer: BodyTracer;
  private readonly firstState: NDArray;
  private readonly lastState: NDArray;

  constructor(
    op: string,
    name: string,
    parameters: readonly Parameter[],
    private readonly states: number,
    run: (arrays: readonly NDArray[]) => R,
  ) {
    const outer = session.randomState;
    this.tracer = new BodyTracer(session, op, name);
    const arrays = parameters.map(({ name, type }) => this.tracer.input(name, type));
    this.firstState = this.tracer.lateInput("random", outer.type);
    session.tracers.push(this.tracer);
    session.randomState = this.firstState;
    try {
      this.result = run(arrays);
    } finally {
      this.lastState = session.randomState;
      session.randomState = outer;
      session.tracers.pop();
    }
  }

  /** Whether random numbers were drawn. */
  get draws(): boolean {
    return this.lastState !== this.firstState;
  }

  /**
   * The graph that gives `outputs`. The random state is a parameter after the states if the body `takes` it, and a result
   * after the next states if it `gives` it.
   */
  finish(outputs: readonly NDArray[], takes = this.draws, gives = takes): Body {
    const { states, tracer, firstState, lastState } = this;
    if (takes) tracer.require(firstState);
    const results = gives
      ? [...outputs.slice(0, states), lastState, ...outputs.slice(states)]
      : outputs;
    const graph = tracer.finish(results);
    const state = graph.inputs.filter(({ name }) => name === "random");
    const others = graph.inputs.filter(({ name }) => name !== "random");
    const inputs = [...others.slice(0, states), ...state, ...others.slice(states)];
    return {
      graph: interned(Object.freeze({ ...graph, inputs: Object.freeze(inputs) })),
      captured: tracer.captured,
    };
  }
}

/** The first graph seen that is the same, so that a path through it counts as known. */
function interned(graph: Graph): Graph {
  const key = hashGraph(graph);
  const known = session.bodies.get(key);
  if (known !== undefined) return known;
  session.bodies.set(key, graph);
  return graph;
}

/** Takes a random state that a node left over as the session's own, without a way back for gradients. */
export function keepRandomState(state: NDArray): void {
  session.randomState = state.tracked ? state.detach() : state;
}
