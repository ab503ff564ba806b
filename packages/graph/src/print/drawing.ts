/** What a row of a drawing stands for. */
export type RowKind =
  | "arg"
  | "const"
  | "head"
  | "saved"
  | "operator"
  | "savedResult"
  | "output"
  /** Several rows as one. */
  | "group"
  /** Rows that the drawing leaves out. */
  | "stub";

/** A cluster within another; two of one key are one. */
export interface PathStep {
  readonly key: string;
  readonly label: string;
}

export interface DrawnRow {
  /** Letters, digits and `_`. */
  readonly id: string;
  readonly kind: RowKind;
  /** May have several lines. */
  readonly label: string;
  readonly tooltip: string;
  /** The clusters that it lies in, outermost first. */
  readonly path: readonly PathStep[];
  /** `#RRGGBB`, instead of the kind's colour. */
  readonly fill: string | undefined;
}

export interface DrawnEdge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly tooltip: string;
  readonly isDashed: boolean;
}

/** Rows in a cluster of their own, or without one where the title is empty. */
export interface Panel {
  /** For ids of clusters. */
  readonly prefix: string;
  readonly title: string;
  readonly rows: readonly DrawnRow[];
}

/** What drawings show, in whatever format. */
export interface Drawing {
  readonly name: string;
  readonly panels: readonly Panel[];
  readonly edges: readonly DrawnEdge[];
}

/** A scope as clusters, nested by `/`. */
export function scopePath(scope: string | undefined): readonly PathStep[] {
  const labels = (scope ?? "").split("/").filter((label) => label !== "");
  return labels.map((label) => ({ key: label, label }));
}

/**
 * The colours are of the palette of Okabe and Ito (Color Universal Design, 2008), which colour-blind readers tell apart;
 * shapes differ as well.
 */
export const fills: { readonly [K in RowKind]: string } = {
  arg: "#56B4E9",
  const: "#CCCCCC",
  head: "#E69F00",
  saved: "#F0E442",
  operator: "#FFFFFF",
  savedResult: "#F0E442",
  output: "#009E73",
  group: "#FFFFFF",
  stub: "#FFFFFF",
};
