import { planPasses, programPasses } from "@adjoint/autograd";
import {
  type Graph,
  type Node,
  nodesOf,
  type Pass,
  type PassRecord,
  type Registry,
  typeOf,
  undo,
} from "@adjoint/graph";
import {
  type GradientObservation,
  type HostFunctions,
  type ObservedRow,
  observe,
  observedValues,
  observedInputs,
  observeGradient,
  profilePlan,
  Runtime,
  type Tensor,
} from "@adjoint/runtime";
import { planData } from "./describePlans.js";
import { walkBackward } from "./reverseWalk.js";
import { RowPool } from "./rowPool.js";
import type {
  OperatorData,
  PlanData,
  Program,
  ReverseWalk,
  Side,
  TraceData,
  ValueData,
} from "./session.js";
import { describeStages, type Stages } from "./stages.js";
import { addValues } from "./valueData.js";

/** A program with its gradient, and what is needed to run both; `autograd.recordingOf` gives one. */
export interface Recorded {
  /** The program, with the saved values after its results. */
  readonly forward: Graph;
  readonly backward: Graph;
  /** What passes did to `backward`. */
  readonly history: readonly PassRecord[];
  /** The numbers that the program read. */
  readonly inputs: readonly Tensor[];
  readonly hosts: HostFunctions;
}

export interface ProgramContext {
  readonly registry: Registry;
  /** Lines of the user's files, by the names that sites use. */
  readonly sources: { readonly [file: string]: readonly string[] };
  readonly trace?: TraceData | undefined;
}

const sides = ["forward", "backward"] as const;
/** Rows up to which values of rows that passes removed are computed too. */
const detailLimit = 2000;
/** Elements of all arrays together that are sent to the page, and bounds for one array. */
const elementBudget = 400_000;
const fewestElements = 16;
const mostElements = 1024;
const mostOfWalk = 256;
/** About how long each plan is run for the times of its steps, in milliseconds. */
const profileTime = 100;

function kindOf(node: Node, graph: Graph, registry: Registry): string {
  const { kernel } = registry.get(node.op);
  if (kernel === undefined) return "composite";
  const ins = node.inputs.map((ref) => typeOf(graph, ref));
  return kernel(ins, node.attrs, node.types).kind;
}

function operatorsOf(graphs: readonly Graph[], registry: Registry): Record<string, OperatorData> {
  const operators: Record<string, OperatorData> = {};
  for (const graph of graphs) {
    for (const node of nodesOf(graph)) {
      if (operators[node.op] !== undefined) continue;
      const { docs, vjp } = registry.get(node.op);
      const noDerivative = vjp !== undefined && "none" in vjp ? vjp.none : undefined;
      operators[node.op] = { docs, noDerivative, kind: kindOf(node, graph, registry) };
    }
  }
  return operators;
}

/** The program without the values that it hands over, which are its last outputs. */
function programOf({ forward, backward }: Pick<Recorded, "forward" | "backward">): Graph {
  const names = new Set(forward.outputs.map(({ name }) => name));
  const saved = backward.inputs.filter(({ role, name }) => role === "saved" && names.has(name));
  return { ...forward, outputs: forward.outputs.slice(0, forward.outputs.length - saved.length) };
}

/** Runs a recorded program in several ways, and collects what comes out. */
class ProgramRun {
  readonly values: { readonly [S in Side]: Record<string, ValueData> } = {
    forward: {},
    backward: {},
  };
  readonly omissions: string[] = [];
  private readonly size: number;
  private readonly most: number;
  private readonly observed: GradientObservation;

  constructor(
    private readonly recorded: Recorded,
    private readonly registry: Registry,
  ) {
    const { forward, backward, inputs, hosts } = recorded;
    this.size = forward.order.length + backward.order.length;
    const share = Math.floor(elementBudget / (this.size + 1));
    this.most = Math.min(mostElements, Math.max(fewestElements, share));
    this.observed = observeGradient({ forward, backward }, inputs, registry, { hosts });
    this.keep("forward", this.observed.forward.rows);
    this.keep("backward", this.observed.backward?.rows ?? []);
    this.observeDerived();
  }

  walk(): ReverseWalk {
    const { backward, hosts } = this.recorded;
    const program = programOf(this.recorded);
    return walkBackward({
      program,
      backward,
      values: observedValues(this.observed.forward),
      hosts,
      registry: this.registry,
      most: Math.min(mostOfWalk, Math.max(1, Math.floor(elementBudget / (3 * this.size + 1)))),
    });
  }

  /** How both graphs are run, with the time of each step. */
  plans(): { readonly [S in Side]: PlanData } {
    const { forward, backward } = this.recorded;
    const options = {
      runtime: new Runtime(),
      hosts: this.recorded.hosts,
      milliseconds: profileTime,
    };
    const plan = (graph: Graph, inputs: readonly Tensor[], passes: readonly Pass[]) =>
      planData(profilePlan(graph, inputs, this.registry, { ...options, passes }));
    return {
      forward: plan(forward, this.inputsOf("forward"), programPasses),
      backward: plan(backward, this.inputsOf("backward"), planPasses),
    };
  }

  /** Values of rows that passes on the way to a plan have made. */
  observePlanned({ late }: Stages): void {
    for (const side of sides) {
      const inputs = this.inputsOf(side);
      const graphs = this.size > detailLimit ? late[side].slice(-1) : late[side];
      for (const graph of graphs) {
        const names = new Set(graph.inputs.map(({ id }) => id));
        const given = this.recorded[side].inputs.filter(({ role }) => role !== "const");
        const read = inputs.filter((_, at) => names.has(given[at]?.id ?? -1));
        this.keep(side, observe(graph, read, this.registry, { hosts: this.recorded.hosts }).rows);
      }
    }
  }

  private inputsOf(side: Side): readonly Tensor[] {
    const observation = this.observed[side];
    return observation === undefined ? [] : observedInputs(observation);
  }

  /** Values of rows that passes removed. */
  private observeDerived(): void {
    const { forward, backward, history, inputs, hosts } = this.recorded;
    if (this.size > detailLimit) {
      this.omissions.push("values of rows that passes removed");
      return;
    }
    const derived = undo(backward, history);
    const graphs = { forward, backward: derived };
    const { backward: observed } = observeGradient(graphs, inputs, this.registry, { hosts });
    this.keep("backward", observed?.rows ?? []);
  }

  private keep(side: Side, rows: readonly ObservedRow[]): void {
    addValues(this.values[side], rows, this.most);
  }
}

/** Everything that the page shows of one recorded program. Runs it a few times. */
export function describeProgram(recorded: Recorded, context: ProgramContext): Program {
  const { forward, backward, history } = recorded;
  const { registry, sources, trace } = context;
  const run = new ProgramRun(recorded, registry);
  const pool = new RowPool();
  const results = programOf(recorded).outputs.length;
  const graphs = { forward, backward, history, results, registry, pool };
  const described = describeStages(graphs);
  const { stages, current, all } = described;
  run.observePlanned(described);
  return {
    name: forward.name,
    rows: pool.rows,
    stages,
    current,
    operators: operatorsOf(all, registry),
    sources,
    walk: run.walk(),
    plans: run.plans(),
    values: run.values,
    trace,
    omissions: run.omissions,
  };
}
