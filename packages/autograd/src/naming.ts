import {
  ArgumentError,
  type Graph,
  isFloat,
  nearestName,
  type Ref,
  refKey,
  typeOf,
} from "@adjoint/graph";

/** A value of a graph, and what to call things that belong to it. */
export interface Named {
  readonly name: string;
  readonly ref: Ref;
}

/** The inputs of a graph but for its constants. */
export function inputsOf(graph: Graph): Named[] {
  return graph.inputs
    .filter(({ role }) => role !== "const")
    .map(({ name, id }) => ({ name, ref: { node: id, out: 0 } }));
}

/** The inputs that carry gradients: those of a floating dtype. */
export function floatInputs(graph: Graph): readonly Named[] {
  return inputsOf(graph).filter(({ ref }) => isFloat(typeOf(graph, ref).dtype));
}

/** The outputs that carry gradients: those of a floating dtype. */
export function floatOutputs(graph: Graph): readonly Named[] {
  return graph.outputs.filter(({ ref }) => isFloat(typeOf(graph, ref).dtype));
}

export function namesOf(values: readonly Named[]): string[] {
  return values.map(({ name }) => name);
}

/**
 * The values that an option names: one of `choices` by its name, or any value of the graph; all
 * choices where nothing is given.
 *
 * @throws ArgumentError for a name that is not among the choices
 */
export function resolveNames(
  op: string,
  option: string,
  given: readonly (string | Ref)[] | undefined,
  graph: Graph,
  choices: readonly Named[],
): readonly Named[] {
  return given?.map((one) => resolveName(op, option, one, graph, choices)) ?? choices;
}

/**
 * The one value that an option names; it need not be given where there is only one choice.
 *
 * @throws ArgumentError for a name that is not among the choices, or none where there are several
 */
export function resolveOnly(
  op: string,
  option: string,
  given: string | undefined,
  graph: Graph,
  choices: readonly Named[],
): Named {
  if (given !== undefined) return resolveName(op, option, given, graph, choices);
  const [only, ...others] = choices;
  if (only !== undefined && others.length === 0) return only;
  throw new ArgumentError({
    op,
    problem: `${option} must name a value of graph ${graph.name}`,
    received: "nothing",
    allowed: choices.length === 0 ? "none has a floating dtype" : namesOf(choices).join(", "),
  });
}

function resolveName(
  op: string,
  option: string,
  one: string | Ref,
  graph: Graph,
  choices: readonly Named[],
): Named {
  if (typeof one !== "string") {
    const input = graph.inputs.find(({ id }) => id === one.node);
    return { name: input?.name ?? (one.out === 0 ? String(one.node) : refKey(one)), ref: one };
  }
  const found = choices.find(({ name }) => name === one);
  if (found !== undefined) return found;
  const names = namesOf(choices);
  throw new ArgumentError({
    op,
    problem: `${option} names nothing in graph ${graph.name}`,
    received: one,
    allowed: nearestName(one, names) ?? names.join(", "),
  });
}

/** The name, with as many primes as it takes to differ from the others. */
export function unused(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  while (taken.has(free)) free += "'";
  return free;
}
