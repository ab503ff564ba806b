/** How graphs are written. */
export const formats = ["text", "dot", "svg", "png", "mermaid", "html", "json"] as const;

export type Format = (typeof formats)[number];

/** Formats that need positions, so that their cost grows faster than the graph. */
export function isLaidOut(format: Format): boolean {
  return format === "svg" || format === "png" || format === "mermaid";
}

/** Formats that are drawings: program and gradient side by side, with what goes from one to the other. */
export function isDrawing(format: Format): boolean {
  return isLaidOut(format) || format === "dot" || format === "html";
}

const endings: Readonly<Record<string, Format>> = {
  ".txt": "text",
  ".dot": "dot",
  ".gv": "dot",
  ".svg": "svg",
  ".png": "png",
  ".mmd": "mermaid",
  ".mermaid": "mermaid",
  ".html": "html",
  ".htm": "html",
  ".json": "json",
};

/** The format that a file's ending stands for. */
export function formatOfEnding(ending: string): Format | undefined {
  return endings[ending.toLowerCase()];
}
