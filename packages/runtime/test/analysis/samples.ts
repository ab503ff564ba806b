import { gradient } from "@adjoint/autograd";
import { Builder, type Graph, type Shape, type TensorType, type Value } from "@adjoint/graph";

export const float = (...shape: Shape): TensorType => ({ dtype: "float32", shape });

/** A graph of one result. */
export function graphOf(
  name: string,
  types: Readonly<Record<string, TensorType>>,
  make: (ins: readonly Value[], builder: Builder) => Value,
): Graph {
  const builder = new Builder(name);
  const ins = Object.entries(types).map(([key, type]) => builder.input(key, type));
  builder.output("y", make(ins, builder));
  return builder.finish();
}

/** The values of a list that is known to have them. */
export function pair<T>(list: readonly T[]): readonly [T, T] {
  const [a, b] = list;
  if (a === undefined || b === undefined) throw new Error("two values are needed");
  return [a, b];
}

export const gradientOf = (graph: Graph) => gradient(graph);
