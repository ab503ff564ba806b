import { type Graph, nearestName, type NodeId } from "@adjoint/graph";
import { UsageError } from "../usageError.js";

/** What `--around` names: a row of the one graph, or of either of two. */
export interface RowName {
  /** `f` and `b` as drawings number the rows of program and gradient; undefined without a letter. */
  readonly side: "f" | "b" | undefined;
  readonly id: NodeId | undefined;
  readonly text: string;
}

/** Reads `%5`, `5`, `f5`, `b30`; anything else is the name of an input. */
export function readRowName(text: string): RowName {
  const { side, id } = /^%?(?<side>[fb])?(?<id>\d+)$/.exec(text)?.groups ?? {};
  return {
    side: side === "f" || side === "b" ? side : undefined,
    id: id === undefined ? undefined : Number(id),
    text,
  };
}

/** The row of this id or name. */
export function rowIn(graph: Graph, { id, text }: RowName): NodeId {
  const name = text.replace(/^%/, "");
  const row =
    id === undefined
      ? graph.inputs.find((input) => input.name === name)?.id
      : [...graph.inputs.map((input) => input.id), ...graph.order].find((one) => one === id);
  if (row !== undefined) return row;
  const near = nearestName(
    name,
    graph.inputs.map((input) => input.name),
  );
  const hint = near === undefined || id !== undefined ? "" : `; did you mean ${near}?`;
  throw new UsageError(`--around ${text}: no such row in ${graph.name}${hint}`);
}
