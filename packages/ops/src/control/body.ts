import {
  ArgumentError,
  equalTypes,
  formatType,
  type Graph,
  isFloat,
  nodesOf,
  ShapeError,
  sizeOf,
  type TensorType,
  typeOf,
} from "@adjoint/graph";
import { nth } from "../core/define.js";
import { parametersOf } from "./inline.js";

/** The types that a body gives. */
export function resultTypes(body: Graph): readonly TensorType[] {
  return body.outputs.map(({ ref }) => typeOf(body, ref));
}

/** Refuses arguments that are not of the types that the body takes. */
export function checkArguments(op: string, body: Graph, given: readonly TensorType[]): void {
  const wanted = parametersOf(body).map(({ type }) => type);
  if (sameTypes(wanted, given)) return;
  throw new ArgumentError({
    op,
    problem: `arguments do not fit the inputs of ${body.name}`,
    received: formatTypes(given),
    allowed: formatTypes(wanted),
  });
}

export function sameTypes(a: readonly TensorType[], b: readonly TensorType[]): boolean {
  return a.length === b.length && a.every((type, at) => equalTypes(type, nth("body", b, at)));
}

export function formatTypes(types: readonly TensorType[]): string {
  return types.map(formatType).join(", ") || "nothing";
}

/** True for types that gradients are computed in, as `attachGrad` has it. */
export function carriesGradient({ dtype }: TensorType): boolean {
  return isFloat(dtype) || dtype === "int32";
}

/**
 * Which parameters of a loop's body gradients flow to: those that are `active` before the first iteration, and states
 * that depend on such in any iteration.
 */
export function activeParameters(
  body: Graph,
  states: number,
  active: readonly boolean[],
): readonly boolean[] {
  const parameters = parametersOf(body);
  let known = parameters.map(({ type }, at) => carriesGradient(type) && active[at] === true);
  for (let grown = true; grown; ) {
    const rows = new Set(parameters.flatMap(({ id }, at) => (known[at] === true ? [id] : [])));
    for (const { id, inputs } of nodesOf(body)) {
      if (inputs.some(({ node }) => rows.has(node))) rows.add(id);
    }
    const next = known.map(
      (is, at) =>
        is ||
        (at < states &&
          carriesGradient(nth("body", parameters, at).type) &&
          rows.has(nth("body", body.outputs, at).ref.node)),
    );
    grown = next.some((is, at) => is !== known[at]);
    known = next;
  }
  return known;
}

/** The graph without parameters that nothing in it reads, and which ones are left. */
export function withoutUnread(graph: Graph): {
  readonly graph: Graph;
  readonly read: readonly boolean[];
} {
  const used = new Set(graph.outputs.map(({ ref }) => ref.node));
  for (const { inputs } of nodesOf(graph)) for (const { node } of inputs) used.add(node);
  const read = parametersOf(graph).map(({ id }) => used.has(id));
  const inputs = graph.inputs.filter(({ role, id }) => role === "const" || used.has(id));
  return { graph: { ...graph, inputs }, read };
}

/** Refuses anything but one array of one element. */
export function checkPredicate(op: string, what: string, types: readonly TensorType[]): void {
  const [type, ...others] = types;
  if (type !== undefined && others.length === 0 && sizeOf(type.shape) === 1) return;
  throw new ShapeError({
    op,
    problem: `${what} is not one element`,
    received: formatTypes(types),
    allowed: "an array of one element",
  });
}
