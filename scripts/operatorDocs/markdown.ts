/** A row of a Markdown table. */
export function tableRow(cells: readonly string[]): string {
  const escaped = cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " "));
  return `| ${escaped.join(" | ")} |`;
}

/** A Markdown table; nothing where it has no rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  return [tableRow(head), tableRow(head.map(() => "---")), ...rows.map(tableRow)].join("\n");
}

/** A fenced block of TypeScript. */
export function codeBlock(text: string): string {
  return `\`\`\`ts\n${text}\n\`\`\``;
}

/** The fragment by which GitHub links to a heading. */
export function anchor(heading: string): string {
  return `#${heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-")}`;
}

/** Blocks apart by empty lines; empty ones are left out. */
export function blocks(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}
