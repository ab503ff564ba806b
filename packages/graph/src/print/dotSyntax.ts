/** Control characters, which SVG can't hold, and halves of surrogate pairs, which UTF-8 can't hold. */
const unprintable = /[\p{Cc}\p{Cs}]/gu;

/** What needs no second look: printable ASCII but `"`, `&` and the backslash. */
const plain = /^[ !#-%'-[\]-~]*$/;

function codeOf(char: string): string {
  return `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/**
 * Any text as a quoted DOT string that shows just this text: quotes, backslashes and `&` (Graphviz reads entities) are
 * escaped, and a text like `<b>` stays text. Lines are centred.
 */
export function quote(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  const escaped = text
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("&", "&amp;")
    .replace(/\r\n?|\n/g, "\\n")
    .replace(unprintable, codeOf);
  return `"${escaped}"`;
}

/** What a node of the drawing stands for. */
export type RowKind = "arg" | "const" | "head" | "saved" | "operator" | "savedResult" | "output";

/**
 * Shape and colour per kind. The colours are of the palette of Okabe and Ito (Color Universal Design, 2008), which
 * colour-blind readers tell apart; shapes differ as well.
 */
export const looks: { readonly [K in RowKind]: string } = {
  arg: 'shape=ellipse, style=filled, fillcolor="#56B4E9"',
  const: 'shape=cylinder, style=filled, fillcolor="#CCCCCC"',
  head: 'shape=invhouse, style=filled, fillcolor="#E69F00"',
  saved: 'shape=note, style=filled, fillcolor="#F0E442"',
  operator: 'shape=box, style="rounded,filled", fillcolor="#FFFFFF"',
  savedResult: 'shape=note, style=filled, fillcolor="#F0E442"',
  output: 'shape=doubleoctagon, style=filled, fillcolor="#009E73"',
};

/** A cluster within another; two of one key are one. */
export interface PathStep {
  readonly key: string;
  readonly label: string;
}

/** A row of the drawing: the clusters that it lies in, outermost first, and its statement. */
export interface DotRow {
  readonly path: readonly PathStep[];
  readonly statement: string;
}

export function nodeStatement(id: string, kind: RowKind, label: string, tooltip: string): string {
  return `${id} [label=${quote(label)}, tooltip=${quote(tooltip)}, ${looks[kind]}];`;
}
