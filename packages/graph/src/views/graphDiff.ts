import type { Graph, NodeId } from "../graph.js";

/** What of a row can differ. */
export type RowAspect =
  | "operator"
  | "inputs"
  | "attributes"
  | "types"
  | "scope"
  | "name"
  | "role"
  | "constant"
  /** Of an input among the inputs, where none is added or removed. */
  | "position";

/** What became of one row. */
export type RowChange =
  | { readonly kind: "same"; readonly before: NodeId; readonly after: NodeId }
  | {
      readonly kind: "changed";
      readonly before: NodeId;
      readonly after: NodeId;
      readonly aspects: readonly RowAspect[];
    }
  | { readonly kind: "added"; readonly after: NodeId }
  | { readonly kind: "removed"; readonly before: NodeId };

/** What became of one output, by its name. */
export interface OutputChange {
  readonly kind: "added" | "removed" | "changed";
  readonly name: string;
}

/** The difference of two graphs. */
export interface GraphDiff {
  readonly kind: "diff";
  readonly before: Graph;
  readonly after: Graph;
  /** By which the rows of the two were paired. */
  readonly matchedBy: "id" | "structure";
  /** Every row of both, in the order of `after`; removed ones where they stood. */
  readonly rows: readonly RowChange[];
  /** Outputs that differ; empty where all are the same in the same order. */
  readonly outputs: readonly OutputChange[];
}
