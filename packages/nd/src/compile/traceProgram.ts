import { callSite, type Graph } from "@adjoint/graph";
import type { Tensor } from "@adjoint/runtime";
import type { ArrayHost, Leaf, NDArray } from "../array/ndarray.js";
import type { Storage } from "../recording/storage.js";
import { standIns } from "./callPattern.js";
import { Evaluator } from "./evaluator.js";
import { Places, type TapeInput } from "./places.js";
import type { Effect, Program } from "./program.js";
import type { ProgramHost } from "./programHost.js";
import { ProgramTracer } from "./programTracer.js";
import { type Outcome, Reads } from "./reads.js";
import { ResultReader } from "./resultPattern.js";
import type { Source, Sources } from "./source.js";
import { Tape } from "./tape.js";
import type { Tracing } from "./tracing.js";
import { Variables } from "./variables.js";

/** A session in which functions are traced. */
export interface TraceHost extends ProgramHost, ArrayHost {
  /** Runs `body` with `tracing` in the session's place. */
  traced<R>(tracing: Tracing, body: () => R): R;
  evaluate(graph: Graph, inputs: readonly Tensor[]): readonly Tensor[];
}

export interface TraceRequest {
  readonly name: string;
  readonly fn: (...args: readonly unknown[]) => unknown;
  readonly args: readonly unknown[];
  readonly sources: Sources;
  /** What the first reads of values give. */
  readonly forced: readonly Outcome[];
  /** Values that are known where the plans left the known paths, by key. */
  readonly given: ReadonlyMap<string, Tensor>;
  readonly load: (source: Source) => Tensor;
  /** Whether to note the user's lines, which costs more than all the rest. */
  readonly sites: boolean;
}

/** An array that stands for an argument, and the variable that it was at the beginning. */
interface StandIn {
  readonly source: Source;
  readonly leaf: Leaf | undefined;
}

/** Runs a user's function once and writes down what it does. Nothing outside has changed afterwards. */
export function traceProgram(host: TraceHost, request: TraceRequest): Program {
  const { name, sources } = request;
  const tape = new Tape(name, request.sites ? callSite : () => undefined);
  const places = new Places(tape, sources, (array) => settled(host, array));
  const load = ({ source }: TapeInput): Tensor => host.untraced(() => request.load(source));
  const evaluate = (graph: Graph, inputs: readonly Tensor[]) =>
    host.untraced(() => host.evaluate(graph, inputs));
  const evaluator = new Evaluator(tape, places.inputs, load, evaluate, request.given);
  const reads = new Reads(tape, evaluator, request.forced);
  const parts = { tape, places, reads, sources, variables: new Variables(tape) };
  const tracer = new ProgramTracer(host, parts, name);
  const stands = new Map<NDArray, StandIn>();
  try {
    const given = givenArguments(tracer, request, stands);
    const { training } = host.recorder;
    const returned = host.traced(tracer, () =>
      host.recorder.aside(training, () => request.fn(...given)),
    );
    return finished(host, tracer, parts, stands, name, returned);
  } finally {
    tracer.end();
    tape.close();
  }
}

/** The arguments with arrays replaced by what stands for them. */
function givenArguments(
  tracer: ProgramTracer,
  { args, sources }: TraceRequest,
  stands: Map<NDArray, StandIn>,
): readonly unknown[] {
  let position = 0;
  return args.map((arg, at) =>
    standIns(arg, `a${at}`, (array, name) => {
      const source = sources.argument(position, array.type, array.label ?? name);
      const stand = tracer.argument(position, array, name);
      stands.set(stand, { source, leaf: stand.leaf });
      if (array.leaf !== undefined) {
        const { grad } = array.leaf;
        const gradient = sources.gradient(position, grad.type, `${name}.grad`);
        stands.set(grad, { source: gradient, leaf: grad.leaf });
      }
      position++;
      return stand;
    }),
  );
}

function settled(host: TraceHost, array: NDArray): Storage {
  host.untraced(() => array.read());
  const { storage } = array;
  if (storage === undefined) throw new Error("compile: array has no numbers");
  return storage;
}

function finished(
  host: TraceHost,
  tracer: ProgramTracer,
  { tape, places, reads }: { tape: Tape; places: Places; reads: Reads },
  stands: ReadonlyMap<NDArray, StandIn>,
  name: string,
  returned: unknown,
): Program {
  const reader = new ResultReader(
    name,
    places,
    (array) => stands.get(array)?.source,
    ({ emitter }) => (emitter === host ? "outside" : emitter === tracer ? "run" : undefined),
  );
  const result = reader.read(returned);
  const effects: Effect[] = [];
  for (const [stand, { source, leaf }] of stands) {
    const now = stand.leaf;
    if (now === undefined || now === leaf) continue;
    const grad = reader.array(now.grad, "gradient");
    effects.push({ kind: "attach", source, grad, req: now.req });
  }
  for (const { source, value } of places.written) {
    if (source.origin.kind !== "random") effects.push({ kind: "write", source, value });
  }
  const state = tracer.nextRandomState;
  if (state !== undefined) effects.push({ kind: "random", value: places.contents(state) });
  return {
    tape,
    inputs: places.inputs,
    sources: new Map(places.inputs.map(({ value, source }) => [value.id, source])),
    guards: reads.guards,
    outputs: reader.outputs,
    result,
    repeats: reader.repeats,
    effects,
  };
}
