import type { Graph } from "@adjoint/graph";
import { vmap } from "../src/index.js";
import { type Numbers, runNamed, scattered } from "./support.js";

/** What a mapped graph gives, and what a loop over the examples gives, per output. */
export interface Comparison {
  readonly have: readonly Numbers[];
  readonly want: readonly Numbers[];
}

/** Maps a graph over some of its inputs, with the same numbers for the mapped graph and for a loop. */
export function mappedByLoop(
  graph: Graph,
  batched: readonly string[],
  size: number,
  numbers: (name: string, shape: readonly number[], seed: number) => Numbers = (_, shape, seed) =>
    scattered(shape, seed),
): Comparison {
  const arguments_ = graph.inputs.filter(({ role }) => role !== "const");
  const examples = Array.from({ length: size }, (_, example) =>
    Object.fromEntries(
      arguments_.map(({ name, type }, at) => {
        const seed = at + (batched.includes(name) ? 10 * example : 0);
        return [name, numbers(name, type.shape, seed)];
      }),
    ),
  );
  const inAxes = Object.fromEntries(
    arguments_.flatMap(({ name }) => (batched.includes(name) ? [] : [[name, null] as const])),
  );
  const given = Object.fromEntries(
    arguments_.map(({ name }) => [
      name,
      batched.includes(name)
        ? examples.flatMap((example) => example[name] ?? [])
        : (examples[0]?.[name] ?? []),
    ]),
  );
  const mapped = runNamed(vmap(graph, { size, inAxes }), given);
  const one = examples.map((example) => runNamed(graph, example));
  return {
    have: graph.outputs.map(({ name }) => mapped[name] ?? []),
    want: graph.outputs.map(({ name }) => one.flatMap((results) => results[name] ?? [])),
  };
}
