/** One change of a graph, as immer writes them: what happens at a path from the root, and the value that stands there then. */
export interface Patch {
  readonly op: "add" | "remove" | "replace";
  readonly path: (string | number)[];
  readonly value?: unknown;
}
