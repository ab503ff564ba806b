import { type DrawnEdge, type DrawnRow, fills, type RowKind } from "./drawing.js";

/** Control characters, which SVG can't hold, and halves of surrogate pairs, which UTF-8 can't hold. */
const unprintable = /[\p{Cc}\p{Cs}]/gu;

/** What needs no second look: printable ASCII but `"`, `&` and the backslash. */
const plain = /^[ !#-%'-[\]-~]*$/;

/** What stands for a character that can't be shown: `U+0007`. */
export function codeOf(char: string): string {
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

const filled = "style=filled";

/** Shape and line per kind. */
const looks: { readonly [K in RowKind]: string } = {
  arg: `shape=ellipse, ${filled}`,
  const: `shape=cylinder, ${filled}`,
  head: `shape=invhouse, ${filled}`,
  saved: `shape=note, ${filled}`,
  operator: 'shape=box, style="rounded,filled"',
  savedResult: `shape=note, ${filled}`,
  output: `shape=doubleoctagon, ${filled}`,
  group: `shape=folder, ${filled}`,
  stub: 'shape=box, style="dashed,filled"',
};

export function rowStatement({ id, kind, label, tooltip, fill }: DrawnRow): string {
  const color = `fillcolor="${fill ?? fills[kind]}"`;
  return `${id} [label=${quote(label)}, tooltip=${quote(tooltip)}, ${looks[kind]}, ${color}];`;
}

export function edgeStatement({ from, to, label, tooltip, isDashed }: DrawnEdge): string {
  const style = isDashed ? ", style=dashed" : "";
  return `${from} -> ${to} [label=${quote(label)}, tooltip=${quote(tooltip)}${style}];`;
}
