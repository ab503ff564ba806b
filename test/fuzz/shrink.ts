import {
  ArgumentError,
  equalTypes,
  type Graph,
  nodesOf,
  type Ref,
  refKey,
  type Registry,
  sizeOf,
} from "@adjoint/graph";
import { createTensor, type Tensor, toNumbers } from "@adjoint/runtime";
import { judge, refusal } from "./judge.js";
import { attempt, type Law } from "./laws/law.js";
import { type Program, run } from "./program.js";
import { rebuild } from "./rebuild.js";

export interface Shrunk {
  readonly program: Program;
  /** What the law says of it. */
  readonly detail: string;
  /** How many programs were tried. */
  readonly attempts: number;
}

type Candidate = () => Program | undefined;

const mostAttempts = 1500;

/**
 * The smallest program found that breaks the law: fewer results, values given instead of computed, nodes left out,
 * simpler numbers. `program` has to break it.
 */
export function shrink(program: Program, law: Law, registry: Registry): Shrunk {
  let best = program;
  let detail = brokenDetail(law, program) ?? "";
  let attempts = 0;
  const isBroken = (candidate: Program): boolean => {
    attempts++;
    if (refusal(candidate, registry) !== undefined) return false;
    const found = brokenDetail(law, candidate);
    if (found !== undefined) detail = found;
    return found !== undefined;
  };
  for (let shrunk = true; shrunk && attempts < mostAttempts; ) {
    shrunk = false;
    for (const candidate of candidatesOf(best, registry)) {
      const smaller = candidate();
      if (smaller === undefined || attempts >= mostAttempts || !isBroken(smaller)) continue;
      best = smaller;
      shrunk = true;
      break;
    }
  }
  return { program: best, detail, attempts };
}

function brokenDetail(law: Law, program: Program): string | undefined {
  const verdict = judge(law, program);
  return verdict.kind === "broken" ? verdict.detail : undefined;
}

function candidatesOf(program: Program, registry: Registry): Candidate[] {
  return [
    ...earlierResults(program, registry),
    ...fewerResults(program, registry),
    ...valuesAsInputs(program, registry),
    ...withoutNodes(program, registry),
    ...simplerNumbers(program),
  ];
}

/** The program with another graph; arguments that it does not take any more go. */
function withGraph(program: Program, graph: Graph, added: Program["inputs"] = {}): Program {
  const names = new Set(graph.inputs.map(({ name }) => name));
  const inputs = Object.entries({ ...program.inputs, ...added }).filter(([name]) =>
    names.has(name),
  );
  const held = Object.entries(added).filter(([, { type }]) => sizeOf(type.shape) > 1000);
  return {
    ...program,
    graph,
    inputs: Object.fromEntries(inputs),
    held: [...program.held, ...held.map(([name]) => name)],
  };
}

/** A value on the way as the only result. */
function earlierResults(program: Program, registry: Registry): Candidate[] {
  const { graph } = program;
  return valuesOf(graph).map((ref) => () => {
    const shorter = rebuild(graph, registry, { outputs: [{ name: "y", ref }] });
    const isShorter =
      shorter.order.length < graph.order.length || shorter.outputs.length < graph.outputs.length;
    return isShorter ? withGraph(program, shorter) : undefined;
  });
}

function fewerResults(program: Program, registry: Registry): Candidate[] {
  const { outputs } = program.graph;
  if (outputs.length === 1) return [];
  const halves = [outputs.slice(0, outputs.length >> 1), outputs.slice(outputs.length >> 1)];
  const without = outputs.map((one) => outputs.filter((other) => other !== one));
  return [...halves, ...without].map(
    (kept) => () => withGraph(program, rebuild(program.graph, registry, { outputs: kept })),
  );
}

/** The numbers of a value; undefined where they are refused, as those near a limit may be on another way. */
function numbersOf(ref: Ref, { graph, inputs }: Program, registry: Registry): Tensor | undefined {
  const ending = { ...graph, outputs: [{ name: "value", ref }] };
  const attempted = attempt(ArgumentError, () => run(ending, inputs, registry));
  return "reason" in attempted ? undefined : attempted.value[0];
}

/** Late values first: what comes before them is not needed any more. */
function valuesAsInputs(program: Program, registry: Registry): Candidate[] {
  const { graph } = program;
  const taken = new Set(graph.inputs.map(({ name }) => name));
  let name = "v";
  for (let count = 0; taken.has(name); count++) name = `v${count}`;
  return valuesOf(graph)
    .reverse()
    .filter(
      (ref) =>
        graph.outputs.length > 1 || !graph.outputs.some(({ ref: out }) => out.node === ref.node),
    )
    .map((ref) => () => {
      const value = numbersOf(ref, program, registry);
      if (value === undefined) return undefined;
      const cut = rebuild(graph, registry, {
        replace: (other, builder) =>
          refKey(other) === refKey(ref) ? builder.input(name, value.type) : undefined,
      });
      return cut.order.length < graph.order.length
        ? withGraph(program, cut, { [name]: value })
        : undefined;
    });
}

function valuesOf(graph: Graph): Ref[] {
  return nodesOf(graph).flatMap(({ id, types }) => types.map((_, out) => ({ node: id, out })));
}

/** A value of the same type in place of a node's result. */
function withoutNodes(program: Program, registry: Registry): Candidate[] {
  const { graph } = program;
  return nodesOf(graph).flatMap(({ id, inputs, types }) =>
    types.flatMap((type, out) =>
      inputs
        .filter((ref) => equalTypes(typeAt(graph, ref) ?? type, type))
        .map((ref) => () => {
          const shorter = rebuild(graph, registry, {
            replace: (other, _, resolve) =>
              other.node === id && other.out === out ? resolve(ref) : undefined,
          });
          return shorter.order.length < graph.order.length
            ? withGraph(program, shorter)
            : undefined;
        }),
    ),
  );
}

function typeAt(graph: Graph, ref: Ref) {
  const node = graph.nodes[ref.node];
  return node?.types[ref.out] ?? graph.inputs.find(({ id }) => id === ref.node)?.type;
}

/** Ones, and numbers with few digits; a state stays what it is. */
function simplerNumbers(program: Program): Candidate[] {
  return Object.entries(program.inputs).flatMap(([name, tensor]) => {
    if (program.held.includes(name)) return [];
    const numbers = toNumbers(tensor);
    const simpler = [numbers.map(() => 1), numbers.map((one) => Number(one.toPrecision(1)))];
    return simpler
      .filter((list) => list.some((one, at) => !Object.is(one, numbers[at])))
      .map((list) => () => ({
        ...program,
        inputs: { ...program.inputs, [name]: createTensor(tensor.type, list) satisfies Tensor },
      }));
  });
}
