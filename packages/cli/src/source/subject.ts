import { gradient, joint } from "@adjoint/autograd";
import {
  equalTypes,
  formatType,
  type Graph,
  type Input,
  isFloat,
  type JointGraphs,
  nearestName,
  type PassRecord,
  sizeOf,
} from "@adjoint/graph";
import type { TraceTree } from "@adjoint/nd";
import { createTensor, type HostFunctions, type Tensor } from "@adjoint/runtime";
import { parse, readStandardInput } from "../host.js";
import type { DumpRequest } from "../request.js";
import { divertOutput } from "../terminal.js";
import { UsageError } from "../usageError.js";
import { parseArgumentSpec } from "./argumentSpec.js";
import { ArgumentValues } from "./argumentValues.js";
import { findSource, type Source } from "./findSource.js";
import { type GraphFile, parseGraphFile, readGraphFile } from "./graphFile.js";
import { libraryOf } from "./library.js";
import { loadArray } from "./loadArray.js";
import { loadFunction, type OnImport } from "./loadModule.js";
import { recordFunction } from "./recordFunction.js";

/** A program with its gradient, and what is needed to run both. */
export interface Subject {
  readonly forward: Graph;
  /** Undefined where only the program is asked for. */
  readonly backward: Graph | undefined;
  /** What passes made of the gradient, first to last. */
  readonly history: readonly PassRecord[];
  /** The numbers of the program's inputs, constants apart. */
  readonly inputs: readonly Tensor[];
  readonly hosts: HostFunctions;
  /** Of a module only. */
  readonly traceTree: TraceTree | undefined;
}

/** What of a request says which program it is about. */
export type SubjectRequest = Pick<
  DumpRequest,
  "source" | "args" | "again" | "wrt" | "order" | "view" | "show"
> & {
  /** The command for examples in messages; default `dump`. */
  readonly command?: string | undefined;
  readonly onImport?: OnImport | undefined;
};

/** A program before anything is derived. */
interface Origin extends Omit<Subject, "forward" | "backward"> {
  /** Without saved values among its outputs. */
  readonly program: Graph;
  /** As it was given, with its gradient if it has one. */
  readonly given: Graph | JointGraphs;
}

const isRead = ({ role }: Input): boolean => role !== "const";

/** Outputs `saved.…`, which an earlier gradient left, are no results. */
function withoutSaved(graph: Graph): Graph {
  return { ...graph, outputs: graph.outputs.filter(({ name }) => !name.startsWith("saved.")) };
}

/** Numbers for the inputs of a graph: as `--arg` gives them, in order, else the default ones. */
async function inputsFor(graph: Graph, args: readonly string[]): Promise<Tensor[]> {
  const inputs = graph.inputs.filter(isRead);
  if (args.length > inputs.length) {
    throw new UsageError(`the graph takes ${inputs.length} arguments, given ${args.length}`);
  }
  const library = await import("@adjoint/nd");
  const values = new ArgumentValues();
  return inputs.map(({ name, type }, position) => {
    const text = args[position];
    const spec = text === undefined ? undefined : parseArgumentSpec(text);
    const tensor =
      spec?.kind === "file"
        ? loadArray(library, spec).tensor()
        : values.next(spec ?? { ...type, fill: undefined });
    if (equalTypes(tensor.type, type)) return tensor;
    throw new UsageError(
      `--arg ${text}: ${formatType(tensor.type)} does not fit ${name}: ${formatType(type)}`,
    );
  });
}

async function ofFile(content: GraphFile, args: readonly string[]): Promise<Origin> {
  const given = content.kind === "gradient" ? content.graphs : content.graph;
  const program = withoutSaved("forward" in given ? given.forward : given);
  const inputs = await inputsFor(program, args);
  return { program, given, history: [], inputs, hosts: new Map(), traceTree: undefined };
}

async function ofModule(source: Source, request: SubjectRequest): Promise<Origin> {
  const args = request.args.map(parseArgumentSpec);
  const again = request.again.map((list) => list.map(parseArgumentSpec));
  const name = source.exported ?? parse(source.path).name;
  const command = `adjoint ${request.command ?? "dump"} ${request.source}`;
  const { recording, traceTree } = await divertOutput(async () => {
    const fn = await loadFunction(source, source.exported, request.onImport);
    const library = await libraryOf(source.path);
    return recordFunction({ library, fn, args, again, name, command });
  });
  const { forward, backward } = recording;
  return { ...recording, given: { forward, backward }, traceTree };
}

function originOf(source: Source, request: SubjectRequest): Promise<Origin> {
  switch (source.kind) {
    case "module":
      return ofModule(source, request);
    case "graph":
      return ofFile(readGraphFile(source.path, source.file), request.args);
    case "stdin":
      return ofFile(parseGraphFile(readStandardInput(), source.file), request.args);
    default:
      return source.kind satisfies never;
  }
}

function variablesOf(graph: Graph): string[] {
  return graph.inputs
    .filter((one) => isRead(one) && isFloat(one.type.dtype))
    .map(({ name }) => name);
}

/** The numbers of a graph that has the program's inputs first: ones for what follows, which are head gradients. */
export function withOnes(graph: Graph, inputs: readonly Tensor[]): Tensor[] {
  const wanted = graph.inputs.filter(isRead);
  return wanted.map(({ type }, position) => {
    const ones = new Array<number>(sizeOf(type.shape)).fill(1);
    return inputs[position] ?? createTensor(type, ones);
  });
}

/** The names to differentiate by, if they are names of variables. */
function namesOf(program: Graph, wrt: readonly string[] | undefined): readonly string[] {
  const variables = variablesOf(program);
  const unknown = wrt?.find((name) => !variables.includes(name));
  if (unknown === undefined) return wrt ?? variables;
  const near = nearestName(unknown, variables);
  const hint = near === undefined ? `variables: ${variables.join(", ")}` : `did you mean ${near}?`;
  throw new UsageError(`--wrt: no variable ${unknown}; ${hint}`);
}

/** The gradient, or the gradient of the gradient, `order` times. */
function derive(origin: Origin, { wrt, order, view, show }: SubjectRequest): Subject {
  const { program, given, ...rest } = origin;
  const isAsGiven = order === 1 && wrt === undefined;
  if (isAsGiven && "forward" in given) return { ...given, ...rest };
  const needsForward = view === "forward" && show.kind !== "nan";
  if (isAsGiven && !("forward" in given) && needsForward) {
    return { forward: given, backward: undefined, ...rest };
  }
  const names = namesOf(program, wrt);
  let subject = program;
  let derived = gradient(program, { wrt: names });
  for (let time = 1; time < order; time++) {
    subject = joint(derived);
    const heads = subject.outputs.slice(-names.length).map(({ name }) => name);
    derived = gradient(subject, { wrt: names, heads });
  }
  const inputs = withOnes(subject, origin.inputs);
  return { ...rest, ...derived, inputs };
}

/**
 * The program that a request is about, with its gradient.
 *
 * @throws UsageError for a request that makes no sense; whatever the user's program throws
 */
export async function loadSubject(request: SubjectRequest, source: string): Promise<Subject> {
  return derive(await originOf(findSource(source), request), request);
}
